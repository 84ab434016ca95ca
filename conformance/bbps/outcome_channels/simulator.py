"""A payment gateway that the suite serves: pg-service requests every outcome from it.

It answers status requests of one gateway's protocol, on every path; outcomes are set in this
process alone, never from outside.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.bbps.outcome_channels.http_server import ChannelRequest, ChannelResponse, Listener
from conformance.bbps.outcome_channels.in_update import NotSignalled
from conformance.bbps.outcome_channels.outcome_report import OutcomeReport
from conformance.bbps.outcome_channels.protocols import PROTOCOLS
from conformance.client.response import Response
from conformance.profile.error_texts import says
from conformance.profile.outcome import GatewaySimulator


@dataclass(slots=True)
class Heard:
    """What pg-service requested so far: transactions, and what was wrong with the last request."""

    transactions: set[str]
    complaint: str = ""


class SimulatorChannel:
    """Serves the gateway from the first outcome on, until it is closed."""

    def __init__(self, gateway: str, settings: GatewaySimulator) -> None:
        """Take the gateway to speak as, and where to listen."""
        self._gateway = gateway
        self._protocol = PROTOCOLS[gateway]
        self._settings = settings
        self._merchant = {
            name: value.get_secret_value() for name, value in settings.merchant.items()
        }
        self._reports: dict[str, OutcomeReport] = {}
        self._heard = Heard(set())
        self._listener: Listener | None = None
        self._lock = threading.Lock()

    def open(self) -> None:
        """Listen; NotSignalled when the address cannot be had."""
        with self._lock:
            if self._listener is None:
                self._listener = self._listening()

    def set_outcome(self, report: OutcomeReport) -> Mapping[str, str | None]:
        """Answer pg-service with this outcome from now on; the update states nothing but the id."""
        self.open()
        with self._lock:
            self._reports[report.transaction] = report
        return {}

    def judge(self, reports: Sequence[OutcomeReport], response: Response) -> None:
        """NotSignalled when pg-service requested none of the transactions here.

        A refusal counts all the same once pg-service has requested others, unless it states that
        the gateway could not be reached.
        """
        with self._lock:
            heard, complaint = set(self._heard.transactions), self._heard.complaint
        if heard & {report.transaction for report in reports}:
            return
        if response.succeeded or not heard or says(response.text, response.texts.gateway_not_asked):
            what = f"the deployment never called the simulator at {self._settings.url}"
            if complaint:
                what = f"the deployment called the simulator, but presented {complaint}"
            raise NotSignalled(
                f"{what} about the transaction; the update was answered {response.description}",
                f"set the status address of {self._gateway} in pg-service to the simulator's "
                "(outcome.simulator.public_url), let it through firewalls, and give both the "
                "same merchant",
            )

    def close(self) -> None:
        """Stop listening."""
        with self._lock:
            if self._listener is not None:
                self._listener.close()
                self._listener = None

    def _listening(self) -> Listener:
        bind, port = self._settings.bind, self._settings.port
        try:
            return Listener(bind, port, self._response)
        except OSError as problem:
            raise NotSignalled(
                f"the payment gateway simulator cannot listen on {bind}:{port} "
                f"({problem.strerror or problem})",
                "free the port, or set outcome.simulator.bind and .port to an address of this "
                "machine that is free",
            ) from None

    def _response(self, request: ChannelRequest) -> ChannelResponse:
        """Answer one request of pg-service."""
        id_ = self._protocol.transaction(request.presented)
        if not id_:
            return self._payer(request)
        complaint = self._protocol.proof(request.presented, self._merchant)
        with self._lock:
            self._heard.complaint = complaint
            report = self._report_on(id_)
            if report is not None and not complaint:
                self._heard.transactions.add(report.transaction)
        if complaint:
            return ChannelResponse(status=403, text="not the merchant's")
        if report is None:  # pg-service takes any response for an end, but not an outage
            return ChannelResponse(status=503, text="the outcome is not set yet")
        return ChannelResponse(
            text=self._protocol.put(report), media_type=self._protocol.media_type
        )

    def _report_on(self, id_: str) -> OutcomeReport | None:
        """Return the report on a transaction; for AXIS, the module stands before the id."""
        exact = self._reports.get(id_)
        longer = (each for key, each in self._reports.items() if id_.endswith(f"-{key}"))
        return exact or next(longer, None)

    def _payer(self, request: ChannelRequest) -> ChannelResponse:
        """Send a payer on: PAYU wants to know, at creation, where the payer shall go."""
        if self._gateway == "PAYU" and request.presented.get("txnid"):
            return ChannelResponse(status=302, location=f"{self._settings.url}/payer")
        return ChannelResponse(
            status=404, text=f"no question for the status of a {self._gateway} payment"
        )
