"""Random stories of one bill, drawn by Hypothesis; the shortest bad ones are kept.

A story is drawn whole before it is played: one that is given up half-way would have moved money
for nothing. Each requirement is hunted on its own, so that one does not hide another.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from conformance.bbps import Bbps
from conformance.checks.lifecycle import OUTCOMES, OWNER, Departure, Story
from conformance.client import ANONYMOUS
from conformance.clock import SECOND
from conformance.evidence import CURRENT_CHECK
from conformance.verdicts import Inconclusive

MINUTE: Final = 60 * SECOND
OUTSIDERS: Final = ("rival", "cashier", "citizen", "administrator", ANONYMOUS)
LONGEST: Final = 12  # steps
ROUNDS: Final = 4  # of stories, until each rule was put to the test
STORIES: Final = {"quick": 8, "standard": 20, "deep": 200}  # of one round
SHRINKING: Final = {"quick": 20, "standard": 50, "deep": 200}  # further ones, to find a short one
RULES: Final = frozenset(
    {
        "BIL-05", "BIL-06", "TXN-04", "TXN-05", "TXN-06", "TXN-08", "TXN-09", "TXN-10", "TXN-12",
        "RCP-01", "RCP-04", "RCP-05", "PAY-09",
    }
)  # fmt: skip

Step = Callable[[Story], None]


def _report(actor: str, outcome: str, first: bool) -> Step:
    return lambda story: story.report(actor, outcome, first=first)


def _reports(*actors: str) -> st.SearchStrategy[Step]:
    """Draw a report of an outcome, of the first transaction or (mostly) the latest."""
    first = st.sampled_from((False, False, True))
    return st.builds(_report, st.sampled_from(actors), st.sampled_from(OUTCOMES), first)


_ASKS: Final[st.SearchStrategy[Step]] = st.sampled_from((Story.create, Story.create, Story.fetch))
_OTHERS: Final[st.SearchStrategy[Step]] = st.sampled_from(
    (Story.let_expire, Story.let_expire, Story.pay_cash, Story.change, Story.cancel)
)
STEPS: Final = st.lists(
    st.one_of(_ASKS, _reports(OWNER), _reports(OWNER), _reports(*OUTSIDERS), _OTHERS),
    min_size=1,
    max_size=LONGEST,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A story that departs from the rules: its name, its lines, and the departure."""

    name: str
    lines: tuple[str, ...]
    departure: Departure

    @property
    def narrative(self) -> str:
        """The story as numbered lines."""
        return "\n".join(f"{number}. {line}" for number, line in enumerate(self.lines, start=1))


@dataclass(slots=True)
class Tales:
    """What came of all stories; a story's name is what its exchanges are filed under."""

    told: int = 0
    bad: dict[str, Bad] = field(default_factory=dict)  # requirement -> its shortest story
    judged: dict[str, str] = field(default_factory=dict)  # requirement -> a story that came to it
    lost: list[str] = field(default_factory=list)  # why stories could not be played to their end

    def keep(self, bad: Bad) -> None:
        """Keep a story if it is the shortest of its requirement."""
        shortest = self.bad.get(bad.departure.requirement)
        if shortest is None or len(bad.lines) <= len(shortest.lines):
            self.bad[bad.departure.requirement] = bad


def tell(bbps: Bbps, depth: str, seed_: int) -> Tales:
    """Play stories until every rule was put to the test and no further departure shows."""
    tales = Tales()
    for number in range(ROUNDS):
        while _departs(bbps, tales, depth, seed_ + number):
            pass
        if tales.judged.keys() >= RULES or (number == 0 and len(tales.lost) == tales.told):
            break
    return tales


def _departs(bbps: Bbps, tales: Tales, depth: str, seed_: int) -> bool:
    """Play one round; return whether it found a departure by another requirement."""
    known = frozenset(tales.bad)
    left = SHRINKING[depth]

    @seed(seed_)
    @settings(
        max_examples=STORIES[depth],
        derandomize=False,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(STEPS)
    def round_(steps: Sequence[Step]) -> None:
        nonlocal left
        left -= tales.bad.keys() > known
        if left < 0:
            raise _Enough
        departure = _play(bbps, tales, steps)
        if departure is not None and departure.requirement not in known:
            raise departure

    # The shortest story is kept; a deployment that will not repeat it has told it once.
    with suppress(Departure, Flaky, _Enough):
        round_()
    return tales.bad.keys() > known


class _Enough(BaseException):
    """Ends a search for shorter stories; no Exception, which Hypothesis would take for a find."""


def _play(bbps: Bbps, tales: Tales, steps: Sequence[Step]) -> Departure | None:
    """Play one story to its end, or to the first departure, which is returned."""
    tales.told += 1
    name = f"lifecycle::story {tales.told}"
    story = None
    token = CURRENT_CHECK.set(name)
    try:
        story = Story(bbps, lateness=tales.told * 10 * MINUTE)
        for step in steps:
            step(story)
    except Inconclusive as lost:
        tales.lost.append(str(lost))
    except Departure as departure:
        tales.keep(Bad(name=name, lines=tuple(story.lines if story else ()), departure=departure))
        return departure
    finally:
        CURRENT_CHECK.reset(token)
        if story is not None:
            tales.judged |= dict.fromkeys(story.judged, name)
    return None
