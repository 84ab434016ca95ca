"""`python -m tests.agreement FILE`: compare the reference with what real DIGIT answered.

Replays the recorded exchanges of FILE (one JSON object per line) against a served reference of the
matching lineage and configuration. Prints the agreement in status, error codes and shape by
endpoint, then each disagreement.

Ends with 0 when at least 99 % agree and every other one has a reason in remaining.yaml, with 1 when
not, with 2 when FILE holds no recording, or a line of it cannot be replayed.
"""

import sys
from pathlib import Path

import click

from tests.agreement.agreement import settings_of, verdicts_on
from tests.agreement.recording import BadRecording
from tests.agreement.report import TARGET, lines, share


@click.command(help=__doc__)
@click.argument("file", type=click.Path(path_type=Path))
def main(file: Path) -> None:
    try:
        verdicts = verdicts_on(file)
    except BadRecording as problem:
        click.echo(f"{problem}", err=True)
        sys.exit(2)
    for deployment in dict.fromkeys(each.exchange.deployment for each in verdicts):
        click.echo(f"{deployment}: compared with lineage {settings_of(deployment).lineage}")
    for line in lines(verdicts):
        click.echo(line)
    reasoned = all(each.reason for each in verdicts if each.difference is not None)
    sys.exit(0 if share(verdicts) >= TARGET and reasoned else 1)


if __name__ == "__main__":
    main()
