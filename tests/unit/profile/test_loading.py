"""Profiles: every mistake at once, secrets by reference, what ranks above what."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.core.errors import SetupError
from conformance.profile.loading import Profile, load
from conformance.profile.target import Mode
from conformance.run.embedded import default_profile

EXAMPLES = default_profile().parent
OWN = "https://digit.my-town.in"
SHIPPED = sorted(EXAMPLES.glob("*.yaml"))
SECRET = "Hunter@2024"
MINIMAL = {"name": "x", "base_url": "https://x.my-town.in", "tenant": "pb.a", "state_tenant": "pb"}


def written(folder: Path, document: Mapping[str, Any] | str) -> Path:
    path = folder / "target.yaml"
    text = document if isinstance(document, str) else yaml.safe_dump(dict(document))
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, document: Mapping[str, Any] | str, **environ: str) -> str:
    path = written(folder, document)
    with pytest.raises(SetupError) as problem:
        load(path, environ=environ)
    message = str(problem.value)
    assert str(path) in message
    assert SECRET not in message
    return message


def of(folder: Path, document: Mapping[str, Any], **environ: str) -> Profile:
    return load(written(folder, document), environ=environ)


@pytest.mark.parametrize(
    "address", ["http://city.example:999999", "http://city.example:0x50", "http://city.example\n/x"]
)
def test_address_that_nobody_can_call_is_a_mistake(tmp_path: Path, address: str) -> None:
    assert "must be http(s)://host[:port]" in mistakes(tmp_path, MINIMAL | {"base_url": address})


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (f"name: 0x{'f' * 5000}\n", "line 1, column 7: a number is too long or invalid"),
        ("bills: {pool: ~nobody-of-that-name/x.csv}\n", "line 1: bills.pool: there is no file"),
        (f"bills: {{pool: {'a' * 300}}}\n", "line 1: bills.pool: there is no file"),
        (f"mdms: {{repository: {'a' * 300}}}\n", "line 1: mdms.repository: there is no folder"),
        ("limits: {timeout_seconds: inf}\n", 'limits.timeout_seconds: "inf" is more than 86400'),
        ("limits: {settle_seconds: 1e300}\n", "limits.settle_seconds: 1E+300 is more than 86400"),
        ("limits: {requests_per_second: 1e-320}\n", "1E-320 is less than 0.01; write 0.01"),
        ("limits: {rupees_per_run: 1e3000}\n", "limits.rupees_per_run: 1E+3000 is more than"),
        ("bills: {amount: 100.005}\n", "bills.amount: 100.005 is not an amount in rupees"),
        ("outcome: {hook: {timeout_seconds: 1e300}}\n", "timeout_seconds: 1E+300 is more than"),
    ],
)
def test_what_no_clock_no_file_system_and_no_sum_takes_is_a_mistake(
    tmp_path: Path, document: str, words: str
) -> None:
    assert words in mistakes(tmp_path, document)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    message = mistakes(
        tmp_path,
        {
            "base_url": "ftp://x",
            "moed": "full",
            "tenant": "pb.a",
            "state_tenant": "pb",
            "actors": {"cashier": {"username": "c", "password": "${NOWHERE}"}},
            "bills": {"amount": -1, "pool": "no.csv", "tax_period": "2026-05-01..2026-04-01"},
            "network": {"egress": "socks5://x", "ca_file": "no.pem", "prefixes": {"a/b": "c"}},
            "timezone": "Asia/Amritsar",
            "clock_url": "http://127.0.0.1/reference/clock",
            "limits": {"retries": 99},
        },
    )
    expected = {
        "name": "is missing",
        "base_url": '"ftp://x" must be http(s)://',
        "moed": "did you mean mode?",
        "actors.cashier.password": "the environment variable NOWHERE is not set; export NOWHERE",
        "bills.amount": "-1 is not greater than 0",
        "bills.pool": "no.csv; create it or correct the path",
        "bills.tax_period": "FIRST..LAST",
        "network.egress": "http(s)://proxy:port",
        "network.ca_file": "there is no file",
        "network.prefixes": "maps a service's first path segment",
        "timezone": '"Asia/Amritsar" is not a time zone',
        "clock_url": "must be a path below base_url",
        "limits.retries": "99 is more than 10; write 10 or a smaller number",
    }
    lines = {
        line.strip("- ").split(":")[1].strip(): line
        for line in message.splitlines()
        if "  - " in line
    }
    assert lines.keys() == expected.keys()
    for place, words in expected.items():
        assert words in lines[place], lines[place]
    assert f"{len(expected)} mistakes:" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing where a mapping"),
        ("- a\n", "a list where a mapping"),
        ("name: [\n", "line 1: not YAML"),
        ("name: x\n\tbase: y\n", "line 2, column 1"),
    ],
    ids=["empty", "list", "open bracket", "tab"],
)
def test_no_profile_at_all(tmp_path: Path, text: str, message: str) -> None:
    assert message in mistakes(tmp_path, text)


def test_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Else the last one would win: somebody who reads `mode: inspect` would pay bills."""
    text = "name: x\nmode: inspect\ntenant: pb.a\nmode: full\n"
    assert "line 4: the key 'mode' is given twice, first in line 2" in mistakes(tmp_path, text)


def test_mistake_in_the_environment_says_so(tmp_path: Path) -> None:
    message = mistakes(tmp_path, MINIMAL, BBPS_MODE="fast")
    assert (
        "mode: \"fast\" is none of 'inspect', 'sandbox' or 'full' (given by environment)" in message
    )


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"absent\.yaml: cannot be read"):
        load(tmp_path / "absent.yaml")
    (tmp_path / "target.yaml").write_bytes(b"name: \xff\n")
    with pytest.raises(SetupError, match="UTF-8"):
        load(tmp_path / "target.yaml")


SECRETS = {
    "actors.cashier.password": {"actors": {"cashier": {"username": "c", "password": SECRET}}},
    "oauth.client_secret": {"oauth": {"client_secret": SECRET}},
    "network.headers.X-Api-Key": {"network": {"headers": {"X-Api-Key": SECRET}}},
    "outcome.simulator.merchant.salt": {
        "outcome": {
            "style": "gateway-simulator",
            "gateway": "PAYU",
            "simulator": {"merchant": {"salt": SECRET}},
        }
    },
    "outcome.hook.headers.X-Token": {
        "outcome": {
            "style": "hook",
            "hook": {"url": "https://x.my-town.in", "headers": {"X-Token": SECRET}},
        }
    },
    "network.egress": {"network": {"egress": f"http://me:{SECRET}@proxy:3128"}},
    "network.second_egress": {"network": {"second_egress": f"http://me:{SECRET}@proxy:3128"}},
}


@pytest.mark.parametrize(("place", "section"), SECRETS.items(), ids=SECRETS)
def test_secret_stands_by_reference_only(
    tmp_path: Path, place: str, section: dict[str, Any]
) -> None:
    message = mistakes(tmp_path, MINIMAL | section)
    assert f"{place}: the profile contains a secret" in message
    assert "or file:PATH instead" in message
    rehearsal = of(tmp_path, MINIMAL | section | {"base_url": "http://127.0.0.1:8080"})
    assert SECRET not in rehearsal.target.model_dump_json()


def test_secrets_come_from_environment_and_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8-sig")  # as some editors do
    actors = {
        "cashier": {"username": "c", "password": "file:secret"},
        "citizen": {"username": "z", "password": "${CITIZEN}", "type": "CITIZEN"},
    }
    network = {"egress": "http://me:${CITIZEN}@proxy:3128"}
    target = of(
        tmp_path, MINIMAL | {"actors": actors, "network": network}, CITIZEN="Zitizen@1"
    ).target
    assert target.actors["cashier"].password.get_secret_value() == SECRET
    assert target.actors["citizen"].password.get_secret_value() == "Zitizen@1"
    assert target.network.secrets == ["Zitizen@1"]
    assert "Zitizen@1" not in target.model_dump_json()
    gone = {"cashier": {"username": "c", "password": "file:gone"}}
    assert "gone: cannot be read" in mistakes(tmp_path, MINIMAL | {"actors": gone})


def test_option_ranks_above_environment_above_file(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL | {"mode": "inspect"})
    environ = {"BBPS_MODE": "sandbox", "BBPS_TENANT": "pb.b"}
    profile = load(path, {"mode": "full", "base_url": None}, environ)
    assert (profile.target.mode, profile.target.tenant) == (Mode.FULL, "pb.b")
    origins = {key: profile.origins[key] for key in ("mode", "tenant", "name")}
    assert origins == {"mode": "option", "tenant": "environment", "name": "file"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_profile_works_wherever_it_is_copied(path: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copy(path, tmp_path))
    if path.stem == "bill-pool":
        shutil.copy(EXAMPLES / "consumer-codes.csv", tmp_path)
    variables = dict.fromkeys(re.findall(r"\$\{(\w+)\}", path.read_text(encoding="utf-8")), "x" * 9)
    own = {} if "example.org" not in path.read_text(encoding="utf-8") else {"base_url": OWN}
    target = load(copied, own, variables).target
    assert target.name
    if not target.loopback:  # a rehearsal keeps no secret
        named = [each for each in target.actors.values() if not each.create]
        assert {each.password.get_secret_value() for each in named} == {"x" * 9}


def test_the_shipped_production_profile_only_looks() -> None:
    variables = {"ADMINISTRATOR_PASSWORD": "x", "INTEGRATOR_PASSWORD": "x"}
    target = load(EXAMPLES / "production.yaml", {"base_url": OWN}, variables).target
    assert (target.production, target.mode, target.limits.rupees_per_run) == (True, "inspect", 0)


def test_services_mounted_elsewhere(tmp_path: Path) -> None:
    prefixes = {"pg-service": "/payments/pg-service/"}
    network = of(tmp_path, MINIMAL | {"network": {"prefixes": prefixes}}).target.network
    assert network.placed("/pg-service/x") == "/payments/pg-service/x"
    assert network.placed("/pg-services/x") == "/pg-services/x"


@pytest.mark.parametrize("reason", ["", " ", None])
def test_what_is_not_applicable_is_a_requirement_and_has_a_reason(
    tmp_path: Path, reason: str | None
) -> None:
    declared = {"FOO-99": "no such thing", "PAY-10": reason, "PAY-12": "all is done elsewhere"}
    lines = mistakes(tmp_path, MINIMAL | {"not_applicable": declared}).splitlines()[1:]
    assert lines == [
        "  - line 4: not_applicable.FOO-99: is not a requirement; "
        "`bbps-conformance list` shows all of them",
        "  - line 5: not_applicable.PAY-10: has no reason; "
        "write a sentence of at least three words; the certificate shows it",
    ]
    del declared["FOO-99"], declared["PAY-10"]
    assert of(tmp_path, MINIMAL | {"not_applicable": declared}).target.not_applicable == declared


@pytest.mark.parametrize("reason", ["x", "not here", "n / a", "- - -", 7, True, "a 1 2"])
def test_one_word_is_no_reason(tmp_path: Path, reason: object) -> None:
    declared = {"PAY-11": "all is done elsewhere", "PAY-12": reason}
    assert mistakes(tmp_path, MINIMAL | {"not_applicable": declared}).endswith(
        f"line 5: not_applicable.PAY-12: {str(reason)!r} is no reason; "
        "write a sentence of at least three words; the certificate shows it"
    )


def test_reason_may_be_written_in_any_language(tmp_path: Path) -> None:
    declared = {"PAY-12": "यहाँ कोई रद्द नहीं करता"}
    assert of(tmp_path, MINIMAL | {"not_applicable": declared}).target.not_applicable == declared


def test_what_protects_or_is_required_by_bbps_always_applies(tmp_path: Path) -> None:
    """Except a mode of payment, which the masters must prove, and what the profile shows."""
    declared = dict.fromkeys(("USR-06", "PAY-13", "PAY-09", "TXN-04"), "nobody does that here")
    lines = mistakes(tmp_path, MINIMAL | {"not_applicable": declared}).splitlines()[1:]
    reason = "so that 'nobody does that here' cannot be a reason; remove it"
    bbps = f"is required by BBPS of every deployment, {reason}"
    users = f"protects the users of every deployment, {reason}"
    assert lines == [
        f"  - line 4: not_applicable.PAY-09: {users}",
        f"  - line 5: not_applicable.PAY-13: {bbps}",
        f"  - line 6: not_applicable.TXN-04: {users}",
        f"  - line 7: not_applicable.USR-06: {bbps}",
    ]
    allowed = dict.fromkeys(("PAY-03", "PAY-12", "MDM-08"), "nobody does that here")
    assert of(tmp_path, MINIMAL | {"not_applicable": allowed}).target.modes == (
        "CASH", "CHEQUE", "ONLINE", "CARD",
    )  # fmt: skip
    cities = MINIMAL | {"not_applicable": allowed, "other_tenant": "pb.jalandhar"}
    assert (
        "not_applicable.MDM-08: applies, because the profile names other_tenant pb.jalandhar"
        in mistakes(tmp_path, cities)
    )


def test_what_the_example_only_mentions_can_be_written_so(tmp_path: Path) -> None:
    text = (EXAMPLES / "test-system.yaml").read_text(encoding="utf-8")
    mentioned = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if re.match(r"# \w+: \{", line)
    )
    (tmp_path / "mdms-data/data/pb").mkdir(parents=True)
    (tmp_path / "profiles").mkdir()
    target = of(tmp_path / "profiles", MINIMAL | yaml.safe_load(mentioned)).target
    assert target.contract.form == "effective"
    assert target.mdms.repository
    assert target.declared_grants
    assert target.not_applicable


OUTCOMES: dict[str, tuple[dict[str, Any], str]] = {
    "no program": (
        {"style": "command"},
        "outcome: style command needs command.words, the program and its arguments",
    ),
    "no address": (
        {"style": "hook"},
        "outcome: style hook needs hook.url, the address that sets outcomes",
    ),
    "strange address": (
        {"style": "hook", "hook": {"url": "tools.my-town.in"}},
        'outcome.hook.url: "tools.my-town.in" must be http(s)://host[:port][/path]',
    ),
    "strange placeholder": (
        {"style": "command", "command": {"words": ["set", "{txn}"]}},
        "words: {txn} is not a placeholder; the placeholders are {transaction}, {outcome}, "
        "{amount}, {gateway}",
    ),
    "gateway without protocol": (
        {"style": "gateway-simulator"},
        "style gateway-simulator supports the gateways AXIS, PAYU, PAYTM, not BBPS",
    ),
    "value of another gateway": (
        {"style": "gateway-simulator", "gateway": "AXIS",
         "simulator": {"merchant": {"salt": "${HOME_OF_SALT}"}}},
        "simulator.merchant: pg-service does not send salt to AXIS; it sends vpc_Merchant",
    ),
    "port": (
        {"style": "gateway-simulator", "gateway": "AXIS", "simulator": {"port": 0}},
        "outcome.simulator.port: 0 is less than 1; write 1 or a greater number",
    ),
    "near name": (
        {"style": "hook", "hook": {"ulr": "x"}},
        "outcome.hook.ulr: is not a known setting; did you mean url?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OUTCOMES)
def test_outcome_that_cannot_be_signalled_so(tmp_path: Path, case: str) -> None:
    outcome, message = OUTCOMES[case]
    assert message in mistakes(tmp_path, MINIMAL | {"outcome": outcome}, HOME_OF_SALT=SECRET)


def test_what_fills_a_command_or_an_address_is_not_shown(tmp_path: Path) -> None:
    outcome = {
        "style": "command",
        "command": {"words": ["set-outcome", "--as=${WHO}", "{transaction}"]},
        "hook": {"url": "https://me:${WHO}@x.my-town.in/set?token=${WHO}"},
    }
    target = of(tmp_path, MINIMAL | {"outcome": outcome}, WHO=SECRET).target
    assert SECRET in target.outcome.command.words[1]
    shown = target.model_dump(mode="json")["outcome"]
    assert shown["command"]["words"] == ["set-outcome", "***", "{transaction}"]
    assert shown["hook"]["url"] == "https://x.my-town.in/set"


@pytest.mark.parametrize("quoted", ["“pb.a”", "‘pb.a’", "„pb.a“", "«pb.a»"])
def test_quotes_of_a_word_processor_are_no_quotes(tmp_path: Path, quoted: str) -> None:
    message = mistakes(tmp_path, MINIMAL | {"tenant": quoted})
    assert "tenant: is in typographic quotes; write plain ones" in message


@pytest.mark.parametrize("character", ["\u200b", "\ufeff", "\u202e", "\u00ad", "\0", "\x1b"])
def test_what_nobody_sees_is_told(tmp_path: Path, character: str) -> None:
    """As it comes along with a copied code, which then is no longer that of the masters."""
    message = mistakes(tmp_path, json.dumps(MINIMAL | {"role": f"BBPS{character}_USER"}))
    assert f"role: holds the invisible character U+{ord(character):04X}; remove it" in message


def test_what_joins_letters_is_none_of_that(tmp_path: Path) -> None:
    name = "\u0936\u094d\u200d\u0930\u0940"
    assert of(tmp_path, MINIMAL | {"name": name}).target.name == name
