"""The command `repeat`: parse, call, print."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.cli.options import (
    BASE_URL,
    KNOWN_AS,
    MODE,
    REPORTS,
    TARGET_OR_REFERENCE,
    of_the_reference,
)
from conformance.cli.readiness import undone
from conformance.cli.runs import check_of, folder_of
from conformance.core.wording import plural

if TYPE_CHECKING:
    from conformance.core.exchange import Exchange
    from conformance.run.repeating import Repeated

LONGEST: Final = 120  # characters of an address
SHOWN: Final = 600  # characters of an answer


@click.command()
@click.argument("run")
@click.argument("check")
@TARGET_OR_REFERENCE
@BASE_URL
@MODE
@KNOWN_AS
@of_the_reference
@REPORTS
def repeat(run: str, check: str, *, reports: Path, **given: Any) -> None:
    """Send again what CHECK of RUN exchanged, and show the answers of then and now.

    RUN is a folder, an id, or latest; CHECK is the name of a check, or a part of it that only one
    has; a failed check comes first. Users and codes are new, and undone at the end; mode and cap of
    the profile hold. A clock is not moved, and every request leaves from the first address.
    """
    from conformance.cli.certify import config_of
    from conformance.report.plain import printable
    from conformance.report.postman import needed
    from conformance.results.reading import exchanges_of, read
    from conformance.run.opening import open_run
    from conformance.run.repeating import repeat as repeated

    folder = folder_of(run, reports)
    results, exchanges = read(folder), exchanges_of(folder)
    row = check_of(results, check)
    config = config_of(contracts=(), reports=reports, settle=None, resume=None, only=(), **given)
    opened = open_run(config)
    click.echo(printable(f"{row.id} ({', '.join(row.requirements)}): {row.verdict} then"))
    same = count = 0
    with undone(opened):
        for each in repeated(opened, needed(exchanges, row.id, row.exchanges)):
            click.echo(printable("\n".join(_lines(each))))
            count, same = count + 1, same + each.same
    click.echo(f"{plural(count, 'exchange')}, {same} with the same status as then.")
    if row.required:
        click.echo(printable(f"required then: {row.required}\nobserved then: {row.observed}"))


def _lines(repeated: "Repeated") -> list[str]:
    then, now = repeated.then, repeated.now
    address = _start(f"/{then.url.partition('://')[2].partition('/')[2]}", LONGEST)
    lines = [f"{then.id}  {then.operation} as {then.actor}: {then.method} {address}"]
    if now is None:
        return [*lines, f"  then  {_answer(then)}", f"  now   not sent: {repeated.reason}"]
    if repeated.same:
        return [*lines, f"  both  {_answer(now)}"]
    return [
        *lines,
        f"  then  {_answer(then)}", f"        {_start(then.response_body, SHOWN)}",
        f"  now   {_answer(now)}", f"        {_start(now.response_body, SHOWN)}",
    ]  # fmt: skip


def _answer(exchange: "Exchange") -> str:
    return f"HTTP {exchange.status}" if exchange.status else f"no answer: {exchange.failure}"


def _start(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[:limit]}..."
