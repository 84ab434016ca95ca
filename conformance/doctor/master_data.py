"""Master data: the BBPS role and its rows, the tenants, what is billed; and the rows to add."""

import json
import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from conformance.bbps.flow import Bbps
from conformance.bbps.needs import certified
from conformance.core.verdicts import Inconclusive
from conformance.doctor.diagnostics import Diagnostic, fault, unseen, well
from conformance.mdms import plan
from conformance.mdms.masters import FOUR_URLS, Masters, Row
from conformance.mdms.served import master, served
from conformance.profile.target import FINANCIAL_YEAR, FIVE_MODES, REQUIREMENT_OF_MODE, Target

SHUT: Final = "collectionModesNotAllowed"
RESTART: Final = "then restart the MDMS service, and wait until the gateway's cache is renewed"
UNREADABLE: Final = (Inconclusive, AttributeError, KeyError, TypeError, ValueError)


def examine_master_data(bbps: Bbps) -> Iterator[Diagnostic]:
    """Examine roles and actions, then at what demands need."""
    try:
        masters = served(bbps.client)
        yield from _role(masters, bbps.target)
        yield from _grants(masters, bbps.target)
    except UNREADABLE as problem:
        yield unseen("role", "role and action rows", _reason(problem), _remedy(problem))
    for area in (_tenants, _billing, _modes):
        try:
            yield from area(bbps)
        except UNREADABLE as problem:
            yield unseen("master data", "", _reason(problem), _remedy(problem))


def _role(masters: Masters, target: Target) -> Iterator[Diagnostic]:
    count = sum(row.get("code") == target.role for row in masters.roles)
    if count == 1:
        yield well("role", f"roles.json has {target.role}")
        return
    yield fault(
        "role",
        f"roles.json has {target.role} {count} times",
        evidence=f"ACCESSCONTROL-ROLES/roles.json of {target.state_tenant}, "
        f"{len(masters.roles)} rows",
        cause="the role was never added, or role in the profile is misspelt"
        if not count
        else "the row was added twice",
        remedy="add to ACCESSCONTROL-ROLES/roles.json:\n"
        f"{_row(plan.role_row(target.role))}\n{planned(target, target.role)}; {RESTART}"
        if not count
        else f"leave one row (`{_command('lint', target)}` names them); {RESTART}",
    )


def _grants(masters: Masters, target: Target) -> Iterator[Diagnostic]:
    granted = set(masters.urls_of(target.role))
    missing = [url for url in FOUR_URLS if url not in granted]
    if not missing:
        yield well("role", f"roleactions.json maps {target.role} to the four actions")
        return
    rows = rows_that_grant(masters, target.role, target.state_tenant, missing)
    held = ", ".join(str(row.get("actionid")) for row in masters.rows_of(target.role))
    yield fault(
        "role",
        f"roleactions.json does not map {target.role} to {', '.join(missing)}",
        evidence=f"it maps the role to the ids {held}" if held else "it has no row of the role",
        cause="rows were never added, or were added at another tenant, or MDMS was not restarted",
        remedy=f"{rows}\n{planned(target, target.role)}; {RESTART}",
    )


def planned(target: Target, role: str, urls: Sequence[str] = ()) -> str:
    """Return as a clause how the rows get into the repository: by the command that finds them."""
    options = ["--role", role, *(word for url in urls for word in ("--url", url))]
    return (
        f"`{_command('plan', target, *options)}` prints this as a change of the MDMS repository, "
        f"`{_command('diff', target, '--target', 'PROFILE')}` what is in it and not served"
    )


def _command(name: str, target: Target, *options: str) -> str:
    """Return a command about the checkout of the profile, or about one that a person has."""
    words = ["bbps-conformance", "mdms", name, *options, target.mdms.repository or "DIR"]
    return shlex.join(words)


def rows_that_grant(masters: Masters | None, role: str, tenant: str, urls: Sequence[str]) -> str:
    """Return the rows to add that grant URLs to a role, and where; without masters, in words."""
    if masters is None:
        return (
            f"grant {role} {', '.join(urls)}: a row in actions-test.json and one in "
            "roleactions.json"
        )
    actions, grants = plan.rows_that_grant(masters, role, tenant, urls)
    into = f"add to ACCESSCONTROL-ROLEACTIONS/roleactions.json:\n{_rows(grants)}"
    if actions:
        return f"add to ACCESSCONTROL-ACTIONS-TEST/actions-test.json:\n{_rows(actions)}\n{into}"
    return into


def _tenants(bbps: Bbps) -> Iterator[Diagnostic]:
    target = bbps.target
    known = [str(row.get("code")) for row in master(bbps.client, "tenant", "tenants")]
    for setting, tenant in (("tenant", target.tenant), ("other_tenant", target.other_tenant)):
        if not tenant or tenant == target.state_tenant:
            continue
        if tenant in known:
            yield well("master data", f"tenant {tenant} exists")
            continue
        yield fault(
            "master data",
            f"there is no tenant {tenant}",
            evidence=f"tenant/tenants of {target.state_tenant} has {_some(known)}",
            cause=f"{setting} in the profile is misspelt, or the tenant was not set up",
            remedy=f"correct {setting} in the profile",
        )


def _billing(bbps: Bbps) -> Iterator[Diagnostic]:
    bills = bbps.target.bills
    services = master(bbps.client, "BillingService", "BusinessService")
    heads = master(bbps.client, "BillingService", "TaxHeadMaster")
    wanted = [("bills", bills.business_service, bills.tax_head)]
    for name, each in (("bills.partial", bills.partial), ("bills.restricted", bills.restricted)):
        if each:
            wanted.append((name, each.business_service, each.tax_head))
    codes = [str(row.get("code")) for row in services]
    for setting, service, head in wanted:
        own = [str(row.get("code")) for row in heads if row.get("service") == service]
        if service not in codes:
            yield _unknown(
                bbps.target, f"{setting}.business_service", "BusinessService", service, codes
            )
        elif head not in own:
            yield _unknown(bbps.target, f"{setting}.tax_head", "TaxHeadMaster", head, own)
        else:
            row = services[codes.index(service)]
            unfit = _terms(setting, row)
            yield unfit or well("master data", _use(bbps.target, row, head))
    yearly = bills.tax_period == FINANCIAL_YEAR and bills.provision == "demands"
    if yearly and bills.business_service in codes:
        yield _period(bbps, bills.business_service)


def _use(target: Target, row: Row, head: str) -> str:
    """Return in a sentence what a business service takes of what the profile lists."""
    shut = {str(each) for each in row.get(SHUT) or ()}
    takes = ", ".join(mode for mode in target.modes if mode not in shut) or "no mode of payment"
    words = {"partPaymentAllowed": "parts", "isAdvanceAllowed": "advances"}
    allows = [word for key, word in words.items() if row.get(key)]
    what = f"{row.get('code')} is billed under {head}, and takes {takes}"
    return f"{what}; it allows {' and '.join(allows)}" if allows else what


def _modes(bbps: Bbps) -> Iterator[Diagnostic]:
    """Compare the modes of payment of the profile with those that some certified service takes."""
    target, terms = bbps.target, certified(bbps)
    names = ", ".join(each.code for each in terms)
    nowhere = [mode for mode in target.modes if all(mode in each.shut for each in terms)]
    if nowhere:
        several = ", ".join(nowhere)
        five = [mode for mode in nowhere if mode in FIVE_MODES]
        ids = ", ".join(REQUIREMENT_OF_MODE[mode] for mode in five)
        why = (
            f". {ids} is then not applicable, and rightly: the masters prove that nobody can pay "
            "like that here. No other requirement of BBPS may be left out"
        )
        yield fault(
            "master data",
            f"no certified business service takes {several}",
            evidence=f"{SHUT} of {names} names it",
            cause="payment_modes in the profile does not fit the master, or the master is wrong",
            remedy=f"leave {several} out of payment_modes{why if five else ''}; or correct the row "
            "and restart the MDMS service",
        )
    left_out = [
        mode
        for mode in REQUIREMENT_OF_MODE
        if mode not in target.modes and any(mode not in each.shut for each in terms)
    ]
    if left_out:
        yield fault(
            "master data",
            f"the profile leaves out {', '.join(left_out)}, and the masters do not",
            evidence=f"{SHUT} of {names} does not name it everywhere",
            cause="payment_modes, or not_applicable, in the profile does not fit the master",
            remedy=f"add {', '.join(left_out)} to payment_modes; a mode does not apply only where "
            "the masters close it for every certified service",
        )


def _terms(setting: str, row: Row) -> Diagnostic | None:
    """Compare what a business service allows with what the profile uses it for."""
    service, shut = row.get("code"), [str(each) for each in row.get(SHUT) or ()]
    own, use, remedy = setting, "", ""
    if setting == "bills" and "ONLINE" in shut:
        own, use = "bills.business_service", "takes no ONLINE payment, and those of BBPS are"
        remedy = "set bills.business_service to one that does"
    elif setting == "bills.partial" and row.get("partPaymentAllowed") is not True:
        use = "does not allow part payment"
        remedy = "set bills.partial to a service that does, or remove it"
    elif setting == "bills.restricted" and not FIVE_MODES & set(shut):
        use = "disallows none of the five modes"
        remedy = "set bills.restricted to a service that disallows a mode, or remove it"
    if not use:
        return None
    return fault(
        "master data",
        f"{service} {use}",
        evidence=f"its BusinessService row has {SHUT} {shut}, partPaymentAllowed "
        f"{row.get('partPaymentAllowed')}",
        cause=f"{own} in the profile does not fit the master, or the master is wrong",
        remedy=f"{remedy}; or correct the row and restart the MDMS service",
    )


def _unknown(
    target: Target, setting: str, name: str, code: str, known: Sequence[str]
) -> Diagnostic:
    return fault(
        "master data",
        f"the master BillingService/{name} has no {code}",
        evidence=f"it has {_some(known)}",
        cause=f"{setting} in the profile is misspelt, or the master was not set up",
        remedy=f"correct {setting} in the profile, or add the row and restart the MDMS service; "
        f"`{_command('lint', target)}` finds what else demands lack",
    )


def _period(bbps: Bbps, service: str) -> Diagnostic:
    first, last = bbps.clock.financial_year()
    for row in master(bbps.client, "BillingService", "TaxPeriod"):
        fits = int(row["fromDate"]) <= first and last <= int(row["toDate"])
        if row.get("service") == service and fits:
            return well("master data", f"a tax period of {service} covers the financial year")
    row = {
        "fromDate": first,
        "toDate": last,
        "periodCycle": "ANNUAL",
        "service": service,
        "code": f"{service}AN{bbps.clock.day(first).year}",
        "financialYear": f"{bbps.clock.day(first).year}-{bbps.clock.day(last).year % 100:02d}",
    }
    return fault(
        "master data",
        f"no tax period of {service} covers the financial year",
        evidence=f"BillingService/TaxPeriod has none from {first} to {last} or longer",
        cause="the period of this year was not added, or periods are shorter than a year",
        remedy="set bills.tax_period to master (a shorter period of today), or add to "
        f"BillingService/TaxPeriod.json:\n{_row(row)}\n"
        f"`{_command('lint', bbps.target, '--service', service)}` finds what else demands lack; "
        f"{RESTART}",
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8]) or "nothing"
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown


def _row(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False)


def _rows(rows: Sequence[Row]) -> str:
    return ",\n".join(_row(row) for row in rows)


def _reason(problem: Exception) -> str:
    if isinstance(problem, Inconclusive):
        return problem.reason
    return f"the rows do not have the usual form ({type(problem).__name__}: {problem})"


def _remedy(problem: Exception) -> str:
    return problem.remedy if isinstance(problem, Inconclusive) else ""
