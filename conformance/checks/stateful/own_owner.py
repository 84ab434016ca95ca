"""An owner that a trace has for itself, whom the administrator may dismiss and take back."""

from functools import partial
from typing import Any, Final

from conformance.bbps.dimensions.accounts import CHANGE, account_in_use, change_account
from conformance.bbps.flow import Bbps, Signal
from conformance.bbps.models import Bill, Transaction
from conformance.bbps.payloads import Share, total
from conformance.checks.controls import arrived, granted
from conformance.checks.expect import denied
from conformance.checks.probes import BBPS_ACTIONS
from conformance.checks.stateful.record import TraceRecord
from conformance.client.response import Response

NAME: Final = "own-integrator"
FETCH: Final = BBPS_ACTIONS[0]


class OwnOwner:
    """A SYSTEM user with the BBPS role; `name` is the actor under which it is enlisted."""

    name = NAME

    def __init__(self, bbps: Bbps, record: TraceRecord) -> None:
        self._bbps = bbps
        self._record = record
        self._user: dict[str, Any] = {}
        self._token = ""  # issued before the account was changed
        self._how = ""

    def enter(self) -> None:
        """Come into being, and log in."""
        self._user = account_in_use(self._bbps, NAME)
        arrived(FETCH.call(self._bbps, as_=NAME), "a call of a new SYSTEM user")
        self._record.called("the owner is a SYSTEM user of its own")

    def dismiss(self, how: str) -> None:
        """Have the administrator change the account, and wait until that must have effect."""
        bbps = self._bbps
        self._token, self._how = bbps.client.token(NAME), how
        fields = CHANGE.values[how].fields(bbps)
        granted(change_account(bbps, self._user, fields), "the change of an account")
        self._record.called(f"administrator changes the owner's account: {how}")
        answer = bbps.polling.after_account_change(
            partial(FETCH.call, bbps, as_=NAME, token=self._token),
            lambda answer: not answer.reached,
        )
        self._shut_out(answer, "the dismissed owner fetches")

    def reinstate(self) -> None:
        """Have the administrator undo the change; the owner logs in again."""
        bbps = self._bbps
        fields = CHANGE.values[self._how].undo(bbps)
        granted(change_account(bbps, self._user, fields), "the change of an account back")
        self._record.called("administrator takes the change of the owner's account back")
        bbps.client.enlist(NAME, bbps.client.actor(NAME))  # forgets the token
        bbps.polling.after_account_change(
            partial(FETCH.call, bbps, as_=NAME), lambda answer: answer.reached
        )

    def shut_out_of_fetching(self, bill: Bill) -> None:
        """Demand that the dismissed owner fetches no bill."""
        query = {
            "tenantId": bill.tenant,
            "businessService": bill.business_service,
            "consumerCode": bill.consumer_code,
        }
        response = FETCH.call(self._bbps, as_=NAME, token=self._token, query=query)
        self._shut_out(response, f"the dismissed owner fetches the bill {bill.id}")

    def shut_out_of_creating(self, shares: list[Share]) -> None:
        """Demand that the dismissed owner creates no transaction."""
        response = self._bbps.submit_transaction(
            shares[0].bill, shares=shares, as_=NAME, token=self._token
        )
        what = f"the dismissed owner creates a transaction of ₹ {total(shares)}"
        self._shut_out(response, what)

    def shut_out_of_reporting(self, transaction: Transaction, signal: Signal, text: str) -> None:
        """Demand that the dismissed owner updates no transaction."""
        response = self._bbps.update(transaction, signal, as_=NAME, token=self._token)
        self._shut_out(response, text)

    def _shut_out(self, response: Response, what: str) -> None:
        self._record.called(f"{what}: {response.description}")
        what = f"what the owner does with the token it had, since {self._how},"
        self._record.demanded("USR-12", partial(denied, response, what))
