"""What a step expects, as a test script of Postman."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from conformance.scenarios.model import Expectation, Step
from conformance.scenarios.postman.helpers_written import HELPERS, WORDS
from conformance.scenarios.templates import variables_in

ATTEMPTS: Final = 20  # of a step that holds late
WATCHED: Final = 3  # how often is looked for what must never show
PAUSE: Final = 250  # ms
INDIA: Final = 19_800_000  # ms that its time is ahead of UTC
SIZES: Final = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<"}
_SEGMENT: Final = re.compile(
    r"\.(?P<name>[A-Za-z_][\w-]*)|\[(?P<quoted>'[^']*'|\"[^\"]*\")\]|\[(?P<index>\d+)\]"
    r"|(?P<all>\.\*|\[\*\])|\[\?(?P<filter>(?:[^\[\]]|\[[^\[\]]*\])*)\]"
)
_TOKEN: Final = re.compile(
    r"(?P<text>'[^']*'|\"[^\"]*\")|(?P<variable>\{\{[^{}]+\}\})"
    r"|length\((?P<counted>[$@])(?P<inner>(?:\.[A-Za-z_]\w*|\['[^']*'\]|\[\d+\])*)\)|(?P<at>@)(?![.\[])"
    r"|@(?P<path>(?:\.[A-Za-z_]\w*|\['[^']*'\]|\[\d+\])+)|(?P<operator>==|!=|<=|>=|<|>|&&|\|\||!|\(|\))"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>true|false|null)|(?P<blank>\s+)"
)


class Unwritable(Exception):
    """A test of Postman cannot say this; the text says what."""


def test_script(step: Step, saved: dict[str, str]) -> str:
    """Return the test script of a step; `saved` are more variables, each with an expression.

    Raises Unwritable where Postman cannot say what a scenario requires.
    """
    required = list(_required(step))
    lines = [HELPERS, "const required = ["]
    lines += [f"  [{_js(name)}, () => {{ {code} }}]," for name, code in required]
    lines += ["];"]
    keeps = [f"pm.collectionVariables.set({_js(name)}, {code});" for name, code in saved.items()]
    finish = ["required.forEach(([name, holds]) => pm.test(name, holds));", *keeps]
    if not step.eventually and not step.never:
        return "\n".join([*lines, *finish])
    wanted = "unmet && round < " if step.eventually else "!unmet && round < "
    most = ATTEMPTS if step.eventually else WATCHED
    lines += [
        "const unmet = required.some(([, holds]) => "
        "{ try { holds(); return false; } catch (e) { return true; } });",
        'const round = Number(pm.collectionVariables.get("round") || 0);',
        f"if ({wanted}{most}) {{  // again, after a pause",
        '  pm.collectionVariables.set("round", round + 1);',
        '  pm.collectionVariables.set("again", pm.info.requestId);',
        "  postman.setNextRequest(pm.info.requestId);",
        f"  setTimeout(() => {{}}, {PAUSE});",
        "} else {",
        '  pm.collectionVariables.set("round", 0);',
        '  pm.collectionVariables.set("again", "");',
        *(f"  {each}" for each in finish),
        "}",
    ]
    return "\n".join(lines)


def expression_at(place: str) -> str:
    """Return the JavaScript for the value at a place of the answer."""
    if place == "text":
        return "pm.response.text()"
    if place.startswith("header:"):
        return f"pm.response.headers.get({_js(place[7:].strip())})"
    if place.startswith("$"):
        return f"{_selection(place)}[0]"
    parts = [each.replace("~1", "/").replace("~0", "~") for each in place.split("/")[1:]]
    return f"at({', '.join(map(_js, parts))})"


def answer_of(step: str) -> str:
    """Return the variable that keeps the whole answer of a step."""
    return f"answer of {step}"


def _required(step: Step) -> Iterator[tuple[str, str]]:
    """Yield the name and the assertion of each thing that an answer must be."""
    stated = any(each.status for each in step.expected)
    for number, each in enumerate(step.expected):
        if each.status or (not stated and number == 0):
            yield _status(each.status or ("accepted",))
        yield from _places(each)
    for each in step.never:
        conditions = [code for _, code in _places(each)]
        tried = "; ".join(conditions)
        met = f"(() => {{ try {{ {tried}; return true; }} catch (e) {{ return false; }} }})()"
        names = ", ".join(name for name, _ in _places(each))
        yield f"never: {names}", f"pm.expect({met}).to.be.false;"


def _status(statuses: tuple[int | str, ...]) -> tuple[str, str]:
    conditions = []
    for each in statuses:
        if isinstance(each, int):
            conditions.append(f"pm.response.code === {each}")
        elif each in WORDS:
            conditions.append(WORDS[each])
        else:
            conditions.append(f"Math.floor(pm.response.code / 100) === {each[0]}")
    name = " or ".join(f"HTTP {each}" if each not in WORDS else str(each) for each in statuses)
    code = " || ".join(f"({each})" for each in conditions)
    return f"the answer is {name}", f'pm.expect({code}, "HTTP " + pm.response.code).to.be.true;'


def _places(expectation: Expectation) -> Iterator[tuple[str, str]]:
    for place, wanted in expectation.equals.items():
        found = expression_at(place)
        yield _holds(f"{place} is {_shown(wanted)}", f"same({found}, {_value(wanted)})", found)
    for place, wanted in expectation.not_equals.items():
        found = expression_at(place)
        yield _holds(f"{place} is not {_shown(wanted)}", f"!same({found}, {_value(wanted)})", found)
    for place, values in expectation.one_of.items():
        found = expression_at(place)
        code = f"{_value(values)}.some((each) => same({found}, each))"
        yield _holds(f"{place} is one of {_shown(values)}", code, found)
    for place, pattern in expectation.matches.items():
        found = expression_at(place)
        yield _holds(
            f"{place} matches {pattern}",
            f"!missing({found}) && {_regex(pattern)}.test({found})",
            found,
        )
    for place, part in expectation.contains.items():
        found = expression_at(place)
        yield _holds(
            f"{place} contains {_shown(part)}", f"contains({found}, {_value(part)})", found
        )
    for place in expectation.present:
        found = expression_at(place)
        yield _holds(f"{place} is there", f"!empty({found})", found)
    for place in expectation.absent:
        found = expression_at(place)
        yield _holds(f"{place} is not there", f"empty({found})", found)
    yield from _forms(expectation)


def _forms(expectation: Expectation) -> Iterator[tuple[str, str]]:
    for place, kind in expectation.type.items():
        found = expression_at(place)
        code = {"integer": f"Number.isInteger({found})", "null": f"missing({found})"}.get(kind, "")
        assertion = f"pm.expect({found}).to.be.a({_js(kind)});"
        yield (
            _holds(f"{place} is of type {kind}", code, found)
            if code
            else (
                f"{place} is of type {kind}",
                assertion,
            )
        )
    for place, length in expectation.length.items():
        several = place.startswith("$") and ("[?" in place or "*" in place)
        found = _selection(place) if several else f"({expression_at(place)} || {{}})"
        count = f"(Array.isArray({found}) || typeof {found} === 'string' ? {found}.length : "
        count += f"Object.keys({found}).length)"
        yield f"{place} has the length {length}", f"pm.expect({count}).to.equal({length});"
    for name, sign in SIZES.items():
        for place, bound in getattr(expectation, name).items():
            found = expression_at(place)
            code = f"size({found}) {sign} Number({_value(_number(bound))})"
            yield _holds(f"{place} {sign} {bound}", code, found)
    for place, moment in expectation.same_day.items():
        found = expression_at(place)
        day = "Math.floor((Number({}) + " + str(INDIA) + ") / 86400000)"
        code = f"{day.format(found)} === {day.format(_value(moment))}"
        yield _holds(f"{place} is on the day of {moment}", code, found)
    for place, step in expectation.unchanged_since.items():
        if place and not place.startswith("/"):
            raise Unwritable(f"that {place} is unchanged")
        parts = expression_at(place)[3:-1]
        earlier = f"JSON.parse(pm.collectionVariables.get({_js(answer_of(step))}) || 'null')"
        code = f"same(lasting(at({parts})), lasting(within({earlier}, [{parts}])))"
        yield _holds(
            f"{place or 'the answer'} is unchanged since {step}", code, expression_at(place)
        )
    if expectation.within_ms is not None:
        code = f"pm.expect(pm.response.responseTime).to.be.at.most({expectation.within_ms});"
        yield f"the answer takes at most {expectation.within_ms} ms", code


def _holds(name: str, condition: str, found: str) -> tuple[str, str]:
    return name, f"pm.expect({condition}, JSON.stringify({found})).to.be.true;"


def _selection(place: str) -> str:
    """Return the JavaScript for all values that a JSONPath selects."""
    code, done = "[body]", 1
    while (found := _SEGMENT.match(place, done)) is not None:
        key = found["name"] or (found["quoted"] or "")[1:-1]
        if key:
            code += f".map((v) => within(v, [{_js(key)}])).filter((v) => v !== undefined)"
        elif found["index"]:
            code += f".map((v) => within(v, [{found['index']}])).filter((v) => v !== undefined)"
        else:
            code += ".flatMap((v) => Object.values(v || {}))"
            if found["filter"] is not None:
                code += f".filter((v) => {_condition(found['filter'])})"
        done = found.end()
    if done != len(place):
        raise Unwritable(f"the place {place}")
    return code


def _condition(text: str) -> str:
    code, done = "", 0
    while done < len(text):
        found = _TOKEN.match(text, done)
        if found is None:
            raise Unwritable(f"the condition {text}")
        if found["text"]:
            code += f"value({_js(found['text'][1:-1])})"
        elif found["variable"]:
            code += f"Number(value({_js(found['variable'])}))"
        elif found["counted"]:
            root = "body" if found["counted"] == "$" else "v"
            code += f"count(within({root}, [{_steps(found['inner'])}]))"
        elif found["at"]:
            code += "v"
        elif found["path"]:
            code += f"within(v, [{_steps(found['path'])}])"
        else:
            code += found[0]
        done = found.end()
    return code


def _steps(path: str) -> str:
    """Return the keys of a path in a filter, as JavaScript lists them."""
    keys = re.findall(r"\.([A-Za-z_]\w*)|\['([^']*)'\]|\[(\d+)\]", path)
    return ", ".join(place or _js(name or quoted) for name, quoted, place in keys)


def _value(wanted: Any) -> str:
    """Return the JavaScript for a value that may have variables."""
    if isinstance(wanted, str):
        return f"value({_js(wanted)})" if "{{" in wanted else _js(wanted)
    if not any(variables_in(wanted)):
        return _js(wanted)
    return f"JSON.parse(value({_js(json.dumps(wanted, default=str))}))"


def _number(bound: Any) -> Any:
    return bound if isinstance(bound, str) else str(bound)


def _regex(pattern: str) -> str:
    flags = ""
    if found := re.match(r"\(\?([ims]+)\)", pattern):
        flags, pattern = found[1], pattern[found.end() :]
    pattern = pattern.replace("(?P<", "(?<").replace(r"\A", "^").replace(r"\Z", "$")
    return f"new RegExp({_value(pattern)}, {_js(flags)})"


def _shown(wanted: Any) -> str:
    text = wanted if isinstance(wanted, str) else json.dumps(wanted, default=str)
    return text if len(text) < 80 else text[:80] + "…"


def _js(node: Any) -> str:
    return json.dumps(node, ensure_ascii=False, default=str).replace("</", "<\\/")
