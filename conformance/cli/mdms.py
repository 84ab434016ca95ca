"""The commands `mdms lint | rules | plan | diff`, about master data: parse, call, print."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from conformance.cli.options import BASE_URL, TARGET_OR_REFERENCE
from conformance.cli.output import write_whole
from conformance.core.errors import ExitCode, SetupError
from conformance.core.wording import did_you_mean, plural

if TYPE_CHECKING:
    from conformance.mdms.comparison import MastersCompared

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
ROLE = click.option(
    "--role", default="BBPS_USER", show_default=True, metavar="CODE", help="The role of BBPS."
)
TENANT = click.option(
    "--tenant", default="", metavar="CODE",
    help="The state.  [default: what its files say]",
)  # fmt: skip
LEVELS: Final = ("error", "warning", "note")
FORMATS: Final = ("text", "json", "sarif", "github")


def of_a_role(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its folder of master data, the role of BBPS and the state."""
    return FOLDER(ROLE(TENANT(command)))


@click.group(name="mdms")
def mdms_group() -> None:
    """Examine, complete and compare the master data of a state.

    DIR is a checkout of the state's MDMS repository, or the folder of the state in it (data/pb).
    """


@mdms_group.command()
@of_a_role
@click.option(
    "--allow", "allowed", multiple=True, metavar="URL",
    help="A URL that the role of BBPS may have beyond the four.",
)  # fmt: skip
@click.option(
    "--service", "services", multiple=True, metavar="CODE",
    help="A business service that BBPS bills: what hinders that is an error.",
)  # fmt: skip
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
    help="Tax periods must hold this day.  [default: today]",
)  # fmt: skip
@click.option(
    "--level", type=click.Choice(LEVELS), default="warning", show_default=True,
    help="Show what is at least so grave.",
)  # fmt: skip
@click.option("--only", multiple=True, metavar="RULE", help="These rules only; patterns, too.")
@click.option("--skip", multiple=True, metavar="RULE", help="Leave out these rules.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True,
    help="Print a text, JSON, SARIF 2.1.0, or annotations of GitHub Actions.",
)  # fmt: skip
def lint(
    folder: Path, role: str, allowed: tuple[str, ...], services: tuple[str, ...],
    day: datetime | None, tenant: str, level: str, only: tuple[str, ...], skip: tuple[str, ...],
    form: str,
) -> None:  # fmt: skip
    """Find what is wrong with master data, with file, line and remedy.

    It examines every JSON file, the roles, role-actions and actions, whether the role of BBPS has
    its four actions and no more, and what demands need: business services, tax heads and tax
    periods. `mdms rules` lists the rules.

    Exit codes: 0 no error (warnings and notes may be there), 1 errors, 2 set-up or usage.
    """
    from conformance.mdms.billing_rules import ZONE
    from conformance.mdms.checkout import Checkout
    from conformance.mdms.lint import Expectations
    from conformance.mdms.lint import lint as linted
    from conformance.mdms.rules import RULES, Severity
    from conformance.report.lint import FORMS

    chosen = _chosen(list(RULES), only or ("*",)) - _chosen(list(RULES), skip)
    meant = Expectations(
        role=role, allowed=frozenset(allowed), services=frozenset(services),
        day=day.date() if day else datetime.now(ZONE).date(),
    )  # fmt: skip
    found = [each for each in linted(Checkout(folder, tenant), meant) if each.rule.id in chosen]
    grave = list(Severity)[: LEVELS.index(level) + 1]
    shown = [each for each in found if each.severity in grave]
    click.echo(FORMS[form](shown, len(found) - len(shown)), nl=False)
    if any(each.severity is Severity.ERROR for each in found):
        sys.exit(int(ExitCode.NON_CONFORMANT))


@mdms_group.command()
def rules() -> None:
    """List the rules of `mdms lint`: id, level, what is wrong, and what to do."""
    from conformance.mdms.rules import RULES

    for rule in RULES.values():
        click.echo(f"{rule.id:<24} {rule.severity:<7}  {rule.title}; {rule.remedy}")


@mdms_group.command()
@of_a_role
@click.option(
    "--url", "urls", multiple=True, metavar="URL",
    help="An action that the role needs.  [default: the four of BBPS]",
)  # fmt: skip
@click.option("--write", is_flag=True, help="Write the files, instead of printing the change.")
def plan(folder: Path, role: str, urls: tuple[str, ...], tenant: str, *, write: bool) -> None:
    """Print, as a unified diff, the rows that a role lacks: itself, actions, role-actions.

    Ids are those that actions-test.json has; an action that it lacks gets a free one. Rows are
    written as those around them, and nothing else of a file changes. In DIR, `git apply` takes the
    diff. With nothing to add, nothing is printed.

    Exit codes: 0 the rows are printed, written, or there; 2 set-up or usage.
    """
    from conformance.mdms.checkout import Checkout
    from conformance.mdms.masters import FOUR_URLS
    from conformance.mdms.plan import planned, unified

    for url in urls:
        if not url.startswith("/") or url != url.strip():
            raise click.UsageError(f"--url {url!r}: a URL begins with a slash, and has no blanks")
    checkout = Checkout(folder, tenant)
    changes = planned(checkout, role, urls or FOUR_URLS)
    for change in changes:
        name = change.path.relative_to(checkout.root).as_posix()
        if write:
            write_whole(change.path, change.after, "make it writable")
        else:
            click.echo(unified(change, name), nl=False)
        click.echo(
            f"{name}: {plural(len(change.rows), 'row')} {'added' if write else 'to add'}", err=True
        )
    if not changes:
        click.echo(f"Nothing to add: {role} has what it needs.", err=True)


@mdms_group.command()
@FOLDER
@TARGET_OR_REFERENCE
@BASE_URL
@click.option(
    "--format", "form", type=click.Choice(FORMATS[:2]), default="text", show_default=True,
    help="Print a text, or JSON.",
)  # fmt: skip
def diff(folder: Path, target: Path | None, base_url: str | None, form: str) -> None:
    """Compare the rows of DIR with those that a deployment serves, in both directions.

    Roles, role-actions, actions, business services, tax heads and tax periods of the state are
    compared, row by row and key by key. Nothing on the deployment is changed.

    Exit codes: 0 the same, 1 different, 2 set-up or usage, or not everything can be compared.
    """
    from conformance.mdms.checkout import Checkout
    from conformance.mdms.comparison import compare
    from conformance.run.config import RunConfig
    from conformance.run.reading import reading

    with reading(RunConfig(target=target, settings={"base_url": base_url})) as client:
        found = compare(Checkout(folder, client.target.state_tenant), client)
    click.echo(_as_json(found) if form == "json" else _as_text(found))
    if found.differences:
        sys.exit(int(ExitCode.NON_CONFORMANT))
    if found.unread:
        sys.exit(int(ExitCode.SETUP))


def _as_text(found: "MastersCompared") -> str:
    from conformance.report.plain import printable

    lines = [str(each) for each in found.differences]
    lines += [
        f"{file} is not compared: {why}" for file, why in {**found.left_out, **found.unread}.items()
    ]
    sides = Counter(each.side for each in found.differences)
    said = ", ".join(f"{number} {side}" for side, number in sides.items())
    where = " in what is compared" if found.left_out or found.unread else ""
    number = f"{plural(len(found.differences), 'difference')}{where}"
    lines.append(f"{number}: {said}" if said else number)
    return printable("\n".join(lines))


def _as_json(found: "MastersCompared") -> str:
    rows = [
        {
            "file": each.file, "side": each.side, "row": each.row,
            "path": str(each.spot.path or ""), "line": each.spot.line,
            "fields": {key: {"repository": own, "served": other}
                       for key, (own, other) in each.fields.items()},
        }
        for each in found.differences
    ]  # fmt: skip
    document = {"differences": rows, "left_out": found.left_out, "unread": found.unread}
    return json.dumps(document, indent=1)


def _chosen(known: Sequence[str], patterns: Sequence[str]) -> set[str]:
    """Return the rules that some pattern names; SetupError for one that names none."""
    chosen: set[str] = set()
    for pattern in patterns:
        found = {each for each in known if fnmatch(each, pattern)}
        if not found:
            hint = did_you_mean(pattern, known) or "see `bbps-conformance mdms rules`"
            raise SetupError(f"there is no rule {pattern}", remedy=hint)
        chosen |= found
    return chosen
