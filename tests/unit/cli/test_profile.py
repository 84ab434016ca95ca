"""The commands `profile init | check | schema`: what they write, ask for and print."""

import json
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
FLAGS = ["--name", "my town", "--base-url", "https://d.example.org/up", "--tenant", "ka.mysuru"]


def run(*arguments: str, entered: str | None = None) -> Result:
    return CliRunner(env=VARIABLES).invoke(main, ["profile", *arguments], input=entered)


@pytest.mark.parametrize("style", ["update-parameters", "gateway-simulator", "command", "hook"])
def test_init_offers_a_gateway_that_is_switched_off(tmp_path: Path, style: str) -> None:
    path = tmp_path / "town.yaml"
    done = run("init", str(path), "--outcome", style, *FLAGS)
    assert done.exit_code == 0, done.output
    text = path.read_text(encoding="utf-8")
    assert "\n  # inactive_gateway: PAYTM" in text
    path.write_text(text.replace("# inactive_gateway", "inactive_gateway"), encoding="utf-8")
    assert load(path, environ=VARIABLES).target.outcome.inactive_gateway == "PAYTM"


@pytest.mark.parametrize("kind", ["test", "pool", "production"])
def test_init_with_flags_writes_a_profile_that_is_in_order(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "town.yaml"
    (tmp_path / "consumer-codes.csv").write_text("consumer_code\n", encoding="utf-8")
    done = run("init", str(path), "--kind", kind, *FLAGS)
    assert done.exit_code == 0, done.output
    target = load(path, environ=VARIABLES).target
    pays = f"A run may pay up to {target.limits.rupees_per_run} rupees"
    assert (pays in done.output) == ("A run may pay" in done.output) == (kind != "production")
    assert (target.name, target.base_url) == ("my town", "https://d.example.org/up")
    assert (target.tenant, target.state_tenant, target.other_tenant) == ("ka.mysuru", "ka", "")
    tenants = {each.tenant for each in target.actors.values()} - {""}
    assert tenants <= {"ka", "ka.mysuru"}
    assert target.production == (kind == "production")
    assert "Secret@2024" not in path.read_text(encoding="utf-8")
    schema = path.read_text(encoding="utf-8").partition("$schema=")[2].partition("\n")[0]
    assert Path(schema).is_file()
    checked = run("check", str(path))
    assert checked.exit_code == 0, checked.output
    assert "the profile has no mistakes" in checked.output
    assert f"doctor --target {path}" in checked.output


@pytest.mark.parametrize("kind", ["test", "pool", "production"])
@pytest.mark.parametrize("style", list(cli_profile.OUTCOMES))
def test_init_writes_every_style_of_outcomes(tmp_path: Path, kind: str, style: str) -> None:
    path = tmp_path / "town.yaml"
    (tmp_path / "consumer-codes.csv").write_text("consumer_code\n", encoding="utf-8")
    done = run("init", str(path), "--kind", kind, "--outcome", style, *FLAGS)
    assert done.exit_code == 0, done.output
    assert load(path, environ=VARIABLES).target.outcome.style == style


def test_init_asks_for_what_no_flag_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_profile, "_somebody_is_there", lambda: True)
    path = tmp_path / "town.yaml"
    responses = "https://d.example.org\nka.mysuru\n"
    done = run("init", str(path), "--name", "my-town", entered=responses)
    assert done.exit_code == 0, done.output
    assert "Name of the deployment" not in done.output
    assert "Address of its gateway" in done.output
    target = load(path, environ=VARIABLES).target
    assert (target.name, target.base_url) == ("my-town", "https://d.example.org")


def test_init_without_terminal_names_the_flags(tmp_path: Path) -> None:
    done = run("init", str(tmp_path / "town.yaml"), "--name", "my-town")
    assert done.exit_code == 2
    assert "--base-url, --tenant" in done.output
    assert not (tmp_path / "town.yaml").exists()


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--name", "a: b"),
        ("--base-url", "d.example.org"),
        ("--tenant", "pb amritsar"),
        ("--state-tenant", "p b"),
    ],
)
def test_init_refuses_what_breaks_the_profile(tmp_path: Path, flag: str, value: str) -> None:
    done = run("init", str(tmp_path / "town.yaml"), *FLAGS, flag, value)
    assert (done.exit_code, flag in done.output, repr(value) in done.output) == (2, True, True)
    assert not (tmp_path / "town.yaml").exists()


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    path.write_text("mine\n", encoding="utf-8")
    done = run("init", str(path), *FLAGS)
    assert (done.exit_code, path.read_text(encoding="utf-8")) == (2, "mine\n")
    absent = run("init", str(tmp_path / "no" / "town.yaml"), *FLAGS)
    assert (absent.exit_code, "folder" in absent.output) == (2, True)


def test_check_tells_every_mistake_with_file_path_value_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    path.write_text(
        "name: x\nbase_url: https://x.example.org\ntenant: pb.a\nstate_tenant: pb\n"
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
