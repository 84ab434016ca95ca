"""Plays a scenario on a target, step by step, and says what became of each expectation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.bbps.clock import DAY
from conformance.bbps.deferred import MINUTE, DeferredChecks, Lapsed, Postponed
from conformance.bbps.deferred_cases import PausedCase
from conformance.bbps.flow import Bbps
from conformance.bbps.models import Bill, transaction_in
from conformance.bbps.outcome_channels.in_update import NotSignalled
from conformance.client.client import Unanswered
from conformance.client.response import Response
from conformance.core.verdicts import CapReached, Inconclusive, NotAllowed, NotApplicable, Violation
from conformance.scenarios.calls import changed, sent
from conformance.scenarios.expectations import Context, Unmet, unmet, unmet_at_places
from conformance.scenarios.model import Expectation, Row, Scenario, Step
from conformance.scenarios.places import at
from conformance.scenarios.soundness import expectations, row_name
from conformance.scenarios.templates import filled
from conformance.scenarios.variables import Variables, rebuilt

# What another run may come past: these hide nothing that the target lacks.
OF_THE_RUN: Final = (CapReached, Unanswered, Postponed, Lapsed)
Judged = tuple[int, str, int]  # step, `expect` or `never`, and which of them


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioClaim:
    """Requirements that one check answers for, and the expectations that decide them."""

    requirements: tuple[str, ...]
    expectations: frozenset[Judged]


@dataclass(slots=True, kw_only=True)
class Played:
    """What became of a scenario: the expectations that were judged, and those that failed.

    `ended` is why the rest was not judged, if it was not; `void` that something given does not
    hold, so that what was judged before shows nothing either. `last` is the step that it ended in.
    """

    judged: set[Judged] = field(default_factory=set)
    violations: dict[Judged, Violation] = field(default_factory=dict)
    ended: Inconclusive | None = None
    void: bool = False
    last: int | None = None
    exchanges: list[str] = field(default_factory=list)

    def conclude(self, claim: ScenarioClaim, *, backed: bool = False) -> None:
        """Raise what a claim came to: a Violation, or why it stayed undecided.

        NotApplicable where the target lacked what leads to it, and it is `backed` by other checks.
        """
        for key in sorted(claim.expectations & self.violations.keys()):
            raise self.violations[key]
        if self.ended is None or (not self.void and claim.expectations <= self.judged):
            return
        if backed and self._lacked_before(claim, self.ended):
            raise NotApplicable(
                f"it cannot be played here: {self.ended.reason}; other checks judge this"
            )
        raise self.ended

    def _lacked_before(self, claim: ScenarioClaim, ended: Inconclusive) -> bool:
        """Whether what the target lacks kept a run from the call that is judged."""
        if isinstance(ended, OF_THE_RUN):
            return False
        judged_in_it = any(step == self.last for step, _, _ in claim.expectations)
        return isinstance(ended, NotAllowed | NotSignalled) or not judged_in_it


def claims(scenario: Scenario) -> list[ScenarioClaim]:
    """Return what a scenario verifies: the requirements that stand or fall together, as one.

    The first answers for the first requirement of the scenario.
    """
    judged_by: dict[str, set[Judged]] = {}
    for place, each in expectations(scenario):
        _, step, key, index = place
        for id_ in each.verifies or scenario.requirements:
            judged_by.setdefault(id_, set()).add((int(step), str(key), int(index)))
    together: dict[frozenset[Judged], list[str]] = {}
    for id_ in dict.fromkeys((*scenario.requirements, *judged_by)):
        together.setdefault(frozenset(judged_by.get(id_, ())), []).append(id_)
    return [
        ScenarioClaim(requirements=tuple(ids), expectations=judged)
        for judged, ids in together.items()
    ]


def play(
    scenario: Scenario, bbps: Bbps, deferred: DeferredChecks | None = None, row: Row | None = None
) -> Played:
    """Play a scenario, with the columns of a row as variables, until a step does not hold.

    `deferred` keeps what another day decides. Raises NotApplicable where something that it needs
    does not exist on the target.
    """
    player = _Player(scenario, bbps, deferred, row or {})
    try:
        player.play()
    except Inconclusive as undecided:
        player.played.ended = undecided
    return player.played


class _Player:
    """Plays one scenario once."""

    def __init__(
        self, scenario: Scenario, bbps: Bbps, deferred: DeferredChecks | None, row: Row
    ) -> None:
        self._scenario = scenario
        self._bbps = bbps
        self._deferred = deferred
        self._row = row
        self._variables = Variables(bbps, scenario.values, row)
        self._answers: dict[str, Response] = {}
        self._transactions: list[str] = []
        self._day = 1
        self._known = Context(value_of=self._variables, day=bbps.clock.day, answers=self._answers)
        self.played = Played()

    def play(self) -> None:
        """Play every step, from where an earlier part of the run left it."""
        first = self._resumed()
        for number, step in enumerate(self._scenario.steps[first:], first):
            if step.day > self._day:
                self._wait_for(step.day, number)
            try:
                self._take(number, step)
            except Inconclusive:
                self.played.void, self.played.last = step.given, number
                raise

    def _take(self, number: int, step: Step) -> None:
        """Take a step, once for each of its rows, and then its control."""
        for row in step.foreach or ({},):
            with self._variables.row(row):
                of_row = f" ({filled(row_name(row), self._variables)})" if row else ""
                self._call(number, step, step.model_copy(update={"name": step.name + of_row}))
        if step.control is not None:
            with self._variables.row(step.foreach[-1] if step.foreach else {}):
                self._demand_control(step)
        self.played.judged |= {(number, "expect", index) for index in range(len(step.expected))}
        self.played.judged |= {(number, "never", index) for index in range(len(step.never))}

    def _call(self, number: int, step: Step, titled: Step) -> None:
        """Call once, judge the answer, and keep what is saved of it."""
        response = self._answered(titled)
        problems = self._found(titled, response)
        if problems and step.where:
            raise NotApplicable(
                self._plain(f"not looked at: step {titled.name!r}: {problems[0][2][1]}")
            )
        if problems and step.given:
            required, observed = problems[0][2]
            raise Inconclusive(
                self._plain(f"step {titled.name!r}: {observed}"),
                self._plain(response.missing_grant or response.unserved or f"needed: {required}"),
            )
        for key, index, (required, observed) in problems:
            self.played.violations[number, key, index] = Violation(
                self._plain(f"step {titled.name!r}: {required}"), self._plain(observed)
            )
        if problems:
            self.played.judged |= {(number, "expect", index) for index in range(len(step.expected))}
            self.played.judged |= {(number, "never", index) for index in range(len(step.never))}
            raise Inconclusive(
                self._plain(f"step {titled.name!r} did not hold: {problems[0][2][1]}"),
                "see the requirement that this step verifies",
            )
        self._answers[step.name] = response
        for name, place in step.save.items():
            value = self._looked_up(titled, place, response)
            if value is None:
                raise Inconclusive(f"step {titled.name!r}: the answer has no value at {place}")
            self._variables.save(name, value)

    def _looked_up(self, step: Step, place: str, response: Response) -> Any:
        """Return what an answer has at a place that variables may be part of; Inconclusive."""
        try:
            return at(response, filled(place, self._variables))
        except ValueError as problem:
            raise Inconclusive(f"step {step.name!r}: {problem}", "correct the scenario") from None

    def _found(self, step: Step, response: Response) -> list[tuple[str, int, Unmet]]:
        """Return each expectation that is not met; NotApplicable where the step is `where`."""
        try:
            return self._problems(step, response)
        except Inconclusive as undecided:
            if step.where:
                raise NotApplicable(self._plain(f"not looked at: {undecided.reason}")) from None
            raise

    def _problems(self, step: Step, response: Response) -> list[tuple[str, int, Unmet]]:
        """Return each expectation that an answer lacks; Inconclusive if one cannot be read."""
        try:
            return self._judged(step, response)
        except ValueError as problem:  # what a variable has made of it
            raise Inconclusive(f"step {step.name!r}: {problem}", "correct the scenario") from None

    def _judged(self, step: Step, response: Response) -> list[tuple[str, int, Unmet]]:
        """Return each expectation that an answer does not meet.

        Inconclusive where the answer decides nothing, unless it is certain that one is not met.
        """
        found: list[tuple[str, int, Unmet]] = []
        undecided: Inconclusive | None = None
        stated = any(each.status for each in step.expected)
        for index, each in enumerate(step.expected):
            judge = unmet if each.status or not stated else unmet_at_places
            try:
                problem = judge(each, response, self._known)
            except Inconclusive as open_question:
                undecided = undecided or open_question
                continue
            if problem is not None:
                found.append(("expect", index, problem))
        if undecided is not None and not found:
            raise undecided
        for index, each in enumerate(step.never):
            if unmet_at_places(each, response, self._known) is None:
                quiet = self._bbps.polling.quiet
                seconds = f"for {quiet:.3g} s " if quiet else ""
                what = ", ".join(_description(each))
                found.append(("never", index, (f"{seconds}no answer has {what}", "one has")))
        return found

    def _answered(self, step: Step) -> Response:
        def call() -> Response:
            response = sent(step, self._bbps, self._variables, self._scenario.folder)
            self.played.exchanges.append(response.exchange.id)
            self._note(response)
            return response

        polling = self._bbps.polling
        if step.eventually:
            response, _ = polling.within_deadline(call, lambda each: self._settled(step, each))
            return response
        if step.never:
            return polling.lastingly(call, lambda each: not self._problems(step, each))
        return call()

    def _settled(self, step: Step, response: Response) -> bool:
        """Whether an answer meets what is awaited, or will decide nothing however long it takes."""
        try:
            return not self._problems(step, response)
        except Inconclusive:
            return True

    def _note(self, response: Response) -> None:
        """Note a transaction that was created: another day may have to find it pending."""
        if response.exchange.operation == "transaction.create" and response.succeeded:
            try:
                self._transactions.append(transaction_in(response).id)
            except Inconclusive:  # the expectation judges what cannot be read
                return

    def _demand_control(self, step: Step) -> None:
        """Call as who may, or what is allowed: Inconclusive unless that is accepted."""
        assert step.control is not None
        control = changed(step, step.control).model_copy(update={"name": f"{step.name} (control)"})
        response = sent(control, self._bbps, self._variables, self._scenario.folder)
        self.played.exchanges.append(response.exchange.id)
        self._note(response)
        problem = unmet(Expectation(status=step.control.status), response, self._known)
        if problem is not None:
            raise Inconclusive(
                self._plain(f"the control of step {step.name!r} did not hold: {problem[1]}"),
                "see the requirement that covers this call, and the rights of the actor",
            )

    # another day -------------------------------------------------------------------------------

    def _resumed(self) -> int:
        """Take up what an earlier part of the run prepared; return the step to continue with."""
        case = self._deferred.paused() if self._deferred is not None else None
        if case is None:
            return 0
        for name, value in case.values.items():
            self._variables.save(name, rebuilt(value))
        self._transactions = list(case.transactions)
        self._variables.bills = list(case.bills)
        self._day = case.day
        first = case.step
        for key in ("expect", "never"):
            self.played.judged |= {
                (number, key, index)
                for number in range(first)
                for index in range(max(1, len(self._scenario.steps[number].expected)))
            }
        return first

    def _wait_for(self, day: int, step: int) -> None:
        """Go on to a later day where the clock can be moved; else leave the rest to that day."""
        clock = self._bbps.clock
        tomorrow = clock.now() + clock.until_tomorrow() + (day - self._day - 1) * DAY
        due = max(tomorrow, self._variables.expiry() + MINUTE)
        self._day = day
        if clock.movable:
            clock.go_to(due)
            return
        if self._deferred is None:
            raise Inconclusive("another day is out of reach here", "certify with --open, --settle")
        self._deferred.pause(
            PausedCase(
                step=step,
                day=day,
                values=self._variables.kept(),
                transactions={
                    each: self._bbps.transaction(each).status for each in self._transactions
                },
                bills=() if self._transactions else self._bills_due(),
                owner=self._bbps.client.actor("integrator").username,
                due=due,
            )
        )

    def _bills_due(self) -> tuple[Bill, ...]:
        """Return the bills of the scenario that somebody still has to pay."""
        return tuple(filter(self._bbps.provision.is_due, self._variables.bills))

    def _plain(self, text: str) -> str:
        """Return a text without any secret: an answer may echo one."""
        return self._bbps.client.redactor.plain(text)


def _description(expectation: Expectation) -> Iterator[str]:
    """Yield what an expectation says, as parts of a sentence."""
    for name in type(expectation).model_fields:
        value: Any = getattr(expectation, name)
        if not value or name in {"verifies", "status"}:
            continue
        if isinstance(value, Mapping):
            yield from (f"{name.replace('_', ' ')} {each!r} at {at}" for at, each in value.items())
        elif isinstance(value, tuple):
            yield from (f"{name} {each}" for each in value)
        else:
            yield f"{name} {value}"
