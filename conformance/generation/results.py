"""What came of the generated requests of an operation: counts, and each way in which it fails."""

from dataclasses import dataclass, field

from conformance.generation.cases import GeneratedCase


@dataclass(slots=True, kw_only=True)
class GeneratedFailure:
    """One way in which an operation fails: its cause, how often, and the smallest request."""

    requirement: str
    cause: str
    detail: str
    case: GeneratedCase
    exchange: str
    times: int = 0

    @property
    def description(self) -> str:
        """The cause in one clause, for `observed` sentences."""
        requests = "1 request" if self.times == 1 else f"{self.times} requests"
        return f"{self.cause}{self.detail} ({requests})"


@dataclass(slots=True, kw_only=True)
class GenerationResult:
    """What came of the generated requests of one operation."""

    operation: str
    sent: int = 0
    accepted: int = 0
    undecided: int = 0
    in_a_row: int = 0  # without an answer
    gave_up: bool = False  # requests were left out, for so many had no answer
    trouble: str = ""
    last: str = ""  # id of the latest exchange
    found: dict[tuple[str, str], GeneratedFailure] = field(default_factory=dict)

    def of(self, requirement: str) -> list[GeneratedFailure]:
        """Return the failures of one requirement, the most frequent first."""
        own = [each for each in self.found.values() if each.requirement == requirement]
        return sorted(own, key=lambda each: -each.times)

    def file(self, key: tuple[str, str], detail: str, case: GeneratedCase, exchange: str) -> None:
        """Count one more request that fails in a way: (requirement, cause)."""
        times = self.found[key].times if key in self.found else 0
        if key not in self.found or case.size < self.found[key].case.size:
            requirement, cause = key
            self.found[key] = GeneratedFailure(
                requirement=requirement, cause=cause, detail=detail, case=case, exchange=exchange
            )
        self.found[key].times = times + 1

    def include(self, other: "GenerationResult") -> None:
        """Count what came of other requests of the operation, too."""
        self.sent += other.sent
        self.accepted += other.accepted
        self.undecided += other.undecided
        self.in_a_row += other.in_a_row
        self.trouble, self.last = other.trouble or self.trouble, other.last or self.last
        self.found |= other.found

    @property
    def description(self) -> str:
        """How many requests, and how they were answered."""
        refused = self.sent - self.accepted - self.undecided
        undecided = f", {self.undecided} without an answer" if self.undecided else ""
        return (
            f"{self.sent} generated requests: {self.accepted} accepted, {refused} refused"
            + undecided
        )


@dataclass(slots=True, kw_only=True)
class Control:
    """How the right request of an operation was answered, and the actor who sent it."""

    caller: str
    accepted: bool = False
    closed: bool = False  # the gateway lets no actor of the profile through
    answer: str = "not sent"
    remedy: str = ""
