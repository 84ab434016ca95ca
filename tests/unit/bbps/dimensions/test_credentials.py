"""Wrong credentials differ from the right ones."""

import pytest

from conformance.bbps.dimensions.credentials import WRONG_CREDENTIAL
from conformance.profile.target import Actor, Target

TARGET = Target(name="t", base_url="embedded", tenant="pb.amritsar", state_tenant="pb")
RIGHT = {
    "username": "conf-1-agent", "password": "Bb1@0123456789", "userType": "SYSTEM",
    "tenantId": "pb", "grant_type": "password",
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_CREDENTIAL.values)
def test_something_is_wrong(name: str) -> None:
    actor = Actor.model_validate(
        {
            "username": RIGHT["username"],
            "password": RIGHT["password"],
            "type": "SYSTEM",
            "tenant": "pb",
        }
    )
    changes = dict(WRONG_CREDENTIAL.values[name](actor, TARGET))
    assert changes
    assert all(RIGHT.get(field) != value for field, value in changes.items())
