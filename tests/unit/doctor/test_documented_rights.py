"""What the doctor asks the gateway for is what the documents tell an operator to grant."""

from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.requirements import Register
from conformance.core.resources import EXAMPLES
from conformance.doctor.predictions import rights_of
from conformance.mdms.masters import FOUR_URLS
from conformance.profile.target import Mode

README = (EXAMPLES / "README.md").read_text(encoding="utf-8")
ROWS = {
    line.split("|")[1].strip(): line for line in README.splitlines() if line.startswith("| ")
}  # fmt: skip


def test_each_right_is_in_the_table_of_its_actor() -> None:
    missing = []
    for operation, actors in rights_of(Register.load(), Mode.FULL):
        path = ENDPOINTS[operation].path.format(module="PT")
        if actors[0] == "integrator" and path in FOUR_URLS:
            continue
        if f"`{path}`" not in ROWS[actors[0]]:
            missing.append(f"{actors[0]}: {path}")
    assert missing == []
