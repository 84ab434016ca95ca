"""The questions of `profile init`: each answer is checked at once, and what can be read is offered.

A question has a place in the profile. Where nobody can answer, its default is taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import InvalidOperation
from typing import Any, Final, TypeAlias

import click

from conformance.core.errors import SetupError
from conformance.core.requirements import Register
from conformance.core.wording import did_you_mean
from conformance.doctor import Diagnostic, ranges
from conformance.profile.draft import Draft
from conformance.report.plain import printable
from conformance.run.survey import Survey, variable_of

NONE: Final = "-"  # the answer that leaves something out
DECLINED: Final = "it is not kept"  # what was shown and not wanted
SHOWN: Final = 12  # values that are listed


class NoAnswer(SetupError):
    """A question has no answer, no default, and nobody to answer it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about the setting at `place`.

    `default` is offered; `among` lists what there is, None if that is not known. `needs`, by the
    register's names, are met by an answer; a question without any must be answered.
    `a_path` means a file or folder that exists, relative to the profile. `applies` is whether the
    question makes sense, `read` makes the setting of an answer.
    """

    place: str
    text: str
    default: "Callable[[Interview], str]" = lambda _: ""
    among: "Callable[[Interview], Sequence[str] | None]" = lambda _: None
    needs: tuple[str, ...] = ()
    a_path: bool = False
    applies: "Callable[[Interview], bool]" = lambda _: True
    read: Callable[[str], Any] = str


class Interview:
    """Completes a draft, question by question; `somebody` is there to answer, or nobody."""

    def __init__(self, draft: Draft, survey: Survey, *, somebody: bool) -> None:
        """Complete a draft that may hold some settings."""
        self.draft = draft
        self.survey = survey
        self._somebody = somebody

    def hold(self, steps: "Sequence[Step]") -> None:
        """Have every step answered. Raises NoAnswer; click.Abort if the person ends it."""
        for step in steps:
            if isinstance(step, Question):
                self.answer(step)
            else:
                step(self)

    def at(self, place: str) -> str:
        """Return a setting as a text; empty if there is none."""
        value = self.draft.at(place)
        return "" if value is None else str(value)

    @property
    def production(self) -> bool:
        """Whether citizens use the deployment."""
        return self.draft.at("production") is True

    @property
    def pays(self) -> bool:
        """Whether money may move."""
        return self.at("mode") == "full"

    def confirmed(self, text: str, *, default: bool) -> bool:
        """Return the answer to a question of yes or no."""
        return bool(click.confirm(text, default=default)) if self._somebody else default

    def answer(self, question: Question) -> None:
        """Put a question until its answer is right, unless the setting is there."""
        if self.draft.at(question.place) is not None or not question.applies(self):
            return
        among = question.among(self)
        default = question.default(self)
        if self._somebody and among:
            click.echo(f"  there is {_some(among)}")
        while True:
            answer = self._answer(question, default)
            if answer == NONE and question.needs:
                return
            wrong = self._wrong(question, answer)
            if not wrong:
                return
            self.draft.put(question.place, None)
            if wrong != DECLINED:
                self._refuse(question.place, answer, wrong)

    def _answer(self, question: Question, default: str) -> str:
        if not self._somebody:
            if not default and not question.needs:
                raise NoAnswer(
                    f"there is nobody to answer: {question.text} ({question.place})",
                    remedy=f"write {question.place} into a file, and give it with --from FILE",
                )
            return default or NONE
        if question.needs:
            click.echo(f"  {NONE} for none: then {stays_undecided(question.needs)}")
            default = default or NONE
        return str(
            click.prompt(f"{question.text} ({question.place})", default=default or None)
        ).strip()

    def _wrong(self, question: Question, answer: str) -> str:
        """Put an answer into the draft; return what is wrong with it, if it is not kept."""
        try:
            self.draft.put(question.place, question.read(answer))
        except (ValueError, InvalidOperation):
            return "is not of the right form"
        if wrong := self.draft.mistake(question.place):
            return wrong
        if question.a_path and not self.survey.has(answer):
            return "there is no such file or folder; create it, or correct the path"
        among = question.among(self)
        if among is None or answer in among:
            return ""
        hint = did_you_mean(answer, among) or f"there is {_some(among)}"
        self._refuse(question.place, answer, f"the deployment has none of that name; {hint}")
        return "" if self.confirmed("  Keep it all the same?", default=False) else DECLINED

    def _refuse(self, place: str, answer: str, wrong: str) -> None:
        if not self._somebody:
            raise NoAnswer(f"{place}: {answer!r}: {wrong}", remedy="correct it, see --from FILE")
        click.echo(f"  {answer!r}: {wrong}")

    def account(self, name: str, who: str, tenant: str, *, needs: tuple[str, ...] = ()) -> None:
        """Have an account named, and let it log in; `tenant` is where it usually lives."""
        place = f"actors.{name}"
        kind = {"administrator": "EMPLOYEE", "cashier": "EMPLOYEE", "citizen": "CITIZEN"}.get(
            name, "SYSTEM"
        )
        if {"password", "create"}.intersection(self.draft.at(place) or ()):
            self._require_login(name, given=True)
            return
        question = Question(place=f"{place}.username", text=f"User name of {who}", needs=needs)
        while True:
            self.answer(question)
            if self.draft.at(place) is None:
                return
            variable = variable_of(name)
            usual = {"type": kind, "tenant": tenant, "password": f"${{{variable}}}"}
            self.draft.put(place, {**usual, **self.draft.at(place)})
            self._password(variable)
            if self._require_login(name, given=False):
                return
            self.draft.put(place, None)
            self.survey.typed.pop(variable, None)

    def _password(self, variable: str) -> None:
        if self._somebody and not self.survey.offline and not self.survey.knows(variable):
            typed = click.prompt(
                f"Its password (never written; ${{{variable}}} in the profile; empty: do not try)",
                default="", hide_input=True, show_default=False,
            )  # fmt: skip
            if typed:
                self.survey.typed[variable] = typed

    def _require_login(self, name: str, *, given: bool) -> bool:
        """Whether an actor can log in, or is kept all the same."""
        faults = self._shown(lambda: self.survey.login(name))
        if not faults:
            return True
        if not self._somebody or given:
            return True  # doctor shows it again
        return self.confirmed("  Keep this account all the same?", default=False)

    def _shown(self, look: Callable[[], Sequence[Diagnostic]]) -> list[str]:
        """Show what is wrong on the deployment, and return it."""
        try:
            found = [_in_short(each) for each in look()]
        except SetupError as problem:
            found = [f"  {problem}"]
        for each in found:
            click.echo(each)
        return found

    def address(self) -> None:
        """Have the address of the gateway given, and call it."""
        question = Question(
            place="base_url", text="Address of the gateway, https://host[/prefix], or embedded"
        )
        while True:
            given = self.draft.at("base_url") is not None
            self.answer(question)
            faults = self._shown(self.survey.connection)
            if not faults or given or not self._somebody:
                return
            if self.confirmed("  Keep this address all the same?", default=False):
                return
            self.draft.put("base_url", None)


Step: TypeAlias = Question | Callable[[Interview], None]


def stays_undecided(needs: Sequence[str]) -> str:
    """Return what stays undecided, at least in part, where needs of the register are not met."""
    ids = [each.id for each in Register.load() if not {*needs}.isdisjoint(each.needs)]
    return f"some of {ranges(ids)} stays undecided"


def _some(among: Sequence[str]) -> str:
    more = f" and {len(among) - SHOWN} more" if len(among) > SHOWN else ""
    return printable(f"{', '.join(among[:SHOWN])}{more}")


def _in_short(fault: Diagnostic) -> str:
    """Return what is wrong, as seen, with its usual cause; `doctor` says how to repair it."""
    return f"  {printable(f'{fault.what}: {fault.evidence}')}\n  {fault.cause}"
