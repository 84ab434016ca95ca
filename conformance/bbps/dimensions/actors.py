"""Who calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.bbps.dimensions.dimension import Dimension
from conformance.bbps.flow import FAILURE, Bbps
from conformance.bbps.models import Bill, Transaction, read
from conformance.bbps.payloads import PAYER
from conformance.client.client import ANONYMOUS
from conformance.core.verdicts import NotApplicable

CALLER_IN_BETWEEN: Final = Dimension(
    name="caller in between",
    source="a service may file by its caller what it should file by its object",
    values={
        "the same user": "integrator",
        "another SYSTEM user": "rival",
        "a citizen": "citizen",
    },
)


def identity(bbps: Bbps, actor: str = "integrator") -> Mapping[str, Any]:
    """Return the user that a login of an actor shows; it logs in once a run."""
    return bbps.once(
        f"identity of {actor}",
        lambda: dict(read(bbps.client.login(actor).body, "UserRequest")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsider:
    """Somebody who did not create a transaction: `enlisted` returns the name of the actor.

    `through`: the gateway lets such a user through to an update. `payer` is whom the transaction
    names as its payer; `before` is what the outsider does with its bill first.
    """

    enlisted: Callable[[Bbps], str]
    through: bool = False
    payer: Callable[[Bbps], Mapping[str, Any]] | None = None
    before: Callable[[Bbps, Bill], object] | None = None

    @property
    def shares(self) -> bool:
        """Whether any transaction of the integrator will do, also one that others tried on."""
        return self.payer is None and self.before is None

    def transaction(self, bbps: Bbps, bill: Bill) -> Transaction:
        """Have the integrator's transaction on a bill, as far as the outsider has to do with it."""
        if self.before:
            self.before(bbps, bill)
        changes: dict[str, Any] = {}
        if self.payer:  # its user name and tenant are those that every transaction names
            request = bbps.transaction_request(bill, bill.amount)
            changes["user"] = {**request["user"], **self.payer(bbps)}
        return bbps.create_transaction(bill, **changes)


def _of_the_profile(name: str) -> Callable[[Bbps], str]:
    return lambda _: name


def _sharing(*attributes: str, kind: str = "SYSTEM") -> Callable[[Bbps], str]:
    """Create a user with the BBPS role who has some attributes of the integrator."""

    def enlist(bbps: Bbps) -> str:
        owner = identity(bbps)
        if missing := [name for name in attributes if not owner.get(name)]:
            raise NotApplicable(f"not looked at: the integrator has no {missing[0]}")
        return _created(bbps, kind, **{name: owner[name] for name in attributes})

    return enlist


def _created(bbps: Bbps, kind: str, **attributes: Any) -> str:
    _, response = bbps.provision.new_system_user("outsider", kind=kind, **attributes)
    if not response.succeeded or not bbps.client.login("outsider").succeeded:
        raise NotApplicable(
            f"not looked at: no {kind} with the role, and such attributes, is created or logs in "
            f"({response.description})"
        )
    return "outsider"


def _with_the_payers_number(bbps: Bbps) -> str:
    return _created(bbps, "SYSTEM", mobileNumber=PAYER["mobileNumber"], name=PAYER["name"])


def _of_another_city(bbps: Bbps) -> str:
    bbps.provision.system_user("outsider", role_tenant=bbps.target.second_city)
    return "outsider"


def _citizen(bbps: Bbps) -> Mapping[str, Any]:
    """Return the citizen of the profile as the payer of a transaction."""
    citizen = identity(bbps, "citizen")
    names = ("uuid", "name", "userName", "mobileNumber", "tenantId")
    return {name: citizen[name] for name in names if citizen.get(name)}


def _tried_before(bbps: Bbps, bill: Bill) -> None:
    """Let a transaction of the rival fail on a bill."""
    failed = bbps.create_transaction(bill, as_="rival")
    bbps.update(failed, FAILURE, as_="rival")
    bbps.polling.eventually(
        lambda: bbps.transaction(failed.id),
        lambda seen: seen.status == "FAILURE",
        "the state FAILURE of the rival's transaction",
    )


RIVAL: Final = "another SYSTEM user"
OUTSIDER: Final[Dimension[Outsider]] = Dimension(
    name="outsider",
    source="TXN-08: anybody but the creating user; users of DIGIT are distinguished by their uuid",
    values={
        RIVAL: Outsider(enlisted=_of_the_profile("rival"), through=True),
        "one with the owner's mobile number": Outsider(
            enlisted=_sharing("mobileNumber"), through=True
        ),
        "one with the owner's e-mail address": Outsider(enlisted=_sharing("emailId"), through=True),
        "one with all but the owner's user name": Outsider(
            enlisted=_sharing("name", "mobileNumber", "emailId"), through=True
        ),
        "an employee with the owner's role": Outsider(enlisted=_sharing(kind="EMPLOYEE")),
        "an employee with the owner's mobile number": Outsider(
            enlisted=_sharing("name", "mobileNumber", kind="EMPLOYEE")
        ),
        "one with the payer's mobile number": Outsider(
            enlisted=_with_the_payers_number, through=True
        ),
        "the citizen who pays": Outsider(enlisted=_of_the_profile("citizen"), payer=_citizen),
        "one whose transaction on the bill failed": Outsider(
            enlisted=_of_the_profile("rival"), through=True, before=_tried_before
        ),
        "a SYSTEM user of another city": Outsider(enlisted=_of_another_city),
        "a cashier": Outsider(enlisted=_of_the_profile("cashier")),
        "a citizen": Outsider(enlisted=_of_the_profile("citizen")),
        "an administrator": Outsider(enlisted=_of_the_profile("administrator")),
        "nobody": Outsider(enlisted=_of_the_profile(ANONYMOUS)),
    },
)
