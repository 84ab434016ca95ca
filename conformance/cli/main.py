"""The command `bbps-conformance`. Heavy packages are imported by commands, not by their modules."""

import click

from conformance.cli.certify import certify
from conformance.cli.ci import ci_group
from conformance.cli.compare import compare
from conformance.cli.contracts import contracts_group
from conformance.cli.deployment import clean, doctor
from conformance.cli.ending import Commands
from conformance.cli.fleet import fleet_group
from conformance.cli.mdms import mdms_group
from conformance.cli.postman import export, import_
from conformance.cli.profile import profile_group
from conformance.cli.proof import keys_group, pack, verify
from conformance.cli.register import explain, list_
from conformance.cli.repeat import repeat
from conformance.cli.report import report
from conformance.cli.rerun import rerun
from conformance.cli.scenario_run import run
from conformance.cli.scenarios import scenarios_group
from conformance.cli.serving import gateway, serve
from conformance.cli.waivers import waivers_group


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="digit-bbps-conformance", prog_name="bbps-conformance")
def main() -> None:
    """Decide whether a DIGIT deployment may take bill payments from BBPS.

    Exit codes: 0 conformant, 1 non-conformant, 2 set-up or usage, 3 error of the suite,
    4 policy (a binding requirement stayed undecided, a waiver is stale, or only a part of the
    suite ran), 130 interrupted.
    """


for each in (
    contracts_group, scenarios_group, profile_group, mdms_group, waivers_group, ci_group, doctor,
    clean, certify, fleet_group, serve, gateway, list_, explain, repeat, report, compare, rerun,
    verify, pack, keys_group,
):  # fmt: skip
    main.add_command(each)
for command in (run, export, import_):
    scenarios_group.add_command(command)
