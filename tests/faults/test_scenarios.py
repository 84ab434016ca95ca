"""Each scenario of the catalogue is red on a fault of what it verifies, and nothing else of it is.

One deployment for each fault plays the scenarios concerned. `make test` tries a few faults, `make
whole` all; that strict DIGIT passes, the certifications of tests/end_to_end show.
"""

from collections.abc import Mapping
from typing import Final

import pytest

from conformance.core.requirements import Register
from conformance.core.verdicts import Level, Verdict
from conformance.reference import catalogue
from conformance.scenarios.catalogue import load
from conformance.scenarios.plan import checks_of
from tests.faults.collected import Collected, Job

# Check -> the fault that turns it red. What follows a comma answers for these requirements alone.
RED: Final[Mapping[str, str]] = {
    "bill-fetched-again": "another-bill-each-time",
    "bill-fetched-again, BIL-01": "bill-without-details",
    "bill-of-a-lacking-request": "missing-criterion-unnamed",
    "bill-of-an-unknown-code": "somebody-elses-bill",
    "paid-bill-is-gone": "paid-bill-offered",
    "role-actions-of-bbps": "grant-missing",
    "role-actions-of-bbps, MDM-03": "action-with-another-url",
    "role-in-effect": "grant-not-in-effect",
    "role-in-effect, MDM-05": "bbps-user-searches-transactions",
    "role-of-bbps": "role-listed-twice",
    "bill-paid-twice": "bill-paid-twice",
    "card": "card-refused",
    "card, PAY-06": "card-number-optional",
    "cash": "cash-refused",
    "cash, PAY-08": "part-payment-accepted",
    "cheque": "cheque-refused",
    "cheque, PAY-06": "stale-cheque-accepted",
    "counter-before-success": "counter-payment-overlooked",
    "demand-draft": "dd-refused",
    "demand-draft, PAY-06": "future-cheque-accepted",
    "online": "online-refused",
    "online, PAY-06": "online-number-optional",
    "part-payment": "negative-amount-accepted",
    "part-payment-refused": "part-payment-accepted",
    "payment-validated": "validate-stores",
    "receipt-search": "search-ignores-ids",
    "two-bills-at-once": "demand-not-settled",
    "two-bills-at-once, BIL-05": "later-bill-stays-due",
    "unknown-mode": "unknown-mode-accepted",
    "failure-by-the-owner": "failure-ignored",
    "failure-by-the-owner, RCP-05": "receipt-on-failure",
    "failure-is-final": "terminal-guard-off",
    "failure-then-success": "failed-transaction-blocks",
    "failure-then-success, RCP-01": "retry-without-receipt",
    "failure-then-success, TXN-05": "retry-stays-pending",
    "late-success": "late-success-refused",
    "late-success, RCP-02": "receipt-dated-at-update",
    "online-bill-payment": "receipt-mode-card",
    "online-bill-payment, RCP-01": "receipt-missing",
    "online-bill-payment, TXN-05": "success-ignored",
    "online-bill-payment, TXN-13": "update-answers-without-storing",
    "other-amount-confirmed": "other-amount-succeeds",
    "pending-has-no-receipt": "receipt-at-creation",
    "success-is-final": "terminal-guard-off",
    "transaction-created": "transaction-born-successful",
    "transaction-dictates-nothing": "client-status-kept",
    "transaction-refused": "amount-one-rupee-off",
    "transaction-search": "search-by-bill-shows-another",
    "transaction-twice": "second-transaction-allowed",
    "update-by-a-cashier": "owner-check-spares-employees",
    "update-by-a-rival": "owner-check-spares-system-users",
    "update-by-get": "owner-check-post-only",
    "update-by-nobody": "get-without-token",
    "update-without-a-transaction": "update-without-id-accepted",
    "logout": "token-alive-after-logout",
    "no-token-opens-nothing": "fetch-without-token",
    "system-user-created": "system-user-becomes-employee",
    "system-user-created, USR-03": "token-never-issued",
    "system-user-enters-no-application": "system-user-logs-in-as-employee",
    "system-user-refused": "user-creation-open",
    "token-refused": "any-password-accepted",
    "cheque-dishonoured": "workflow-does-nothing",
    "payment-cancelled": "workflow-does-nothing",
    "payment-remitted": "remitted-receipt-cancelled",
}
FAULTS: Final = tuple(sorted(set(RED.values())))
SAMPLE: Final = ("owner-check-post-only", "receipt-missing", "card-number-optional")
Sight = tuple[frozenset[str], tuple[str, ...]]  # the checks that are red, and what broke


class _OfScenarios(Collected):
    """Collects scenarios alone."""

    folders = ("scenarios",)


def seen(faults: tuple[str, ...]) -> dict[str, Sight]:
    """Play, for each fault, the scenarios that it concerns."""
    found: dict[str, Sight] = {}

    def work(collected: Collected) -> None:
        for fault in faults:
            concerned = {name.partition(", ")[0] for name, each in RED.items() if each == fault}
            checks = {f"scenarios::scenario[{name}]" for name in RED}
            chosen = {each for each in checks if _scenario(each) in concerned}
            job = Job(depth="standard", faults=(fault,), checks=frozenset(chosen))
            result = collected.carry_out(job)
            red = {_name(each.check) for each in result.findings if each.verdict is Verdict.FAILED}
            found[fault] = frozenset(red), result.errors

    _OfScenarios("standard", work).start()
    return found


def _name(check: str) -> str:
    return check.removeprefix("scenarios::scenario[").removesuffix("]")


def _scenario(check: str) -> str:
    return _name(check).partition(", ")[0]


def mistakes(sights: Mapping[str, Sight]) -> list[str]:
    """Return which checks are not red on their fault, and which are that it does not concern."""
    known = {each.name: each for each in catalogue()}
    verified = {each.id: set(each.claim.requirements) for each in checks_of(load())}
    found = []
    for fault, (red, errors) in sights.items():
        found += [f"{fault}: {each}" for each in errors]
        missed = {name for name, each in RED.items() if each == fault} - red
        found += [f"{fault}: {name} is not red" for name in sorted(missed)]
        broken = {*known[fault].requirements, *known[fault].dependents}
        found += [f"{fault}: {name} is red" for name in sorted(red) if not verified[name] <= broken]
    return found


def test_every_check_of_a_scenario_has_its_fault() -> None:
    known = {each.name: each for each in catalogue()}
    register = Register.load()
    for check in checks_of(load()):
        fault = known[RED[check.id]]
        ids = set(check.claim.requirements)
        assert ids <= {*fault.requirements, *fault.dependents}, check.id
        assert ids & set(fault.requirements) or register.of(min(ids)).level is not Level.MUST
    assert RED.keys() == {check.id for check in checks_of(load())}


def test_scenarios_are_red_on_a_fault_of_what_they_verify() -> None:
    assert mistakes(seen(SAMPLE)) == []


@pytest.mark.whole
def test_each_scenario_is_red_on_its_fault_and_on_nothing_else() -> None:
    assert mistakes(seen(FAULTS)) == []
