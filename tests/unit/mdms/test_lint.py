"""Each rule of `mdms lint` is red on its fault, with file and line, and silent on clean data."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from conformance.core.errors import SetupError
from conformance.mdms.checkout import Checkout
from conformance.mdms.lint import HINDERING, Expectations, lint
from conformance.mdms.masters import FOUR_URLS
from conformance.mdms.rules import RULES, Flaw, Severity
from conformance.profile.loading import SHIPPED_MASTERS
from tests.unit.mdms.clean import (
    CITY,
    CLEAN,
    ROLE,
    STATE,
    TODAY,
    Rows,
    action,
    changed,
    grant,
    head,
    period,
    service,
    written,
)

UPSTREAM = Path(__file__).parents[4] / "shared/digit/upstream/mdms"
MEANT = Expectations(role=ROLE, day=TODAY)
Change = Callable[[Rows], object]


def found(folder: Path, meant: Expectations = MEANT) -> list[Flaw]:
    return lint(Checkout(folder), meant)


def added(file: str, *rows: object) -> Change:
    return lambda all_rows: all_rows[file].extend(rows)


def put(file: str, index: int, **changes: object) -> Change:
    return lambda rows: rows[file][index].update(changes)


def without(file: str, index: int, key: str) -> Change:
    return lambda rows: rows[file][index].pop(key)


def removed(file: str, index: int) -> Change:
    return lambda rows: rows[file].pop(index)


ROLES, GRANTS, ACTIONS = "roles.json", "roleactions.json", "actions-test.json"
SERVICES, HEADS, PERIODS = "BusinessService.json", "TaxHeadMaster.json", "TaxPeriod.json"
USUAL = ["CASH", "CHEQUE", "DD", "ONLINE", "CARD"]
FIVE = [grant("CLERK", 6)]  # of one more action
# Rule -> its fault, the file and line of the flaw, and other rules that the fault breaks.
FAULTS: dict[str, tuple[Change, str, int, set[str]]] = {
    "row-form": (added(GRANTS, None), GRANTS, 10, set()),
    "key-missing": (added(GRANTS, {"roleCode": "CLERK", "actionid": 1}), GRANTS, 10, set()),
    "key-misspelt": (put(ACTIONS, 4, displayname="d"), ACTIONS, 9, set()),
    "key-type": (put(SERVICES, 0, isActive="true"), SERVICES, 5, set()),
    "key-unknown": (put(ACTIONS, 0, zebra=1), ACTIONS, 5, set()),
    "row-tenant": (put(GRANTS, 1, tenantId="yy"), GRANTS, 6, set()),
    "role-empty": (added(ROLES, {"code": " ", "name": "n"}), ROLES, 7, set()),
    "role-twice": (added(ROLES, {"code": "CLERK", "name": "n"}), ROLES, 7, set()),
    "role-code-form": (
        lambda rows: (rows[ROLES].append({"code": "Head Clerk"}),
                      rows[GRANTS].append(grant("Head Clerk", 5))),
        ROLES, 7, set(),
    ),
    "role-name-long": (put(ROLES, 1, name="n" * 33), ROLES, 6, set()),
    "role-unused": (added(ROLES, {"code": "IDLE", "name": "n"}), ROLES, 7, set()),
    "grant-no-role": (added(GRANTS, grant("", 1)), GRANTS, 10, set()),
    "grant-unknown-role": (added(GRANTS, grant("NOBODY", 1)), GRANTS, 10, set()),
    "grant-unknown-action": (added(GRANTS, grant("CLERK", 99)), GRANTS, 10, set()),
    "grant-twice": (added(GRANTS, grant("CLERK", "5")), GRANTS, 10, {"key-type"}),
    "action-id-reused": (added(ACTIONS, action(5, "/other")), ACTIONS, 10, set()),
    "action-twice": (
        added(ACTIONS, action(5, "/egov-hrms/employees/_search")), ACTIONS, 10, set(),
    ),
    "action-no-enabled": (without(ACTIONS, 4, "enabled"), ACTIONS, 9, set()),
    "action-disabled": (put(ACTIONS, 4, enabled=False), ACTIONS, 9, set()),
    "action-unused": (added(ACTIONS, action(6, "/idle/_search")), ACTIONS, 10, set()),
    "url-empty": (put(ACTIONS, 4, url=""), ACTIONS, 9, set()),
    "url-blank": (put(ACTIONS, 4, url="/egov-hrms/employees/_search "), ACTIONS, 9, set()),
    "url-trailing-slash": (put(ACTIONS, 4, url="/egov-hrms/employees/"), ACTIONS, 9, set()),
    "url-relative": (put(ACTIONS, 4, url="egov-hrms/employees"), ACTIONS, 9, set()),
    "url-word": (put(ACTIONS, 4, url="ur;"), ACTIONS, 9, set()),
    "url-template": (put(ACTIONS, 4, url="/egov-hrms/{id}/_search"), ACTIONS, 9, set()),
    "url-repeated": (
        lambda rows: (rows[ACTIONS].append(action(6, "/egov-hrms/employees/_search")),
                      rows[GRANTS].extend(FIVE)),
        ACTIONS, 10, set(),
    ),
    "bbps-role-missing": (
        lambda rows: (rows[ROLES].pop(0),
                      [rows[GRANTS].pop(0) for _ in FOUR_URLS],
                      rows[GRANTS].extend(grant("CLERK", each) for each in range(1, 5))),
        ROLES, 4, set(),
    ),
    "bbps-grant-missing": (put(GRANTS, 0, rolecode="CLERK"), GRANTS, 4, set()),
    "bbps-grant-extra": (added(GRANTS, grant(ROLE, 5)), GRANTS, 10, set()),
    "service-twice": (added(SERVICES, service("PT")), SERVICES, 7, set()),
    "service-no-advance": (without(SERVICES, 0, "isAdvanceAllowed"), SERVICES, 5, set()),
    "service-no-advance-head": (put(SERVICES, 0, isAdvanceAllowed=True), SERVICES, 5, set()),
    "service-takes-nothing": (
        put(SERVICES, 0, collectionModesNotAllowed=USUAL), SERVICES, 5, set(),
    ),
    "service-no-online": (
        put(SERVICES, 0, collectionModesNotAllowed=["ONLINE"]), SERVICES, 5, set(),
    ),
    "mode-unknown": (put(SERVICES, 0, collectionModesNotAllowed=["CHECK"]), SERVICES, 5, set()),
    "service-no-tax-head": (removed(HEADS, 0), SERVICES, 5, set()),
    "service-no-period": (removed(PERIODS, 2), SERVICES, 6, set()),
    "period-not-current": (removed(PERIODS, 1), SERVICES, 5, set()),
    "tax-head-twice": (added(HEADS, head("PT_TAX", "WS")), HEADS, 8, set()),
    "tax-head-unknown-service": (added(HEADS, head("XX_TAX", "XX")), HEADS, 8, set()),
    "tax-head-order": (put(HEADS, 0, order="1"), HEADS, 5, set()),
    "period-unknown-service": (added(PERIODS, period("XX", 2026)), PERIODS, 8, set()),
    "period-twice": (added(PERIODS, period("WS", 2026, code="OTHER")), PERIODS, 8, set()),
    "period-cycle": (put(PERIODS, 0, periodCycle="TENYEARS"), PERIODS, 5, set()),
    "period-dates": (put(PERIODS, 0, toDate=0), PERIODS, 5, set()),
}  # fmt: skip
OF_FILES = {"json", "file-missing", "file-rows", "file-tenant", "file-module", "grant-city",
            "service-missing"}  # fmt: skip


def test_every_rule_has_its_fault() -> None:
    assert FAULTS.keys() | OF_FILES == RULES.keys()
    assert not FAULTS.keys() & OF_FILES
    assert RULES.keys() >= HINDERING


def test_clean_data_has_no_flaw_not_even_a_note(tmp_path: Path) -> None:
    assert found(written(tmp_path)) == []


@pytest.mark.parametrize("rule", FAULTS)
def test_rule_is_red_on_its_fault(tmp_path: Path, rule: str) -> None:
    change, file, line, others = FAULTS[rule]
    flaws = found(written(tmp_path, changed(change)))
    own = [each for each in flaws if each.rule.id == rule]
    places = {(each.spot.path.name, each.spot.line) for each in own if each.spot.path}
    assert places == {(file, line)}
    assert {each.rule.id for each in flaws} == {rule, *others}
    assert all(each.severity is RULES[rule].severity for each in own)


def test_the_data_of_the_reference_has_notes_only() -> None:
    flaws = found(SHIPPED_MASTERS, Expectations(role="BBPS_USER", day=TODAY))
    assert {each.severity for each in flaws} == {Severity.NOTE}


# -- files --------------------------------------------------------------------------------------


def broken(folder: Path, file: str, text: str) -> list[tuple[str, int, str]]:
    """Lint with another text of a file; rule, line and message of each flaw."""
    (path,) = written(folder).rglob(file)
    path.write_text(text, encoding="utf-8")
    return [(each.rule.id, each.spot.line, each.message) for each in found(folder)]


def test_json_mistakes_have_file_and_line(tmp_path: Path) -> None:
    ((rule, line, message),) = broken(tmp_path, ACTIONS, '{"a": 1,\n"b": 2,}')
    assert (rule, line) == ("json", 2)
    assert "not JSON" in message
    flaws = broken(tmp_path, PERIODS, '{\n"a": 1,\n"a": 2,\n"b": 1, "b": 2}')
    assert flaws == [
        ("json", 3, "the key 'a' is given twice, first in line 2"),
        ("json", 4, "the key 'b' is given twice, first in line 4"),
    ]


def test_a_broken_file_leaves_the_flaws_of_the_others(tmp_path: Path) -> None:
    written(tmp_path, changed(FAULTS["role-twice"][0]))
    for path in tmp_path.rglob(GRANTS):
        path.write_text("{", encoding="utf-8")
    assert {each.rule.id for each in found(tmp_path)} == {"json", "role-twice"}


def test_any_file_of_the_state_is_read(tmp_path: Path) -> None:
    written(tmp_path)
    other = tmp_path / "common-masters" / "Department.json"
    other.parent.mkdir()
    other.write_text('{"tenantId": "zz", "Department": [1 2]}')
    hidden = tmp_path / ".git" / "x.json"
    hidden.parent.mkdir()
    hidden.write_text("{")
    (flaw,) = found(tmp_path)
    assert (flaw.rule.id, flaw.spot.path, flaw.spot.line) == ("json", other, 1)
    other.write_text('{\n"tenantId": "yy", "Department": []}')
    (flaw,) = found(tmp_path)
    assert (flaw.rule.id, flaw.spot.path, flaw.spot.line) == ("file-tenant", other, 2)


def test_a_master_without_rows_or_file_is_named(tmp_path: Path) -> None:
    assert ("file-rows", 1, "holds no list 'roles'") in broken(tmp_path, ROLES, '{"roles": {}}')
    for path in (*tmp_path.rglob(ROLES), *tmp_path.rglob(PERIODS)):
        path.unlink()
    missing = [each.spot.path for each in found(tmp_path) if each.rule.id == "file-missing"]
    assert [each.name for each in missing if each] == [ROLES, PERIODS]


def test_no_bills_need_no_billing_service(tmp_path: Path) -> None:
    rows = {file: CLEAN[file] for file in (ROLES, GRANTS, ACTIONS)}
    assert found(written(tmp_path, rows)) == []


@pytest.mark.parametrize(
    ("header", "rule", "line"),
    [({"tenantId": "yy"}, "file-tenant", 2), ({"moduleName": "tenant"}, "file-module", 3)],
)
def test_a_header_of_another(tmp_path: Path, header: dict[str, str], rule: str, line: int) -> None:
    written(tmp_path)
    written(tmp_path, {HEADS: CLEAN[HEADS]}, **header)
    (flaw,) = found(tmp_path)
    assert (flaw.rule.id, flaw.spot.line) == (rule, line)


def test_a_city_whose_files_all_name_the_state_is_wrong(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, {HEADS: CLEAN[HEADS]}, "west")
    (flaw,) = found(tmp_path)
    assert flaw.rule.id == "file-tenant"
    assert "says that its tenantId is 'zz', not 'zz.west'" in flaw.message


# -- cities, services, folders ------------------------------------------------------------------


def test_a_city_is_examined_with_its_state(tmp_path: Path) -> None:
    written(tmp_path)
    own = {GRANTS: [grant("CLERK", 1, tenantId=CITY), grant("CLERK", 99, tenantId=CITY),
                    grant(ROLE, 5, tenantId=CITY), grant("CLERK", 2)]}  # fmt: skip
    written(tmp_path, own, "east", tenantId=CITY)
    flaws = {(each.rule.id, each.spot.line) for each in found(tmp_path)}
    assert flaws == {
        ("grant-city", 4), ("grant-unknown-action", 6), ("bbps-grant-extra", 7), ("row-tenant", 8),
    }  # fmt: skip


def test_a_file_of_a_city_that_names_the_state_is_wrong(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, {GRANTS: [grant("CLERK", 1, tenantId=CITY)]}, "east", tenantId=CITY)
    written(tmp_path, {PERIODS: CLEAN[PERIODS]}, "east")
    wrong = [each for each in found(tmp_path) if each.rule.id == "file-tenant"]
    assert [each.spot.path for each in wrong] == [tmp_path / "east/BillingService/TaxPeriod.json"]


@pytest.mark.parametrize("rule", sorted(HINDERING))
def test_what_hinders_a_service_of_bbps_is_an_error(tmp_path: Path, rule: str) -> None:
    written(tmp_path, changed(FAULTS[rule][0]))
    for services, severity in (
        ({"PT", "WS"}, Severity.ERROR), (set(), RULES[rule].severity),
    ):  # fmt: skip
        meant = Expectations(role=ROLE, day=TODAY, services=frozenset(services))
        (flaw,) = found(tmp_path, meant)
        assert (flaw.rule.id, flaw.severity) == (rule, severity)


def test_a_service_of_bbps_must_exist(tmp_path: Path) -> None:
    meant = Expectations(role=ROLE, day=TODAY, services=frozenset({"PT", "XX"}))
    (flaw,) = found(written(tmp_path), meant)
    assert (flaw.rule.id, flaw.message) == ("service-missing", "there is no business service XX")


def test_what_is_allowed_is_no_flaw(tmp_path: Path) -> None:
    written(tmp_path, changed(FAULTS["bbps-grant-extra"][0]))
    url = frozenset({"/egov-hrms/employees/_search"})
    assert found(tmp_path, Expectations(role=ROLE, day=TODAY, allowed=url)) == []


@pytest.mark.parametrize("day", [date(2026, 4, 1), date(2027, 3, 31)])
def test_the_first_and_the_last_day_of_a_period_are_in_it(tmp_path: Path, day: date) -> None:
    assert found(written(tmp_path), Expectations(role=ROLE, day=day)) == []
    assert found(tmp_path, Expectations(role=ROLE, day=date(2027, 4, 1)))


def test_the_folder_of_the_state_is_found(tmp_path: Path) -> None:
    state = written(tmp_path / "data" / STATE)
    for folder in (tmp_path, tmp_path / "data", state):
        assert (Checkout(folder).folder, Checkout(folder).state) == (state, STATE)
    written(tmp_path / "data" / "yy", tenantId="yy")
    with pytest.raises(SetupError, match=r"holds the data of yy, zz; give one"):
        Checkout(tmp_path)
    assert Checkout(tmp_path, STATE).folder == state
    with pytest.raises(SetupError, match="no folder"):
        Checkout(tmp_path / "nowhere")
    with pytest.raises(SetupError, match="holds no master data"):
        Checkout(state / "BillingService")


def test_most_files_say_what_the_state_is(tmp_path: Path) -> None:
    folder = written(tmp_path / "checkout")
    written(folder, {ROLES: CLEAN[ROLES]}, tenantId="yy")
    assert Checkout(folder).state == STATE
    assert [each.rule.id for each in found(folder)] == ["file-tenant"]


@pytest.mark.skipif(not UPSTREAM.is_dir(), reason="the data of Punjab is not here")
def test_the_data_of_punjab_has_the_flaws_that_were_counted() -> None:
    flaws = found(UPSTREAM, Expectations(role="BBPS_USER", day=date(2024, 6, 1)))
    assert Counter(each.rule.id for each in flaws) == {
        "action-disabled": 1106, "action-id-reused": 1, "action-no-enabled": 12,
        "action-unused": 26, "bbps-role-missing": 1, "grant-no-role": 1, "grant-twice": 41,
        "grant-unknown-action": 448, "grant-unknown-role": 21, "key-misspelt": 41 + 34,
        "key-type": 2, "period-cycle": 18, "period-not-current": 13, "period-twice": 4,
        "role-code-form": 10, "role-name-long": 1, "role-twice": 2, "role-unused": 15,
        "service-no-advance-head": 4, "service-no-period": 72, "service-no-tax-head": 4,
        "tax-head-order": 246, "url-blank": 1, "url-empty": 2, "url-relative": 12,
        "url-repeated": 56, "url-template": 19, "url-word": 14,
    }  # fmt: skip
    dangling = {each.row["actionid"] for each in flaws if each.rule.id == "grant-unknown-action"}
    assert len(dangling) == 217
