"""The commands `profile init | check | schema`: what they write, ask for and print."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from click.testing import CliRunner, Result

from conformance.cli import profile as cli_profile
from conformance.cli.main import main
from conformance.profile.loading import load
from conformance.run.embedded import default_profile

EXAMPLES = default_profile().parent
VARIABLES = {
    f"{name}_PASSWORD": "Secret@2024"
    for name in ("ADMINISTRATOR", "CASHIER", "CITIZEN", "INTEGRATOR", "RIVAL")
}
FLAGS = ["--name", "my town", "--base-url", "https://d.my-town.in/up", "--tenant", "ka.mysuru"]
KINDS = list(cli_profile.KINDS)
# What has no default, and what a style of outcomes needs.
GIVEN = {
    "actors": {
        name: {"username": name, "password": f"${{{name.upper()}_PASSWORD}}"}
        for name in ("administrator", "cashier")
    },
    "outcome": {
        "gateway": "AXIS",
        "simulator": {"public_url": "http://10.0.0.5:8081"},
        "hook": {"url": "https://tools.my-town.in/outcomes"},
    },
    "bills": {"business_service": "PT", "tax_head": "PT_TAX"},
}


def run(*arguments: str, entered: str | None = None) -> Result:
    return CliRunner(env=VARIABLES).invoke(main, ["profile", *arguments], input=entered)


def begun(folder: Path, settings: Mapping[str, Any] = GIVEN) -> list[str]:
    """Return the options of an unfinished profile that holds some settings."""
    path = folder / "begun.yaml"
    path.write_text(json.dumps(settings), encoding="utf-8")
    (folder / "consumer-codes.csv").write_text("consumer_code\n", encoding="utf-8")
    return ["--offline", "--from", str(path)]


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_profile, "_somebody_is_there", lambda: True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("style", cli_profile.STYLES)
def test_init_writes_a_profile_that_is_in_order(tmp_path: Path, kind: str, style: str) -> None:
    path = tmp_path / "town.yaml"
    options = ["--kind", kind, "--outcome", style, *FLAGS, *begun(tmp_path)]
    done = run("init", str(path), *options)
    assert done.exit_code == 0, done.output
    target = load(path, environ=VARIABLES).target
    pays = f"A run may pay up to {target.limits.rupees_per_run} rupees"
    assert (pays in done.output) == ("A run may pay" in done.output) == (kind != "production")
    assert (target.name, target.base_url) == ("my town", "https://d.my-town.in/up")
    assert (target.tenant, target.state_tenant, target.other_tenant) == ("ka.mysuru", "ka", "")
    assert target.production == (kind == "production")
    assert target.bills.provision == {"test": "demands", "pool": "pool"}.get(kind, "none")
    assert target.outcome.style == style
    text = path.read_text(encoding="utf-8")
    assert "Secret@2024" not in text
    assert Path(text.partition("$schema=")[2].partition("\n")[0]).is_file()
    checked = run("check", str(path))
    assert checked.exit_code == 0, checked.output
    assert "the profile has no mistakes" in checked.output
    assert f"doctor --target {path}" in checked.output


def test_what_is_left_out_stands_in_the_file_as_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    run("init", str(path), *FLAGS, *begun(tmp_path))
    text = path.read_text(encoding="utf-8")
    assert "\n#   second_egress: local:ADDRESS" in text
    assert "\n#   inactive_gateway: GATEWAY" in text
    path.write_text(text.replace("#   inactive_gateway: GATEWAY", "  inactive_gateway: PAYTM"))
    assert load(path, environ=VARIABLES).target.outcome.inactive_gateway == "PAYTM"


@pytest.mark.usefixtures("somebody")
def test_init_asks_for_what_nobody_said(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    entered = "https://d.my-town.in\n\nmysuru town\nka.mysuru\n" + "\n" * 20
    done = run("init", str(path), "--name", "my-town", *begun(tmp_path), entered=entered)
    assert done.exit_code == 0, done.output
    assert "Name of the deployment" not in done.output
    assert "Address of the gateway" in done.output
    target = load(path, environ=VARIABLES).target
    assert (target.name, target.base_url) == ("my-town", "https://d.my-town.in")


@pytest.mark.usefixtures("somebody")
def test_a_wrong_answer_is_refused_at_once(tmp_path: Path) -> None:
    answers = ["http://d.my-town.in:99999", "my-town.in", "https://d.my-town.in", "maybe", "no"]
    settings = {**GIVEN, "name": "n", "tenant": "ka.mysuru", "state_tenant": "ka", "role": "R"}
    entered = "\n".join(answers) + "\n" * 20
    path = tmp_path / "town.yaml"
    done = run("init", str(path), *begun(tmp_path, settings), entered=entered)
    assert done.exit_code == 0, done.output
    assert "'http://d.my-town.in:99999': " in done.output
    assert "a port is a number from 1 to 65535" in done.output
    assert "'my-town.in': must be http(s)://" in done.output
    assert "'maybe': is not of the right form" in done.output


@pytest.mark.usefixtures("somebody")
def test_what_only_stands_for_a_value_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    entered = "https://digit.example.org\nhttp://[::1\nhttps://d.my-town.in\n\n\nCITY\nka.mysuru\n"
    done = run("init", str(path), *begun(tmp_path), entered=entered + "\n" * 20)
    assert done.exit_code == 0, done.output
    assert "'https://digit.example.org': https://digit.example.org is an example's address" in (
        done.output
    )
    assert "'CITY': CITY only stands for a value" in done.output


@pytest.mark.usefixtures("somebody")
def test_a_file_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    options = [*FLAGS, "--kind", "pool", *begun(tmp_path)]
    (tmp_path / "consumer-codes.csv").rename(tmp_path / "codes.csv")
    done = run("init", str(path), *options, entered="\n" * 8 + "codes.csv\n" + "\n" * 20)
    assert "'consumer-codes.csv': there is no such file or folder" in done.output
    assert (done.exit_code, load(path, environ=VARIABLES).target.bills.provision) == (0, "pool")


@pytest.mark.usefixtures("somebody")
def test_an_account_of_which_only_the_name_is_known_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    settings = {**GIVEN, "actors": {"administrator": {"username": "chief", "tenant": "ka.hubli"}}}
    done = run("init", str(path), *FLAGS, *begun(tmp_path, settings), entered="\n" * 20)
    assert done.exit_code == 0, done.output
    chief = load(path, environ=VARIABLES).target.actors["administrator"]
    assert (chief.username, chief.tenant, chief.type) == ("chief", "ka.hubli", "EMPLOYEE")
    assert chief.password.get_secret_value() == "Secret@2024"


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("rupees", ["inf", "nan", "-1", "many", "1e99"])
def test_absurd_numbers_are_refused(tmp_path: Path, rupees: str) -> None:
    path = tmp_path / "town.yaml"
    done = run("init", str(path), *FLAGS, *begun(tmp_path), entered="\n" * 17 + f"{rupees}\n70\n")
    assert f"'{rupees}': " in done.output
    assert (done.exit_code, load(path, environ=VARIABLES).target.limits.rupees_per_run) == (0, 70)


@pytest.mark.usefixtures("somebody")
def test_what_was_answered_is_kept_when_somebody_stops(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    entered = "https://d.my-town.in\nmy town\n\nka.mysuru\n"
    done = run("init", str(path), *begun(tmp_path), entered=entered)
    assert done.exit_code == 130
    assert f"Continue with: bbps-conformance profile init {path} --from {path}" in done.output
    kept = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert (kept["name"], kept["tenant"]) == ("my town", "ka.mysuru")
    assert "Unfinished." in path.read_text(encoding="utf-8")
    again = run("init", str(path), "--offline", "--from", str(path), entered="\n" * 20)
    assert again.exit_code == 0, again.output
    assert "Name of the deployment" not in again.output
    assert "Unfinished." not in path.read_text(encoding="utf-8")
    assert load(path, environ=VARIABLES).target.name == "my town"


def test_settings_without_a_question_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    more = {"limits": {"retries": 1}, "network": {"headers": {"X-City": "M: 1, #2"}},
            "not_applicable": {"PAY-12": "nobody cancels or remits there"}}  # fmt: skip
    done = run("init", str(path), *FLAGS, *begun(tmp_path, GIVEN | more))
    assert done.exit_code == 0, done.output
    target = load(path, environ=VARIABLES).target
    assert target.limits.retries == 1
    assert target.network.headers["X-City"].get_secret_value() == "M: 1, #2"
    assert target.not_applicable == more["not_applicable"]


def test_init_without_terminal_names_what_is_missing(tmp_path: Path) -> None:
    done = run("init", str(tmp_path / "town.yaml"), "--name", "my-town")
    assert done.exit_code == 2
    assert "--base-url, --tenant, actors.administrator in a file for --from" in done.output
    assert not (tmp_path / "town.yaml").exists()
    (without := dict(GIVEN)).pop("bills")
    done = run("init", str(tmp_path / "town.yaml"), *FLAGS, *begun(tmp_path, without))
    assert done.exit_code == 2
    assert "(bills.business_service)" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--base-url", "d.my-town.in"), ("--state-tenant", "p b"), ("--name", "")],
)
def test_init_refuses_what_breaks_the_profile(tmp_path: Path, flag: str, value: str) -> None:
    options = [*FLAGS, *begun(tmp_path), flag, value]
    done = run("init", str(tmp_path / "town.yaml"), *options)
    assert (done.exit_code, flag in done.output, repr(value) in done.output) == (2, True, True)
    assert not (tmp_path / "town.yaml").exists()


@pytest.mark.parametrize("name", ["a: b", "# x", "yes", "007", "{a}", "é \"q\" 'r'", "- a", "a #b"])
def test_any_text_is_read_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / "town.yaml"
    done = run("init", str(path), *FLAGS, *begun(tmp_path), "--name", name)
    assert done.exit_code == 0, done.output
    assert load(path, environ=VARIABLES).target.name == name


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    path.write_text("mine\n", encoding="utf-8")
    done = run("init", str(path), *FLAGS)
    assert (done.exit_code, path.read_text(encoding="utf-8")) == (2, "mine\n")
    absent = run("init", str(tmp_path / "no" / "town.yaml"), *FLAGS, *begun(tmp_path))
    assert (absent.exit_code, "folder" in absent.output) == (2, True)


PLACEHOLDERS = {
    "base_url": "https://digit-test.example.org", "other_tenant": "CITY",
    "network": {"own_address": "203.0.113.5", "second_egress": "local:192.0.2.7"},
    "outcome": {"style": "hook", "hook": {"url": "https://tools.example.com/x"}, "gateway": "<it>"},
}  # fmt: skip


def test_check_refuses_what_only_stands_for_a_value(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    settings = {"name": "n", "tenant": "ka.mysuru", "state_tenant": "ka", **PLACEHOLDERS}
    path.write_text(json.dumps(settings), encoding="utf-8")
    done = run("check", str(path))
    assert done.exit_code == 2
    for place in ("base_url", "other_tenant", "network.own_address", "network.second_egress",
                  "outcome.hook.url", "outcome.gateway"):  # fmt: skip
        assert f"{place}: " in done.output
    assert "6 mistakes" in done.output
    local = settings | {"base_url": "http://127.0.0.1:8080"}  # a rehearsal
    path.write_text(json.dumps(local), encoding="utf-8")
    assert run("check", str(path)).exit_code == 0


def test_check_tells_every_mistake_with_file_path_value_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    path.write_text(
        "name: x\nbase_url: https://x.my-town.in\ntenant: pb.a\nstate_tenant: pb\n"
        "mode: fulll\nlimits: {retry: 3}\nactors: {cashier: {username: c, password: Secret@20}}\n",
        encoding="utf-8",
    )
    done = run("check", str(path))
    assert done.exit_code == 2
    assert f"{path}: 3 mistakes:" in done.output
    assert "line 5: mode: \"fulll\" is none of 'inspect', 'sandbox' or 'full'" in done.output
    assert "actors.cashier.password: the profile contains a secret" in done.output
    assert "line 6: limits.retry: is not a known setting; did you mean retries?" in done.output
    assert "Secret@20" not in done.output
    assert "Traceback" not in done.output


def test_check_says_what_the_mode_may_do(tmp_path: Path) -> None:
    words = {"inspect": "nothing is created", "sandbox": "no money moves", "full": "paid"}
    text = default_profile().read_text(encoding="utf-8")
    for mode, message in words.items():
        path = tmp_path / f"{mode}.yaml"
        path.write_text(text.replace("mode: full", f"mode: {mode}"), encoding="utf-8")
        done = run("check", str(path))
        assert message in done.output
        assert ("rupees per run" in done.output) == (mode == "full")


def test_settings_that_no_example_explains_are_described_in_the_schema() -> None:
    schema = json.loads(run("schema").output)
    sections = {"Target": schema, **schema["$defs"]}
    for section, name in (
        ("Limits", "retries"),
        ("Limits", "requests_in_flight"),
        ("Limits", "quiet_seconds"),
        ("OutcomeSettings", "inactive_gateway"),
        ("OutcomeSettings", "callback_url"),
        ("Target", "clock_url"),
        ("Target", "declared_grants"),
        ("Target", "not_applicable"),
    ):
        assert sections[section]["properties"][name].get("description"), name


def test_shipped_schema_is_fresh_and_the_shipped_profiles_fit_it() -> None:
    printed = run("schema").output
    shipped = (EXAMPLES / "profile.schema.json").read_text(encoding="utf-8")
    assert shipped == printed, "bbps-conformance profile schema > the shipped file"
    validator = jsonschema_rs.validator_for(json.loads(shipped))
    profiles = sorted(EXAMPLES.glob("*.yaml"))
    assert len(profiles) >= 4
    for path in profiles:
        document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert list(validator.iter_errors(document)) == [], path
        if path.stem != "reference":
            assert "$schema=profile.schema.json" in path.read_text(encoding="utf-8")
    assert not validator.is_valid({"name": "x", "moed": "full"})
