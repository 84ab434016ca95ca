"""The commands `profile init | check | schema`: parse, call, print."""

import json
import re
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from conformance.core import resources
from conformance.core.errors import SetupError

EXAMPLES: Final = resources.EXAMPLES / "targets"
KINDS: Final = {
    "test": "test-system.yaml",
    "pool": "bill-pool.yaml",
    "production": "production.yaml",
}
CITY: Final = "pb.amritsar"  # the tenants that the examples write
STATE: Final = "pb"
QUESTIONS: Final = {
    "name": "Name of the deployment",
    "base_url": "Address of its gateway, https://host[/prefix]",
    "tenant": "Tenant of the city, e.g. pb.amritsar",
}
OUTCOMES: Final = {  # style -> the profile's section; the examples hold the first
    "update-parameters": "",
    "gateway-simulator": """\
outcome:                 # the suite serves a payment gateway, and pg-service queries it
  style: gateway-simulator
  gateway: AXIS          # or PAYU, PAYTM: whose status protocol is spoken
  # inactive_gateway: PAYTM   # registered but switched off; without it that is not looked at
  simulator:
    bind: 0.0.0.0        # address of this machine to listen on
    port: 8081
    public_url: http://192.0.2.10:8081   # how pg-service reaches it: its status address
    # merchant: {vpc_User: USER, vpc_Password: "${AXIS_PASSWORD}"}   # looked at, if given
""",
    "command": """\
outcome:                 # one of your programs sets the outcome before each update
  style: command
  gateway: BBPS
  # inactive_gateway: PAYTM   # registered but switched off; without it that is not looked at
  command:               # success, failure or pending; rupees. No shell; code 0 once it is set
    words: [set-outcome, "{transaction}", "{outcome}", "{amount}"]
    timeout_seconds: 30
""",
    "hook": """\
outcome:                 # one of your addresses receives the outcome before each update
  style: hook
  gateway: BBPS
  # inactive_gateway: PAYTM   # registered but switched off; without it that is not looked at
  hook:                  # POST {transaction, outcome, amount, gateway}; 2xx once it is set
    url: https://tools.example.org/outcomes
    # headers: {Authorization: "${HOOK_TOKEN}"}
""",
    "none": "outcome: {style: none}   # success, failure and receipts stay undecided\n",
}
FORMS: Final = {  # characters that need no quotes and break no line of YAML
    "name": re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*"),
    "base_url": re.compile(r"https?://[A-Za-z0-9._~:\[\]/-]+|embedded"),
    "tenant": re.compile(r"[A-Za-z0-9]+(\.[A-Za-z0-9]+)*"),
}


@click.group(name="profile")
def profile_group() -> None:
    """Write, check and describe target profiles."""


@profile_group.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path("target.yaml"))
@click.option(
    "--kind", type=click.Choice(list(KINDS)), default="test", show_default=True,
    help="test: demands are created; pool: bills come from a list; production: read only.",
)  # fmt: skip
@click.option("--name", help="Name of the deployment.")
@click.option("--base-url", help="Address of its gateway.")
@click.option("--tenant", help="Tenant of the city.")
@click.option("--state-tenant", help="Tenant of the state.  [default: the city's first part]")
@click.option(
    "--outcome", type=click.Choice(list(OUTCOMES)), default="update-parameters", show_default=True,
    help="How the deployment learns that a payment succeeded or failed.",
)  # fmt: skip
def init(
    path: Path, kind: str, state_tenant: str | None, outcome: str, **given: str | None
) -> None:
    """Write a commented profile to PATH; questions follow for options that are missing."""
    if path.exists():
        _stop(f"{path} exists already, and was not changed; name another file")
    values = _answers(given)
    state = state_tenant or values["tenant"].partition(".")[0]
    if not FORMS["tenant"].fullmatch(state):
        _stop(f"--state-tenant {state!r}: write a tenant such as {STATE}")
    text = (EXAMPLES / KINDS[kind]).read_text(encoding="utf-8")
    text = text.replace("$schema=profile.schema.json", f"$schema={EXAMPLES}/profile.schema.json")
    text = re.sub(rf"\b{re.escape(CITY)}\b", "\0", text)
    text = re.sub(rf"(tenant: ){STATE}\b(?!\.)", rf"\g<1>{state}", text)
    text = re.sub(r"(?m)^other_tenant: \S+", "# other_tenant: CITY", text)
    text = text.replace("\0", values["tenant"])
    for key in ("name", "base_url"):
        text = re.sub(rf"(?m)^{key}: \S+", f"{key}: {values[key]}", text)
    if OUTCOMES[outcome]:
        text = re.sub(r"(?m)^outcome:.*\n( .*\n)*", "", text).rstrip() + f"\n\n{OUTCOMES[outcome]}"
    _write(path, text)
    click.echo(f"Written: {path}")
    _print_what_it_pays(text)
    click.echo(
        "Next: write your user names under actors, and set the variables that the file names;"
    )
    click.echo(f"then bbps-conformance profile check {path}")


@profile_group.command()
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """Check the profile PATH; all mistakes are shown together, with exit code 2."""
    from conformance.profile.loading import load

    profile = load(path)
    target = profile.target
    click.echo(f"{path}: the profile has no mistakes.")
    click.echo(f"  {target.name} at {target.base_url}, tenant {target.tenant}")
    click.echo(f"  mode {target.mode}: {MODE_WORDS[target.mode]}")
    if target.mode.pays:
        click.echo(f"  at most {target.limits.rupees_per_run} rupees per run")
    click.echo(f"Next: bbps-conformance doctor --target {path}")


MODE_WORDS: Final = {
    "inspect": "nothing is created, changed or paid",
    "sandbox": "demands, users and transactions are created, no money moves",
    "full": "bills are created and paid",
}


@profile_group.command()
def schema() -> None:
    """Print the JSON Schema of profiles, for editors."""
    click.echo(profile_schema(), nl=False)


def profile_schema() -> str:
    """Return the JSON Schema of profiles, as the shipped file holds it."""
    from conformance.profile.target import Target

    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Target.model_json_schema(),
        "title": "Target profile of bbps-conformance",
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _print_what_it_pays(text: str) -> None:
    """Show that a run under the profile moves money, and how much at most, if it does."""
    from conformance.core.parsing import parse_yaml

    profile = parse_yaml(text).value
    if profile["mode"] == "full":
        rupees = profile["limits"]["rupees_per_run"]
        click.echo(f"A run may pay up to {rupees} rupees (mode, limits.rupees_per_run).")


def _answers(given: dict[str, Any]) -> dict[str, str]:
    """Complete the options with answers; without a terminal, name what is missing."""
    missing = [key for key in QUESTIONS if not given[key]]
    if missing and not _somebody_is_there():
        options = ", ".join(f"--{key.replace('_', '-')}" for key in missing)
        _stop(f"there is no terminal for questions; give {options}")
    values = {key: given[key] or click.prompt(QUESTIONS[key]) for key in QUESTIONS}
    for key, value in values.items():
        if not FORMS[key].fullmatch(value):
            _stop(f"--{key.replace('_', '-')} {value!r}: {QUESTIONS[key]}, in plain characters")
    return values


def _somebody_is_there() -> bool:
    return sys.stdin.isatty()


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        _stop(
            f"{path}: cannot be written ({problem.strerror}); name a file in a folder that exists"
        )


def _stop(message: str) -> NoReturn:
    """End with the code of set-up errors and one clear message."""
    raise SetupError(message) from None
