"""One request of a collection as a step: what it sends, requires of the answer, and keeps of it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from conformance.contracts.endpoints import ENDPOINTS
from conformance.core.redaction import names_secret
from conformance.scenarios.postman.credentials import Credentials, shortened
from conformance.scenarios.postman.expected import (
    example_of,
    expectations,
    expected_of,
    place_of,
)
from conformance.scenarios.postman.filling import Filling
from conformance.scenarios.postman.reader import PostmanRequest
from conformance.scenarios.postman.requests import StepRequest
from conformance.scenarios.postman.symbols import (
    Assertion,
    Constant,
    Joined,
    Value,
    written,
)
from conformance.scenarios.postman.translation import Translation, VariableSet

LONGEST_NAME: Final = 80
LONGEST_DESCRIPTION: Final = 400
KNOWN_CALLER: Final = (
    "it requires 401, but the step has the valid token of its actor: "
    "give the step another `token`, or `as: anonymous`"
)
TEMPLATES: Final = {name: each.path for name, each in ENDPOINTS.items()}


@dataclass(frozen=True, slots=True)
class MadeStep:
    """A step, the request that it was made of, its operation if it is one, and where it goes."""

    request: PostmanRequest
    step: dict[str, Any]
    operation: str
    where: str


class StepMaker:
    """Makes the steps of one collection; `note` takes what is odd, `files` what bodies name."""

    def __init__(
        self,
        filling: Filling,
        credentials: Credentials,
        note: Callable[[str], None],
        folder: Path,
    ) -> None:
        """Take what requests are read with; `folder` is that of the collection."""
        self.files: dict[str, str] = {}  # name beside the scenario -> below the collection
        self._filling = filling
        self._credentials = credentials
        self._note = note
        self._folder = folder
        self._place = ""

    def made(
        self, request: PostmanRequest, before: list[Translation], after: list[Translation]
    ) -> MadeStep:
        """Return the step of a request, with what its scripts require and keep; Unsendable.

        Its scripts come `before` the request and `after` the answer.
        """
        self._place = self._clean(request.place)
        own = request.variables
        for each in before:
            for change in each.sets:
                self._set(change.name, change.value, own)
        built = StepRequest(request, self._filling, self._credentials, self._note, self._folder)
        for each in before:
            for header in each.headers:
                built.add_header(header.name, self._filling.text(str(written(header.value)), own))
        step: dict[str, Any] = {
            "name": shortened(self._clean(request.name), LONGEST_NAME) or request.method or "GET"
        }
        described = self._description(after)
        if described:
            step["description"] = described
        parts, operation, where = built.parts(TEMPLATES, self.files)
        step |= parts
        assertions = [each for translation in after for each in translation.claims]
        expected = self._expected(request, assertions)
        saved: dict[str, str] = {}
        for each in after:
            for change in each.sets:
                self._save(change, saved, own)
        if [each.get("status") for each in expected] == [401]:
            if built.anonymous:
                step["as"] = "anonymous"
            else:
                self._note(KNOWN_CALLER)
        if expected:
            step["expect"] = expected[0] if len(expected) == 1 else expected
        if saved:
            step["save"] = saved
        return MadeStep(request, step, operation, where)

    def _expected(
        self, request: PostmanRequest, assertions: list[Assertion]
    ) -> list[dict[str, Any]]:
        """Return what the answer must be: by the scripts, and by a saved example."""
        filled = [
            replace(each, value=self._filling.document(each.value, request.variables), test="")
            for each in assertions
        ]
        found = expectations(filled)
        example, others = example_of(request.examples, found)
        if others:
            self._note(f"saved answers besides the one that is used: {others} left out")
        if example is not None:
            shape = expected_of(example)
            found = found or [{}]
            if any("status" in each for each in found):
                shape.pop("status")
            elif found != [{}]:
                for each in found:
                    each["status"] = shape["status"]
            found[0] = {**shape, **found[0]}
            if "type" in shape:
                found[0]["type"] = {**shape["type"], **found[0]["type"]}
        return [self._clean_expectation(each) for each in found if each]

    def _clean_expectation(self, expectation: dict[str, Any]) -> dict[str, Any]:
        """Return an expectation without credentials, also where a place has the name of one."""
        found: dict[str, Any] = {}
        for key, value in expectation.items():
            if key == "type":
                found[key] = {self._clean(place): kind for place, kind in value.items()}
            elif isinstance(value, dict):
                found[key] = {
                    self._clean(place): self._credentials.document(
                        each, self._place, re.split(r"[/:]", place)[-1]
                    )
                    for place, each in value.items()
                }
            else:
                found[key] = self._credentials.document(value, self._place)
        return found

    def _set(self, name: str, value: Value, own: Mapping[str, str]) -> None:
        """Let a variable stand for what a script gives it before the request."""
        text = written(value)
        if isinstance(text, dict | list):  # Postman keeps it as JSON
            document = self._credentials.document(text, self._place)
            text = json.dumps(document, ensure_ascii=False)
        if isinstance(value, Constant) and names_secret(name) and str(text).strip():
            plain = self._credentials.take(str(text), self._place, name)
            self._filling.put(name, plain)
            return
        filled = self._filling.text("" if text is None else _as_text(text), own)
        self._filling.put(name, self._clean(filled))

    def _save(self, change: VariableSet, saved: dict[str, str], own: Mapping[str, str]) -> None:
        """Keep what a script keeps of the answer."""
        place = place_of(change.value)
        if place is not None:
            saved[self._filling.save(change.name)] = self._clean(place)
        elif isinstance(change.value, Joined) and any(
            place_of(part) is not None for part in change.value.parts
        ):
            texts = []
            for number, part in enumerate(change.value.parts):
                inner = place_of(part)
                if inner is None:
                    texts.append(self._filling.text(_as_text(written(part)), own))
                else:
                    helper = self._filling.save(f"{change.name}_part_{number}")
                    saved[helper] = self._clean(inner)
                    texts.append("{{" + helper + "}}")
            self._filling.put(change.name, "".join(texts))
        else:
            self._set(change.name, change.value, own)

    def _description(self, translations: list[Translation]) -> str:
        """Return the names of the tests of a request."""
        names = dict.fromkeys(each.test for x in translations for each in x.claims if each.test)
        return shortened(self._clean("; ".join(names)), LONGEST_DESCRIPTION)

    def _clean(self, text: str) -> str:
        return self._credentials.clean(text, self._place)


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
