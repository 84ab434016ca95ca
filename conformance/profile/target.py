"""The target: what a deployment is, never what to expect of it. profile.py reads it from YAML."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    field_serializer,
    model_validator,
)

from conformance.core.verdicts import Inconclusive
from conformance.profile.error_texts import ErrorTexts
from conformance.profile.outcome import OutcomeSettings
from conformance.profile.section import A_DAY, SECRET_NAME, Headers, Section, is_address
from conformance.profile.this_machine import EMBEDDED, found_on_this_machine, on_this_machine

SHIPPED: Final = "shipped"  # the reference's master data, wherever the profile is copied to

# Each of the five modes, with its requirement: the only one of BBPS that may not apply.
REQUIREMENT_OF_MODE: Final = {
    "CASH": "PAY-01", "CHEQUE": "PAY-02", "DD": "PAY-03", "ONLINE": "PAY-04", "CARD": "PAY-05",
}  # fmt: skip
FIVE_MODES: Final = frozenset(REQUIREMENT_OF_MODE)
FINANCIAL_YEAR: Final = "financial-year"
MASTER: Final = "master"
MOST_RUPEES: Final = 10**9


class Mode(StrEnum):
    """What a run may do; the one place that says it.

    inspect: read only. Nothing is created, changed or cancelled.
    sandbox: demands, SYSTEM users and transactions are created, but none is ever completed: no
    payment is taken and no success is reported, so no money moves. Transactions may fail.
    full: everything, up to `limits.rupees_per_run`.
    """

    INSPECT = "inspect"
    SANDBOX = "sandbox"
    FULL = "full"

    @property
    def writes(self) -> bool:
        """Whether test data may be created."""
        return self is not Mode.INSPECT

    @property
    def pays(self) -> bool:
        """Whether money may move."""
        return self is Mode.FULL


def _base_url(value: str) -> str:
    if value == EMBEDDED:
        return value
    form = "must be http(s)://host[:port][/prefix], or the word embedded"
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _plain(value):
        raise ValueError(form)
    try:
        parts.port  # noqa: B018  it is read here
    except ValueError:
        raise ValueError(f"{form}; a port is a number from 1 to 65535") from None
    if parts.username or parts.query or parts.fragment:
        raise ValueError("must not contain a user name, a password or a query; use network.headers")
    return value.rstrip("/")


def _plain(value: str) -> bool:
    """Whether an address has no blanks and nothing that steers a terminal."""
    return value.isprintable() and " " not in value


def _egress(value: str) -> str:
    """Refuse what is neither `local:ADDRESS` nor the URL of a proxy."""
    kind, _, address = value.partition(":")
    if kind == "local":
        try:
            ip_address(address)
        except ValueError:
            raise ValueError("must name an address of this machine after local:") from None
    elif value and not is_address(value):
        raise ValueError("must be local:ADDRESS or http(s)://proxy:port")
    return value


def _path(value: str) -> str:
    """Refuse what is no path, such as a whole URL."""
    if value and not value.startswith("/"):
        raise ValueError("must be a path below base_url, for example /reference/clock")
    return value


def _period(value: str) -> str:
    """Refuse what is neither a word nor two days, in order."""
    if value not in {FINANCIAL_YEAR, MASTER}:
        first, _, last = value.partition("..")
        try:
            ordered = date.fromisoformat(first) <= date.fromisoformat(last)
        except ValueError:
            ordered = False
        if not ordered:
            raise ValueError(
                "must be financial-year, master (the TaxPeriod master), or FIRST..LAST with two "
                "days such as 2026-04-01..2027-03-31"
            )
    return value


def _prefixes(value: dict[str, str]) -> dict[str, str]:
    for service, prefix in value.items():
        if "/" in service or not prefix.startswith("/"):
            raise ValueError(
                f"{service}: {prefix}: maps a service's first path segment to a path that begins "
                "with /, as in pg-service: /payments/pg-service"
            )
    return {service: prefix.rstrip("/") for service, prefix in value.items()}


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as problem:  # Asia is a folder
        raise ValueError("is not a time zone of the IANA database, e.g. Asia/Kolkata") from problem
    return value


class Actor(Section):
    """An identity of the target; `create` lets the administrator create it for this run."""

    username: str = ""
    password: SecretStr = SecretStr("")
    type: Literal["SYSTEM", "EMPLOYEE", "CITIZEN", "BUSINESS"] = "EMPLOYEE"
    tenant: str = ""
    create: bool = False

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if not self.create and not self.username:
            raise ValueError("needs a username (or `create: true` for a SYSTEM user of this run)")
        if self.create and self.type != "SYSTEM":
            raise ValueError("only SYSTEM users are created by the suite")
        return self


class OAuthClient(Section):
    """The OAuth client that token requests name."""

    client_id: str = "egov-user-client"
    client_secret: SecretStr = SecretStr("")
    scope: str = "read"


class Service(Section):
    """A business service with the tax head that its demands use."""

    business_service: str
    tax_head: str


class Bills(Section):
    """Where payable bills come from, and what they are for; `amount` in rupees.

    `pool` is a CSV file of consumer codes with unpaid bills. `tax_period` is that of new demands:
    financial-year, master (the TaxPeriod of today), or FIRST..LAST.
    """

    provision: Literal["demands", "pool", "none"] = "demands"
    pool: str = ""
    business_service: str = "PT"
    tax_head: str = "PT_TAX"
    amount: Decimal = Field(default=Decimal(100), gt=0, le=MOST_RUPEES, decimal_places=2)
    consumer_prefix: str = Field(default="CONF", min_length=1, pattern=r"^[A-Za-z0-9-]+$")
    search_module: str = "PT"
    tax_period: Annotated[str, AfterValidator(_period)] = FINANCIAL_YEAR
    partial: Service | None = None  # one that allows part payment
    restricted: Service | None = None  # one that disallows a payment mode

    @property
    def certified(self) -> list[Service]:
        """Each business service that the profile names, the main one first."""
        main = Service(business_service=self.business_service, tax_head=self.tax_head)
        named = [main, *(each for each in (self.partial, self.restricted) if each)]
        found: dict[str, Service] = {}
        for each in named:
            found.setdefault(each.business_service, each)
        return list(found.values())

    @property
    def services(self) -> list[str]:
        """The codes of the business services that the profile names."""
        return [each.business_service for each in self.certified]

    @model_validator(mode="after")
    def _has_a_pool(self) -> Self:
        if self.provision == "pool" and not self.pool:
            raise ValueError("provision pool needs pool, the CSV file of consumer codes")
        return self


class Readers(Section):
    """Which actor reads back, by service; the BBPS user need not have these rights."""

    transactions: str = "administrator"
    payments: str = "cashier"
    bills: str = "administrator"
    demands: str = "administrator"


class Network(Section):
    """How the deployment is reached; an egress is `local:ADDRESS` or a proxy URL.

    `prefixes` is for services that are mounted elsewhere: first segment of their path -> prefix.
    """

    gateway: Literal["detect", "zuul", "spring"] = "detect"
    egress: Annotated[str, AfterValidator(_egress)] = ""
    """How requests leave this machine; empty: directly."""
    second_egress: Annotated[str, AfterValidator(_egress)] = ""
    """Another way, whose address is not white-listed, for USR-06."""
    own_address: str = ""
    """Our address in the white list of the deployment."""
    ca_file: str = ""
    headers: Headers = Field(default={})
    prefixes: Annotated[dict[str, str], AfterValidator(_prefixes)] = Field(default={})

    @field_serializer("egress", "second_egress")
    def _without_credential(self, value: str) -> str:
        user, at, place = value.rpartition("@")
        return f"{user.partition('//')[0]}//***@{place}" if at else value

    @property
    def secrets(self) -> list[str]:
        """Values that must never be recorded: of headers whose names say so, of proxies."""
        found = [
            each.get_secret_value()
            for name, each in self.headers.items()
            if SECRET_NAME.search(name)
        ]
        passwords = (urlsplit(each).password for each in (self.egress, self.second_egress))
        return found + [each for each in passwords if each]

    def placed(self, path: str) -> str:
        """Return where a path of a service is mounted."""
        for service, prefix in self.prefixes.items():
            if path.startswith(f"/{service}/"):
                return prefix + path.removeprefix(f"/{service}")
        return path


class Limits(Section):
    """How much load and money a run may use."""

    requests_per_second: float = Field(default=5, ge=0.01, le=100_000)
    """Pace of a run, retries included."""
    requests_in_flight: int = Field(default=64, ge=1, le=64)
    """Most requests that wait for a response at the same time."""
    rupees_per_run: Decimal = Field(default=Decimal(500), ge=0, le=MOST_RUPEES, decimal_places=2)
    """Most rupees that one run may pay."""
    settle_seconds: float = Field(default=30, gt=0, le=A_DAY)
    """How long an effect, such as a receipt, may take to show."""
    quiet_seconds: float = Field(default=2, ge=0, le=A_DAY)
    """How long to watch, at least, that something does not happen; longer on a slow system."""
    account_seconds: float = Field(default=0, ge=0, le=A_DAY)
    """How long logins and tokens may work on after their account changed, where they are cached."""
    timeout_seconds: float = Field(default=30, gt=0, le=A_DAY)
    """How long a request may take in all, from connecting to the end of the response."""
    retries: int = Field(default=3, ge=0, le=10)
    """How often to repeat a request without a response, or with 429, where this does no harm."""


class ContractChoice(Section):
    """The form of the contracts that exchanges must follow."""

    form: Literal["effective", "published"] = "effective"
    errata: Literal["auto"] | tuple[str, ...] = "auto"


class MasterData(Section):
    """The reviewed master data: a state's folder in a checkout of the MDMS repository.

    The word `shipped` names that of the reference deployment.
    """

    repository: str = ""


class Target(Section):
    """A deployment to certify."""

    name: str = Field(min_length=1)
    base_url: Annotated[str, AfterValidator(_base_url)]
    mode: Mode = Mode.INSPECT
    production: bool = False
    tenant: str = Field(min_length=1)
    state_tenant: str = Field(min_length=1)
    other_tenant: str = ""
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Kolkata"
    role: str = "BBPS_USER"
    declared_grants: dict[str, str] = Field(default={})
    """What the BBPS role is granted beyond the four actions: URL -> reason (MDM-06)."""
    actors: dict[str, Actor] = Field(default={})
    oauth: OAuthClient = OAuthClient()
    bills: Bills = Bills()
    payment_modes: tuple[str, ...] = ("CASH", "CHEQUE", "DD", "ONLINE", "CARD")
    outcome: OutcomeSettings = OutcomeSettings()
    error_texts: ErrorTexts = ErrorTexts()
    readers: Readers = Readers()
    mdms: MasterData = MasterData()
    network: Network = Network()
    limits: Limits = Limits()
    contract: ContractChoice = ContractChoice()
    clock_url: Annotated[str, AfterValidator(_path)] = ""
    """Path at which the reference deployment's clock is moved; real deployments have none."""
    waivers: str = ""
    """File of failures that the owner accepts for now; `waivers suggest RUN` writes a draft."""
    not_applicable: dict[str, str] = Field(default={})
    """Requirements that do not apply to the deployment: id -> reason; the certificate shows it.
    `explain ID` says of which requirements a profile may declare that, and when."""

    @property
    def embedded(self) -> bool:
        """Whether the run starts the reference deployment itself."""
        return self.base_url == EMBEDDED

    @property
    def loopback(self) -> bool:
        """Whether the deployment is on this machine."""
        return on_this_machine(self.base_url)

    @property
    def found_here(self) -> bool:
        """Whether the deployment's name leads to this machine now; a proxy looks it up itself."""
        by_proxy = self.network.egress and not self.network.egress.startswith("local:")
        return not by_proxy and found_on_this_machine(self.base_url)

    @property
    def modes(self) -> tuple[str, ...]:
        """The payment modes that the deployment takes, by the profile."""
        declared = self.not_applicable
        return tuple(
            mode for mode in self.payment_modes if REQUIREMENT_OF_MODE.get(mode) not in declared
        )

    @property
    def white_listed_address(self) -> str:
        """Our address in the white list; Inconclusive where the profile names none."""
        if not self.network.own_address and not self.loopback:
            raise Inconclusive(
                "the profile does not say which of our addresses is white-listed",
                "set network.own_address",
            )
        return self.network.own_address or "127.0.0.1"

    @property
    def second_city(self) -> str:
        """Another city of the same state; Inconclusive where the profile names none."""
        if not self.other_tenant:
            raise Inconclusive("the profile names no second city", "set other_tenant")
        return self.other_tenant

    @property
    def zone(self) -> ZoneInfo:
        """The deployment's time zone."""
        return ZoneInfo(self.timezone)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if not f"{self.tenant}.".startswith(f"{self.state_tenant}."):
            raise ValueError(f"tenant {self.tenant!r} is not below state_tenant")
        return self
