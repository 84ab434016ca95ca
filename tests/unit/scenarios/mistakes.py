"""Mistakes in a scenario: what is changed in a good one, and the message; tests play them."""

GOOD = """
name: a-scenario
title: A scenario
requirements: [RCP-01]
steps:
  - {name: Fetch, call: bill.fetch, expect: {status: 200}}
"""

MISTAKES = {
    "operation": (
        ("bill.fetch", "bill.fech"),
        'line 6: steps.0.call: "bill.fech" is not an operation; did you mean bill.fetch?',
    ),
    "expectation": (("status: 200", ""), "line 6: steps.0.expect: expects nothing"),
    "unknown key": (("expect:", "expct:"), "line 6: steps.0.expct: is not a known setting; did"),
    "key of an expectation": (("status: 200", "equls: {}"), "did you mean equals?"),
    "status": (("200", "acepted"), '"acepted" is no status; did you mean accepted?'),
    "number of a status": (("200", "20"), "20 is not a status of HTTP"),
    "pointer": (
        ("status: 200", "present: [Bill/0/id]"),
        'line 6: steps.0.expect.present.0: "Bill/0/id" is no',
    ),
    "path": (
        ("status: 200", "equals: {'$.Bill[': 1}"),
        'line 6: steps.0.expect.equals: "$.Bill[" is not a place',
    ),
    "expression": (
        ("status: 200", "matches: {/Bill: '('}"),
        'line 6: steps.0.expect.matches./Bill: "(" is not a regular expression',
    ),
    "name": (("name: a-scenario", "name: A Scenario"), "line 2: name:"),
    "no requirement": (("[RCP-01]", "[]"), "requirements: the scenario verifies no requirement"),
    "requirement": (
        ("[RCP-01]", "[RCP-99]"),
        "line 4: requirements.0: RCP-99 is no requirement; d",
    ),
    "key": (("title:", "titel:"), "line 3: titel: is not a known setting; did you mean title?"),
    "YAML": (("steps:", "steps: ["), "not YAML"),
    "key twice": (
        ("requirements:", "title: Another\nrequirements:"),
        "line 4: the key 'title' is given twice, first in line 3",
    ),
    "variable": (
        ("call: bill.fetch", "call: bill.fetch, query: {a: '{{tennant}}'}"),
        "line 6: steps.0.query.a: {{tennant}} has no value; did you mean tenant?",
    ),
    "variable of Postman": (
        ("call: bill.fetch", "call: bill.fetch, query: {a: '{{$guid}}'}"),
        "{{$guid}} is no variable; generate it under `values`",
    ),
    "no call": (("call: bill.fetch, ", ""), "steps.0: calls nothing"),
    "two calls": (
        ("call: bill.fetch", "call: bill.fetch, request: {method: GET, path: /x}"),
        "steps.0: has call and request",
    ),
    "method": (
        ("call: bill.fetch", "request: {method: GTE, path: /x}"),
        'steps.0.request.method: "GTE" is not a method',
    ),
    "query in a path": (
        ("call: bill.fetch", "request: {method: GET, path: /x?y=1}"),
        "move what follows the ? to `query`",
    ),
    "two bodies": (
        ("call: bill.fetch", "call: bill.fetch, body: {}, text: x"),
        "has body and text: a request has one body",
    ),
    "all given": (("status: 200}", "status: 200}, given: true"), "every step is given"),
    "parameter of a path": (
        ("bill.fetch", "payment.module-search"),
        "add path: {module: ...}",
    ),
    "value": (
        ("steps:", "values: {a: {generate: uid}}\nsteps:"),
        "line 5: values.a.generate: \"uid\" is none of 'text', 'uuid'",
    ),
    "setting of a value": (
        ("steps:", "values: {a: {generate: uuid, days: 1}}\nsteps:"),
        "line 5: values.a: uuid takes no days; it takes nothing else",
    ),
    "mode of payment": (
        ("steps:", "values: {a: {generate: bill, mode: CHEQ}}\nsteps:"),
        "line 5: values.a.mode: \"CHEQ\" is none of 'CASH', 'CHEQUE'",
    ),
    "mode of a service that is named": (
        ("steps:", "values: {a: {generate: bill, service: partial, mode: CASH}}\nsteps:"),
        "line 5: values.a: a bill of a partial service takes no mode; leave one out",
    ),
    "rows": (
        ("steps:", "foreach: [{a: one}, {a: one}]\nsteps:"),
        "line 5: foreach.1: a second row is called 'one'",
    ),
    "columns": (
        ("steps:", "foreach: [{a: one}, {b: two}]\nsteps:"),
        "line 5: foreach.1: the row has other columns than the first: a",
    ),
    "earlier step": (
        ("status: 200", "unchanged_since: Search"),
        "steps.0.expect.unchanged_since: 'Search' is no earlier step",
    ),
    "verifies": (
        ("status: 200", "status: 200, verifies: [RCP-1]"),
        "steps.0.expect.verifies: RCP-1 is no requirement; did you mean RCP-01?",
    ),
    "control": (
        ("call: bill.fetch", "call: bill.fetch, control: {}"),
        "steps.0.control: the control changes nothing",
    ),
    "file": (
        ("call: bill.fetch", "call: bill.fetch, file: absent.json"),
        "steps.0.file: there is no file absent.json",
    ),
    "file outside": (
        ("call: bill.fetch", "call: bill.fetch, file: ../outside.json"),
        "steps.0.file: there is no file ../outside.json in that folder",
    ),
    "unclosed variable": (
        ("call: bill.fetch", "call: bill.fetch, query: {a: '{{tenant'}"),
        "line 6: steps.0.query.a: {{tenant is no variable; write a name of letters",
    ),
    "empty variable": (
        ("call: bill.fetch", "call: bill.fetch, text: 'a {{}} b'"),
        "line 6: steps.0.text: {{}} is no variable",
    ),
    "variable in a variable": (
        ("call: bill.fetch", "call: bill.fetch, headers: {A: '{{x-{{tenant}}}}'}"),
        "line 6: steps.0.headers.A: {{x-{{tenant}}}} is no variable",
    ),
    "attribute of a bill": (
        ("steps:", "values: {b: {generate: bill}, c: '{{b.idd}}'}\nsteps:"),
        "line 5: values.c: {{b}} has no idd; did you mean id?",
    ),
    "inside of a number": (
        ("steps:", "values: {n: {generate: number}, c: '{{n.x}}'}\nsteps:"),
        "line 5: values.c: {{n}} has no x; write {{n}} alone",
    ),
    "attribute of an actor": (
        ("call: bill.fetch", "call: bill.fetch, query: {a: '{{cashier.usrname}}'}"),
        "{{cashier}} has no usrname; did you mean username?",
    ),
    "actor alone": (
        ("call: bill.fetch", "call: bill.fetch, query: {a: '{{cashier}}'}"),
        "{{cashier}} has no value; write one of {{cashier.username}}",
    ),
    "variable as an actor": (
        ("call: bill.fetch", "call: bill.fetch, as: '{{tenant}}'"),
        "line 6: steps.0.as: '{{tenant}}' is no actor; write one of administrator",
    ),
    "reader": (
        ("call: bill.fetch", "call: bill.fetch, as: readers.payment"),
        "'readers.payment' is no actor; did you mean readers.payments?",
    ),
    "no rows": (
        ("call: bill.fetch", "call: bill.fetch, foreach: []"),
        "line 6: steps.0.foreach: has too few entries; write at least 1",
    ),
    "rows of nothing": (("steps:", "foreach: []\nsteps:"), "line 5: foreach: has too few entries"),
    "length": (
        ("status: 200", "length: {/Bill: -1}"),
        "line 6: steps.0.expect.length./Bill: -1 is less than 0",
    ),
    "length that is no number": (
        ("status: 200", "length: {/Bill: true}"),
        "line 6: steps.0.expect.length./Bill: true is no number",
    ),
    "day": (("call: bill.fetch", "call: bill.fetch, day: true"), "steps.0.day: true is no number"),
    "days": (
        ("steps:", "values: {a: {generate: date, days: 99999999}}\nsteps:"),
        "line 5: values.a.days: 99999999 is more than 36500",
    ),
    "amount": (
        ("status: 200", "at_least: {/Bill: '1e99999'}"),
        'line 6: steps.0.expect.at_least./Bill: "1e99999" is no number',
    ),
    "amount that is no number": (
        ("status: 200", "at_least: {/Bill: NaN}"),
        'line 6: steps.0.expect.at_least./Bill: "NaN" is no number',
    ),
    "name of a header": (
        ("call: bill.fetch", "call: bill.fetch, headers: {'X Y': a}"),
        "line 6: steps.0.headers: 'X Y' is no name of a header",
    ),
    "line break in a header": (
        ("call: bill.fetch", 'call: bill.fetch, headers: {X: "a\\nb"}'),
        "line 6: steps.0.headers: X: the value of a header is one line of ASCII",
    ),
    "header that is not ASCII": (
        ("call: bill.fetch", "call: bill.fetch, headers: {X: '{{tenant}} \u0905'}"),
        "X: the value of a header is one line of ASCII",
    ),
    "header of the client": (
        ("call: bill.fetch", "call: bill.fetch, headers: {Host: example.org}"),
        "steps.0.headers: Host is set by the client itself; leave it out",
    ),
    "content type": (
        ("call: bill.fetch", 'call: bill.fetch, text: x, content_type: "a\\nb"'),
        "line 6: steps.0.content_type:",
    ),
    "path of another host": (
        ("call: bill.fetch", "request: {method: GET, path: //evil/x}"),
        'steps.0.request.path: "//evil/x" is not a path below base_url',
    ),
    "address": (
        ("call: bill.fetch", "request: {method: GET, path: 'http://evil/x'}"),
        'steps.0.request.path: "http://evil/x" is not a path below base_url',
    ),
    "path that leaves its place": (
        ("call: bill.fetch", "request: {method: GET, path: '/a/../../b'}"),
        "leaves the path that it begins with; write it without . and ..",
    ),
    "path that leaves it in disguise": (
        ("call: bill.fetch", "request: {method: GET, path: '/a/%2e%2E/b'}"),
        "leaves the path that it begins with",
    ),
    "space in a path": (
        ("call: bill.fetch", "request: {method: GET, path: '/a\\b'}"),
        "has what no path may; write /a%5Cb",
    ),
    "variable of the shell": (
        ("steps:", "values: {a: {generate: environment, variable: AWS_KEY}}\nsteps:"),
        'line 5: values.a.variable: "AWS_KEY" may not be read: a scenario gets only what begins '
        "with BBPS_; write for example BBPS_AWS_KEY",
    ),
    "expression that is too large": (
        ("status: 200", "matches: {/Bill: '((a{1000}){1000}){1000}'}"),
        "is not a regular expression: it is too large",
    ),
    "place that takes too long": (
        ("status: 200", "present: ['$..a[?@..b]']"),
        'line 6: steps.0.expect.present.0: "$..a[?@..b]" has .. more than 1 time',
    ),
    "secret in a header": (
        ("call: bill.fetch", "call: bill.fetch, headers: {X-Api-Key: abc}"),
        "line 6: steps.0.headers.X-Api-Key: a secret is typed here, which reports would show; "
        "write {{x_api_key}}, and `x_api_key: {generate: environment}` under `values`; then set "
        "BBPS_X_API_KEY when it is played",
    ),
    "secret after its scheme": (
        ("call: bill.fetch", "call: bill.fetch, headers: {Authorization: Bearer abc}"),
        "steps.0.headers.Authorization: a secret is typed here",
    ),
    "secret in a body": (
        ("call: bill.fetch", "call: bill.fetch, body: {a: [{mPin: 1234}]}"),
        "steps.0.body.a.0.mPin: a secret is typed here",
    ),
    "secret in a text": (
        ("call: bill.fetch", 'call: bill.fetch, text: \'{"password": "abc"}\''),
        "steps.0.text: password: a secret is typed here",
    ),
    "secret in a query of a control": (
        ("call: bill.fetch", "call: bill.fetch, control: {query: {sig: abc}}"),
        "steps.0.control.query.sig: a secret is typed here",
    ),
    "secret as a value": (
        ("steps:", "values: {a: abc}\nsteps:\n  - {name: A, call: bill.fetch, token: '{{a}}'}"),
        "line 7: steps.0.token: a secret is typed here",
    ),
    "secret as a column": (
        ("call: bill.fetch", "call: bill.fetch, foreach: [{a: b}], form: {cvv: '{{a}}'}"),
        "steps.0.form.cvv: a secret is typed here",
    ),
    "secret among the values": (
        ("steps:", "values: {api_key: abc}\nsteps:"),
        "line 5: values.api_key: a secret is typed here",
    ),
}
# What a JSON Schema cannot say, by the reason; the loader says it alone.
OF_ITS_MEANING = "it depends on what other parts of the file say"
OF_A_LANGUAGE = "it is a text in another language: a place, an expression, an encoding"
LOADER_ONLY = {
    "no requirement": OF_ITS_MEANING, "variable": OF_ITS_MEANING, "all given": OF_ITS_MEANING,
    "variable of Postman": OF_ITS_MEANING, "unclosed variable": OF_ITS_MEANING,
    "empty variable": OF_ITS_MEANING, "variable in a variable": OF_ITS_MEANING,
    "attribute of a bill": OF_ITS_MEANING, "inside of a number": OF_ITS_MEANING,
    "attribute of an actor": OF_ITS_MEANING, "actor alone": OF_ITS_MEANING,
    "parameter of a path": OF_ITS_MEANING, "mode of a service that is named": OF_ITS_MEANING,
    "rows": OF_ITS_MEANING, "columns": OF_ITS_MEANING, "earlier step": OF_ITS_MEANING,
    "amount": OF_A_LANGUAGE,
    "path": OF_A_LANGUAGE, "expression": OF_A_LANGUAGE, "secret in a text": OF_A_LANGUAGE,
    "expression that is too large": OF_A_LANGUAGE, "place that takes too long": OF_A_LANGUAGE,
    "path that leaves it in disguise": OF_A_LANGUAGE,
    "file": "it depends on the folder", "file outside": "it depends on the folder",
    **dict.fromkeys(
        [each for each in MISTAKES if each.startswith("secret ")],
        "whether a text is typed or a variable depends on other parts",
    ),
}  # fmt: skip
