"""The profile's section `outcome`: how a transaction's success or failure is signalled."""

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_serializer, model_validator

from conformance.profile.section import A_DAY, SECRET_NAME, Headers, Section, is_address

# What a command, or a hook, may learn of a transaction.
PLACEHOLDERS: Final = ("transaction", "outcome", "amount", "gateway")
# What pg-service presents to a payment gateway, by gateway whose status protocol is spoken.
MERCHANT: Final = {
    "AXIS": ("vpc_Merchant", "vpc_AccessCode", "vpc_User", "vpc_Password"),
    "PAYU": ("key", "salt"),
    "PAYTM": ("MID",),
}
MERCHANT_SECRETS: Final = frozenset({"vpc_Password", "vpc_AccessCode", "salt"})


def _http_url(value: str) -> str:
    """Refuse what is no address; what a reader may see of it is `shown`."""
    if value and not is_address(value):
        raise ValueError("must be http(s)://host[:port][/path]")
    return value.rstrip("/")


def shown(url: str) -> str:
    """Return an address without user, password and query, which may hold secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if url else ""


class OutcomeParameters(Section):
    """Names of the query parameters by which an update states the outcome."""

    id: str = "eg_pg_txnid"
    status: str = "txnStatus"
    amount: str = "txnAmount"
    reference: str = "gatewayTxnId"
    success: str = "SUCCESS"
    failure: str = "FAILURE"


class GatewaySimulator(Section):
    """A payment gateway that the suite serves, and that pg-service queries for the outcome.

    `public_url` is its address as pg-service reaches it, if that is not bind and port. `merchant`
    is what pg-service must send, by name; what is left out is not checked.
    """

    bind: str = "127.0.0.1"
    port: int = Field(default=8081, ge=1, le=65535)
    public_url: Annotated[str, AfterValidator(_http_url)] = ""
    merchant: dict[str, SecretStr] = Field(default={})

    @property
    def url(self) -> str:
        """The address under which pg-service reaches the simulator."""
        host = f"[{self.bind}]" if ":" in self.bind else self.bind
        return self.public_url or f"http://{host}:{self.port}"


class Command(Section):
    """A program of yours that sets an outcome; `words` are the program and its arguments.

    It is started without a shell. Placeholders in words: {transaction}, {outcome} (success,
    failure or pending), {amount} (rupees), {gateway}. Secrets reach it through its environment.
    """

    words: tuple[str, ...] = ()
    timeout_seconds: float = Field(default=30, gt=0, le=A_DAY)

    @model_validator(mode="after")
    def _known_placeholders(self) -> Self:
        for word in self.words:
            for name in re.findall(r"\{(\w*)\}", word):
                if name not in PLACEHOLDERS:
                    known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
                    raise ValueError(
                        f"words: {{{name}}} is not a placeholder; the placeholders are {known}"
                    )
        return self

    @field_serializer("words")
    def _without_secrets(self, words: tuple[str, ...]) -> list[str]:
        """Keep the program and the placeholders: other words may be filled from variables."""
        return [
            word if not number or word.startswith("{") else "***"
            for number, word in enumerate(words)
        ]


class Hook(Section):
    """An address of yours that sets an outcome: POST of {transaction, outcome, amount, gateway}."""

    url: Annotated[str, AfterValidator(_http_url)] = ""
    headers: Headers = Field(default={})
    timeout_seconds: float = Field(default=30, gt=0, le=A_DAY)

    @field_serializer("url")
    def _without_secrets(self, url: str) -> str:
        return shown(url)


class OutcomeSettings(Section):
    """How a transaction's success or failure is signalled to the deployment."""

    style: Literal["update-parameters", "gateway-simulator", "command", "hook", "none"] = (
        "update-parameters"
    )
    gateway: str = "BBPS"
    """Gateway that transactions name."""
    inactive_gateway: str = ""
    """A gateway that is registered but switched off, to see it refused; empty leaves that out."""
    callback_url: str = "https://bbps.example.org/return"
    """Address to which transactions send the payer back; the suite serves nothing there."""
    parameters: OutcomeParameters = OutcomeParameters()
    simulator: GatewaySimulator = GatewaySimulator()
    command: Command = Command()
    hook: Hook = Hook()

    @property
    def secrets(self) -> Iterator[str]:
        """Values that must never be recorded."""
        for name, value in self.simulator.merchant.items():
            if name in MERCHANT_SECRETS:
                yield value.get_secret_value()
        for name, value in self.hook.headers.items():
            if SECRET_NAME.search(name):
                yield value.get_secret_value()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.style == "command" and not self.command.words:
            raise ValueError("style command needs command.words, the program and its arguments")
        if self.style == "hook" and not self.hook.url:
            raise ValueError("style hook needs hook.url, the address that sets outcomes")
        if self.style != "gateway-simulator":
            return self
        if self.gateway not in MERCHANT:
            raise ValueError(
                f"style gateway-simulator supports the gateways {', '.join(MERCHANT)}, "
                f"not {self.gateway}"
            )
        strange = [name for name in self.simulator.merchant if name not in MERCHANT[self.gateway]]
        if strange:
            raise ValueError(
                f"simulator.merchant: pg-service does not send {', '.join(strange)} to "
                f"{self.gateway}; it sends {', '.join(MERCHANT[self.gateway])}"
            )
        return self
