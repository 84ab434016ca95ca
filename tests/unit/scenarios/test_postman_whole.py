"""Whatever a collection holds: what is written loads, and nothing of it is lost unsaid."""

import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conformance.cli.main import main
from conformance.scenarios.catalogue import loaded

NUMBERS = count()
ODD = (
    "", "a", "{{a}}", "{{}}", "{{ }}", "{{a", "a}}", "{{x-{{a}}}}", "{{a}}{{b}}", "{{#each}}",
    "{{$guid}}", "{{$nothing}}", "{{a.b}}", "{{ a b }}", "}}{{", "{{{a}}}", "{{{{a}}", "<<", "~",
    "null", "1e9", "\u202ea", "\x1b", "\x85", "\u2028", "\ufeff", "\ud83d", "₹", "२", "²", "con",
    "a: b", "# a", "- a", "x" * 300, "{{" * 60, "a/b", "..", "?a=1", "#a", "%zz", "\0",
)  # fmt: skip
ODD_URLS = (
    "{{h}}/pg-service/transaction/v1/_update?transactionId={{a}}", "http://h/x", "mailto:a@b",
    "ws://h/x", "{{h}}", "/a b", "h:8080/x", "http://u:p@h/x?token=abc1234", "{{h}}/:a/b",
    "{{h}}/collection-services/payments/{{m}}/_search", "http://[", "http://h/{{x-{{a}}}}",
)  # fmt: skip
LINES = (
    "pm.test('a', () => pm.response.to.have.status(200));", "pm.response.to.have.status(200)",
    "pm.environment.set('a', pm.response.json().b);", "pm.environment.set('a', '{{}}');",
    "pm.expect(pm.response.json().a).to.eql('{{a');", "try {", "} catch (e) {", "}", "foo();",
    "if (pm.response.code === 200) {", "} else {", "// comment", "tests['{{}}'] = true;", "",
    "pm.expect(pm.response.json()['{{']).to.have.all.keys('a', '{{b');", "a.b(1e999, 0x" + "f" * 99,
    "pm.expect(pm.response.json().a).to.eql(1e999);", "return;", "const {a} = pm.response.json();",
    "pm.expect(pm.response.code).to.be.oneOf([200, 9, '²']);", "a\rb()", "a()\u2028b()", "for(;;){",
)  # fmt: skip
texts = st.one_of(st.sampled_from(ODD), st.text(max_size=8))
values = st.recursive(
    st.one_of(texts, st.integers(), st.booleans(), st.none(), st.just(10**400)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
pairs = st.lists(
    st.fixed_dictionaries(
        {"key": texts, "value": texts}, optional={"disabled": st.booleans(), "type": texts}
    ),
    max_size=3,
)
bodies = st.one_of(
    st.none(),
    st.builds(lambda x: {"mode": "raw", "raw": json.dumps(x)}, values),
    st.builds(lambda x: {"mode": "raw", "raw": x}, texts),
    st.builds(lambda depth: {"mode": "raw", "raw": "[" * depth + "]" * depth},
              st.sampled_from((90, 97, 99, 100, 101, 300))),
    st.builds(lambda x: {"mode": "urlencoded", "urlencoded": x}, pairs),
    st.builds(lambda x: {"mode": "formdata", "formdata": x}, pairs),
    st.builds(lambda x, y: {"mode": "graphql", "graphql": {"query": x, "variables": y}},
              texts, texts),
    st.builds(lambda x: {"mode": "file", "file": {"src": x}}, texts),
)  # fmt: skip
scripts = st.lists(st.sampled_from(LINES), max_size=6)
events = st.lists(
    st.fixed_dictionaries(
        {
            "listen": st.sampled_from(("test", "test", "prerequest", "other")),
            "script": st.fixed_dictionaries({"exec": scripts}),
        },
        optional={"disabled": st.booleans()},
    ),
    max_size=2,
)
requests = st.fixed_dictionaries(
    {
        "name": texts,
        "request": st.fixed_dictionaries(
            {
                "url": st.one_of(st.sampled_from(ODD_URLS), texts),
                "method": st.sampled_from(("GET", "POST", "LINK", "")),
                "header": pairs,
                "body": bodies,
            }
        ),
        "event": events,
        "response": st.lists(
            st.fixed_dictionaries(
                {"code": st.sampled_from((200, 400, 0, 999, None)), "body": values.map(json.dumps)}
            ),
            max_size=1,
        ),
    }
)
folders = st.recursive(
    requests,
    lambda inner: st.fixed_dictionaries(
        {"name": texts, "item": st.lists(inner, max_size=3), "event": events}
    ),
    max_leaves=4,
)
collections = st.fixed_dictionaries(
    {
        "info": st.fixed_dictionaries({"name": texts}),
        "item": st.lists(folders, max_size=4),
        "event": events,
        "variable": pairs,
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("whole")


def requests_in(item: Any) -> Iterator[Any]:
    if "request" in item:
        yield item
    for each in item.get("item", ()):
        yield from requests_in(each)


def lines_in(item: Any) -> int:
    """How many lines the scripts have that some request runs."""
    if not any(requests_in(item)):
        return 0
    own = sum(
        bool(line.strip())
        for event in item["event"]
        for line in re.split("\r\n?|[\n\u2028\u2029]", "\n".join(event["script"]["exec"]))
    )
    return own + sum(map(lines_in, item.get("item", ())))


def empty_folders(item: Any) -> int:
    below = item.get("item", ())
    return sum(each.get("item") == [] for each in below) + sum(map(empty_folders, below))


@settings(
    max_examples=60, suppress_health_check=[*HealthCheck], database=None, derandomize=True,
    deadline=None, phases=(Phase.generate,),
)  # fmt: skip
@given(collection=collections, one=st.booleans())
def test_what_is_written_loads_and_nothing_is_lost(
    collection: Any, one: bool, folder: Path
) -> None:
    place = folder / str(next(NUMBERS))
    place.mkdir()
    path, out = place / "collection.json", place / "out"
    path.write_text(json.dumps(collection), "utf-8")
    options = ["--one"] if one else []
    done = CliRunner().invoke(
        main, ["scenarios", "import", str(path), "--out", str(out), "--json", *options]
    )
    written = [*out.glob("*")] if out.exists() else []
    assert done.exit_code in (0, 2), done.exception
    assert bool(written) == (done.exit_code == 0)
    if not written:
        return
    steps = sum(len(scenario.steps) for scenario in loaded([out]))
    report = json.loads(done.output)
    found = report["requests"]
    total = sum(1 for _ in requests_in(collection))
    assert steps == len(found["mapped"]) + len(found["raw"])
    assert steps + len(found["left_out"]) == total + empty_folders(collection)
    lines = report["script_lines"]
    assert lines["total"] == lines_in(collection)
    assert len(lines["lines"]) == lines["listed"] + lines["no_requirement"]
