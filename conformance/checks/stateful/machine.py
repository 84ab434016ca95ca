"""Stories of one bill: a few fixed ones, so that each rule is put to the test; then random ones.

The random ones are drawn by a state machine of Hypothesis, which also looks for a shorter story
once one is bad. Each requirement is hunted on its own, so that one does not hide another. A run
costs some 250 exchanges at quick, 500 at standard, 4000 at deep; waits in vain are bounded (VAIN).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeVar

from hypothesis import seed
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conformance.bbps.clock import SECOND
from conformance.bbps.flow import Bbps
from conformance.checks.stateful.model import OTHER_AMOUNT, OUTCOMES, OWNER, Departure, Story
from conformance.checks.stateful.results import Bad, Tales
from conformance.client.client import ANONYMOUS, Unanswered
from conformance.client.exchange_log import ExchangeLog
from conformance.core.exchange import CURRENT_CHECK
from conformance.core.verdicts import Inconclusive
from conformance.generation import unhurried

Step = Callable[[Story], None]
Places = int | MultipleResults[int]
Rule = TypeVar("Rule", bound=Callable[..., Any])

MINUTE: Final = 60 * SECOND
OUTSIDERS: Final = ("rival", "cashier", "citizen", "administrator", ANONYMOUS)
LONGEST: Final = 10  # steps of a random story
STORIES: Final = {"quick": 8, "standard": 24, "deep": 200}  # random ones
SHRINKING: Final = {"quick": 15, "standard": 25, "deep": 100}  # further ones, for a short one
VAIN: Final = 4  # waits for what never shows, before no more stories are told
LOST: Final = 5  # stories in a row that could not be told to their end, likewise
TRIES: Final = 3  # of a fixed story that was lost because an answer did not come

succeed, fail, mistake = (
    partial(Story.report, actor=OWNER, outcome=outcome)
    for outcome in ("success", "failure", OTHER_AMOUNT)
)
FIXED: Final[tuple[tuple[Step, ...], ...]] = (  # those that await no outcome come first
    (Story.let_expire, Story.create, Story.fetch),
    (Story.change, Story.create, Story.fetch),
    (Story.pay_cash, Story.pay_cash),
    (Story.create, Story.create),
    (Story.create, *(partial(Story.report, actor=actor, outcome="success") for actor in OUTSIDERS)),
    (Story.create, mistake),
    (Story.create, succeed, Story.fetch),
    (Story.create, fail, succeed, Story.create),
    (Story.create, succeed, succeed, fail, Story.pay_cash),
    (Story.create, Story.let_expire, succeed),
)
ALWAYS: Final = (Story.only_a_success_has_receipts, Story.the_bill_is_paid_once)


class Telling:
    """A story on its way; it is over with its first departure, and when it cannot go on."""

    def __init__(self, tales: Tales, name: str, story: Story) -> None:
        """Begin a story; `name` is what its exchanges are filed under."""
        self.story = story
        self.over = False
        self.unanswered = False
        self.departure: Departure | None = None
        self._tales = tales
        self._name = name
        self.take(Story.begin)

    def take(self, step: Step) -> Departure | None:
        """Take a step, unless the story is over; return the departure that it shows."""
        if self.over:
            return None
        token = CURRENT_CHECK.set(self._name)
        try:
            step(self.story)
            self._came_to()
        except Departure as departure:
            self.over, self.departure = True, departure
            self._came_to()
            lines = tuple(self.story.lines)
            self._tales.keep(Bad(name=self._name, lines=lines, departure=departure))
            return departure
        except Inconclusive as lost:
            self.over, self.unanswered = True, isinstance(lost, Unanswered)
            self._tales.lose(str(lost))
        finally:
            CURRENT_CHECK.reset(token)
        return None

    def end(self) -> None:
        """Take note that the story was told to its end, if it was."""
        if not self.over:
            self._tales.lost_in_a_row = 0

    def _came_to(self) -> None:
        """Take note of the rules that were judged; not in a step that got lost half-way."""
        self._tales.judged |= dict.fromkeys(self.story.judged, self._name)


class Teller:
    """Tells stories on one deployment, as long as it makes sense to tell more of them."""

    def __init__(self, bbps: Bbps, recorded: ExchangeLog) -> None:
        self.tales = Tales()
        self._bbps = bbps
        self._recorded = recorded
        self._vain = bbps.patience.in_vain
        self._lost = False  # whether an answer of the latest story did not come

    @property
    def tired(self) -> bool:
        """Whether too much was waited for in vain, or one story after the other is lost."""
        vain = self._bbps.patience.in_vain - self._vain
        return vain >= VAIN or self.tales.lost_in_a_row >= LOST

    def begin(self) -> Telling:
        """Begin another story."""
        self.tales.told += 1
        name = f"lifecycle::story {self.tales.told}"
        story = Story(
            self._bbps,
            lateness=self.tales.told * 10 * MINUTE,
            latest=lambda: self._recorded.latest_of(name),
        )
        return Telling(self.tales, name, story)

    def tell(self, steps: Sequence[Step]) -> None:
        """Tell a fixed story, again if an answer was lost on the way; a bad one then shorter."""
        known = frozenset(self.tales.bad)
        for _ in range(TRIES):
            if self.tired:
                return
            departed = self._departs(steps)
            if departed and departed not in known:
                self._shorten(steps, departed)
            if not self._lost:
                return

    def _shorten(self, steps: Sequence[Step], requirement: str) -> None:
        """Leave out each step without which the story is bad all the same."""
        for place in reversed(range(len(steps))):
            shorter = [*steps[:place], *steps[place + 1 :]]
            if steps[place] is Story.create or self.tired:  # what follows needs its transaction
                continue
            if self._departs(shorter) == requirement:
                steps = shorter

    def _departs(self, steps: Sequence[Step]) -> str:
        """Tell a story once; return the requirement that it departs from, if any."""
        telling = self.begin()
        for step in steps:
            for each in (step, *ALWAYS):
                telling.take(each)
        telling.end()
        self._lost = telling.unanswered
        return telling.departure.requirement if telling.departure else ""


class Hunt:
    """A search for a story that breaks a rule not known to be broken, then for a shorter one."""

    def __init__(self, teller: Teller, depth: str) -> None:
        self.wanted = ""  # the requirement that is hunted, once there is one
        self._teller = teller
        self._known = frozenset(teller.tales.bad)
        self._left = STORIES[depth]
        self._shrinking = SHRINKING[depth]

    def begin(self) -> Telling:
        """Begin another story; Enough if there were enough of them."""
        if self._left == 0 or self._teller.tired:
            raise Enough
        self._left -= 1
        return self._teller.begin()

    def is_after(self, requirement: str) -> bool:
        """Whether a departure from a requirement is what is hunted."""
        if not self.wanted and requirement not in self._known:
            self.wanted, self._left = requirement, self._shrinking
        return requirement == self.wanted


class Enough(BaseException):
    """Ends a hunt; no Exception, which Hypothesis would take for a find."""


def when(possible: Callable[[Story], bool]) -> Callable[[Rule], Rule]:
    """Let a rule be drawn only where the model says that it is possible."""
    return precondition(lambda life: not life.telling.over and possible(life.telling.story))


def unless_just(step: Step) -> Callable[[Rule], Rule]:
    """Let a rule be drawn only where the same was not done a moment ago: that shows nothing new."""
    return precondition(lambda life: life.telling.over or life.last is not step)


class Life(RuleBasedStateMachine):
    """A random story of one bill: at each step, one of the rules that are possible by then.

    A rule of a story that is over does nothing; its steps are drawn to the end all the same.
    """

    created = Bundle("created")  # transactions, by their place in the story

    def __init__(self, hunt: Hunt) -> None:
        super().__init__()
        self.telling = hunt.begin()
        self._hunt = hunt
        self.last: Step = Story.begin

    @initialize(target=created, early=st.sampled_from((False, True, True, True)))
    def begin(self, early: bool) -> Places:
        """Mostly, a transaction is asked for at once: without any, little can happen."""
        return self._created() if early else multiple()

    @unless_just(Story.create)
    @rule(target=created)
    def create(self) -> Places:
        """The owner asks for a transaction."""
        return self._created()

    @unless_just(Story.fetch)
    @rule()
    def fetch(self) -> None:
        """The owner fetches the bill again."""
        self._take(Story.fetch)

    @rule(place=created)
    def succeed(self, place: int) -> None:
        """The owner reports success."""
        self._take(partial(succeed, place=place))

    @rule(place=created)
    def fail(self, place: int) -> None:
        """The owner reports failure."""
        self._take(partial(fail, place=place))

    @rule(place=created)
    def mistake(self, place: int) -> None:
        """The owner reports success with another amount."""
        self._take(partial(mistake, place=place))

    @rule(place=created, outcome=st.sampled_from(OUTCOMES), actor=st.sampled_from(OUTSIDERS))
    def intrude(self, place: int, outcome: str, actor: str) -> None:
        """Somebody else reports an outcome."""
        self._take(partial(Story.report, actor=actor, outcome=outcome, place=place))

    @unless_just(Story.pay_cash)
    @when(Story.may_pay_cash)
    @rule()
    def pay_cash(self) -> None:
        """The counter takes the amount of the bill."""
        self._take(Story.pay_cash)

    @when(Story.may_expire)
    @rule()
    def let_expire(self) -> None:
        """The bill expires."""
        self._take(Story.let_expire)

    @when(Story.may_change)
    @rule()
    def change(self) -> None:
        """The demand of the bill is changed."""
        self._take(Story.change)

    @when(Story.may_change)
    @rule()
    def cancel(self) -> None:
        """The demand of the bill is cancelled."""
        self._take(Story.cancel)

    @invariant()
    def only_a_success_has_receipts(self) -> None:
        """No pending or failed transaction has a receipt."""
        self._take(Story.only_a_success_has_receipts)

    @invariant()
    def the_bill_is_paid_once(self) -> None:
        """No bill has two payments."""
        self._take(Story.the_bill_is_paid_once)

    def teardown(self) -> None:
        """End the story."""
        self.telling.end()

    def _created(self) -> Places:
        """Ask for a transaction; return its place, or nothing if there is none."""
        place = self.telling.story.transactions
        self._take(Story.create)
        return place if self.telling.story.transactions > place else multiple()

    def _take(self, step: Step) -> None:
        if step not in ALWAYS:
            self.last = step
        departure = self.telling.take(step)
        if departure is not None and self._hunt.is_after(departure.requirement):
            raise departure


def tell(
    bbps: Bbps,
    recorded: ExchangeLog,
    depth: str,
    seed_: int,
    fixed: Sequence[Sequence[Step]] = FIXED,
) -> Tales:
    """Tell the fixed stories, then random ones until no further departure shows."""
    teller = Teller(bbps, recorded)
    teller.tales.beyond = _beyond(bbps)
    for steps in fixed:
        teller.tell(steps)
    while _departs(Hunt(teller, depth), seed_ + len(teller.tales.bad), STORIES[depth]):
        pass
    return teller.tales


def _beyond(bbps: Bbps) -> dict[str, str]:
    """Return the requirements that no story comes to with the means of the target, with why."""
    if bbps.clock.movable:
        return {}
    why = "a story is told in one go, and the clock of the deployment cannot be moved"
    changes = bbps.target.bills.provision == "demands"
    return dict.fromkeys(("RCP-04",) if changes else ("RCP-04", "BIL-06"), why)


def _departs(hunt: Hunt, seed_: int, stories: int) -> bool:
    """Hunt with random stories; return whether one broke a rule not known to be broken."""
    hunting = [hunt]  # let go at the end: Hypothesis keeps the class for good

    @seed(seed_)
    class Random(Life):
        """A random story of this hunt."""

        def __init__(self) -> None:
            super().__init__(hunting[0])

    # The shortest story is kept; a deployment that will not repeat it has told it once.
    with suppress(Departure, Flaky, Enough):
        run_state_machine_as_test(
            Random,
            settings=unhurried(stories, stateful_step_count=LONGEST),
        )
    hunting.clear()
    return bool(hunt.wanted)
