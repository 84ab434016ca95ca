"""Scripts of Postman as data. They are parsed, never run; each line is data, idle, or listed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.scenarios.postman.assertions import asserted, is_assertion
from conformance.scenarios.postman.expected import expectable
from conformance.scenarios.postman.expressions import condition, evaluated
from conformance.scenarios.postman.javascript import children, field_of, parsed, text_of
from conformance.scenarios.postman.lines import LARGEST, Fate, LineBook
from conformance.scenarios.postman.names import (
    HEADERS,
    LOOPS,
    SETS,
    WITHOUT_EFFECT,
    destructured,
    fails,
    header_of,
    leaves,
    reason_for,
    spoiled,
    with_parameters,
)
from conformance.scenarios.postman.symbols import (
    UNCLEAR,
    Assertion,
    Constant,
    Duration,
    Function,
    InBody,
    Scope,
    Truth,
    Unclear,
    Value,
    written,
)
from conformance.scenarios.postman.translation import (
    HeaderSet,
    Translation,
    VariableSet,
    given,
    keepable,
)

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST: Final = 12  # functions and blocks in each other
TIME: Final = "the time of an answer is no requirement"


def translated(source: str, listen: str) -> Translation:
    """Return what a script comes to; `listen` is `test` or `prerequest`."""
    translation = Translation(LineBook(source))
    if len(source) <= LARGEST:
        _Reader(translation, after=listen == "test").read(parsed(source))
    return translation


class _Reader:
    """Reads the statements of one script."""

    def __init__(self, translation: Translation, *, after: bool) -> None:
        self._found = translation
        self._book = translation.book
        self._after = after
        self._test = ""
        self._caught = False  # whether a failure of what is read ends in a catch
        self._depth = 0
        self._waiting: list[tuple[Node, Truth, Scope, str]] = []
        self._functions: list[tuple[Node, Function]] = []
        self._used: set[int] = set()

    def read(self, root: "Node") -> None:
        """Read a whole script: at last what depends on a condition that it requires elsewhere."""
        self._block(children(root), Scope())
        for node, truth, scope, test in self._waiting:
            self._test = test
            self._decided(node, truth, scope)
        for node, function in self._functions:
            if id(function.node) not in self._used:
                self._book.mark(node, Fate.WITHOUT_EFFECT, "never called")

    def _block(self, statements: "list[Node]", scope: Scope) -> None:
        for each in statements:  # functions are known before they are declared
            if each.type == "function_declaration":
                function = Function(each, scope)
                scope.declare(text_of(field_of(each, "name")), function, whole=True)
                self._functions.append((each, function))
        for place, each in enumerate(statements, 1):
            self._statement(each, scope)
            if leaves(each):
                for rest in statements[place:]:
                    self._book.mark(rest, Fate.NOT_DATA, "depends on a condition")
                return

    def _statement(self, node: "Node", scope: Scope) -> None:
        rule = STATEMENTS.get(node.type)
        if node.has_error and rule is not STATEMENTS["statement_block"]:
            self._book.mark(node, Fate.NOT_DATA, "no JavaScript")
        elif rule is not None:
            rule(self, node, scope)
        elif node.type in LOOPS:
            what = "a choice" if "switch" in node.type else "a loop"
            self._book.mark(node, Fate.NOT_DATA, what)
        elif node.type not in {"function_declaration", "empty_statement", "hash_bang_line"}:
            self._book.mark(node, Fate.NOT_DATA, "not understood")
        if self._book.worst(node) == Fate.NOT_DATA:
            spoiled(node, scope, whole=node.type in LOOPS)

    def _declaration(self, node: "Node", scope: Scope) -> None:
        for each in children(node):
            if each.type == "variable_declarator":
                value = evaluated(field_of(each, "value"), scope)
                self._bound(each, field_of(each, "name"), value, scope)
            else:
                self._book.mark(each, Fate.NOT_DATA, "not understood")

    def _bound(self, node: "Node", name: "Node | None", value: Value, scope: Scope) -> None:
        """Give names their values, and mark the lines."""
        if name is None:
            return
        declared_only = field_of(node, "value") is None and field_of(node, "right") is None
        if name.type == "identifier":
            var = node.parent is not None and node.parent.type == "variable_declaration"
            scope.declare(text_of(name), value, whole=var)
        else:
            destructured(name, value, scope)
        if isinstance(value, Function):
            self._functions.append((node, value))
        elif declared_only or text_of(field_of(node, "value")).startswith("require("):
            self._book.mark(node, Fate.WITHOUT_EFFECT)
        elif isinstance(value, Unclear):
            self._unclear(node, field_of(node, "value") or node)
        else:
            self._book.mark(node, Fate.DATA)

    def _unclear(self, node: "Node", expression: "Node") -> None:
        self._book.mark(node, Fate.NOT_DATA, reason_for(expression))

    def _expression(self, node: "Node", scope: Scope) -> None:
        for each in children(node):
            self._one(each, scope)

    def _one(self, node: "Node", scope: Scope) -> None:
        """Read one expression that stands alone."""
        if node.type in {"sequence_expression", "parenthesized_expression", "await_expression"}:
            for each in children(node):
                self._one(each, scope)
        elif node.type == "assignment_expression":
            self._assignment(node, scope)
        elif node.type == "string":
            self._book.mark(node, Fate.WITHOUT_EFFECT)
        elif is_assertion(node, scope):
            self._assertion(node, scope)
        elif node.type == "call_expression":
            self._call(node, scope)
        elif node.type == "identifier" and isinstance(scope.get(text_of(node)), InBody | Constant):
            self._book.mark(node, Fate.WITHOUT_EFFECT)
        else:
            self._unclear(node, node)

    def _assertion(self, node: "Node", scope: Scope) -> None:
        function = scope.get(text_of(field_of(node, "function")))
        if isinstance(function, Function):
            self._call(node, scope)
            return
        claims = asserted(node, scope)
        if claims is None:
            self._unclear(node, node)
        elif self._caught:
            self._book.mark(node, Fate.NOT_DATA, "a failure of it is caught")
        else:
            self._required(node, claims)

    def _required(self, node: "Node", claims: tuple[Assertion, ...]) -> None:
        timed = [each for each in claims if isinstance(each.subject, Duration)]
        sayable = [each for each in claims if expectable(each)]
        self._found.claims += [replace(each, test=self._test) for each in sayable]
        if not claims:
            self._book.mark(node, Fate.WITHOUT_EFFECT, "always holds")
        elif len(sayable) == len(claims):
            self._book.mark(node, Fate.DATA)
        elif timed:
            self._book.mark(node, Fate.NO_REQUIREMENT, TIME)
        else:
            self._book.mark(node, Fate.NOT_DATA, "no expectation says this")

    def _assignment(self, node: "Node", scope: Scope) -> None:
        left, right = field_of(node, "left"), field_of(node, "right")
        value = evaluated(right, scope)
        if left is None:
            return
        object_ = text_of(field_of(left, "object"))
        if object_ == "tests":
            self._old_test(node, left, value, scope)
        elif left.type == "identifier":
            scope.assign(text_of(left), value)
            if isinstance(value, Unclear):
                self._unclear(node, right or node)
            else:
                self._book.mark(node, Fate.DATA)
        elif left.type in {"object_pattern", "array_pattern"}:
            self._bound(node, left, value, scope)
        else:
            self._unclear(node, node)

    def _old_test(self, node: "Node", left: "Node", value: Value, scope: Scope) -> None:
        """Read tests["name"] = condition."""
        index = evaluated(field_of(left, "index"), scope)
        name = (
            str(index.value) if isinstance(index, Constant) else text_of(field_of(left, "property"))
        )
        truth = condition(value)
        if truth is None:
            never = isinstance(value, Constant)
            self._book.mark(node, Fate.NOT_DATA, "fails always" if never else "not understood")
            return
        before, self._test = self._test, name
        self._required(node, truth.claims)
        self._test = before

    def _call(self, node: "Node", scope: Scope) -> None:
        function = field_of(node, "function")
        name = text_of(function)
        arguments = children(field_of(node, "arguments"))
        known = scope.get(name) if function is not None and function.type == "identifier" else None
        if name in {"pm.test", "pm.test.only", "it", "describe"} and len(arguments) > 1:
            self._named_test(node, arguments, scope)
        elif isinstance(known, Function):
            self._inlined(node, known, arguments, scope)
        elif name in SETS:
            self._set(node, arguments, scope)
        elif name in HEADERS and arguments:
            self._header(node, arguments[0], scope)
        elif name.startswith(WITHOUT_EFFECT):
            self._book.mark(node, Fate.WITHOUT_EFFECT)
        elif name in {"forEach", "_.each", "_.forEach"} or name.endswith((".forEach", ".map")):
            self._book.mark(node, Fate.NOT_DATA, "a loop")
            spoiled(node, scope, whole=True)
        else:
            inner = evaluated(function, scope)  # a function may be called where it stands
            if isinstance(inner, Function):
                self._inlined(node, inner, arguments, scope)
            else:
                self._unclear(node, node)
                spoiled(node, scope, whole=True)

    def _named_test(self, node: "Node", arguments: "list[Node]", scope: Scope) -> None:
        name, function = evaluated(arguments[0], scope), evaluated(arguments[1], scope)
        title = written(name)
        if not isinstance(function, Function):
            self._book.mark(node, Fate.NOT_DATA, "not understood")
            return
        before = self._test, self._caught
        self._test = title if isinstance(title, str) else text_of(arguments[0])
        self._caught = False  # a test catches what fails in it
        self._inlined(node, function, [], scope)
        self._test, self._caught = before

    def _inlined(
        self, node: "Node", function: Function, arguments: "list[Node]", scope: Scope
    ) -> None:
        """Read the body of a function at the place of its call."""
        body = field_of(function.node, "body")
        if body is None or self._depth >= DEEPEST:
            self._book.mark(node, Fate.NOT_DATA, "not understood")
            return
        self._used.add(id(function.node))
        names = with_parameters(function, arguments, scope)
        self._depth += 1
        if body.type == "statement_block":
            self._block(children(body), names)
        else:
            self._one(body, names)
        self._depth -= 1
        outer = function.node
        for each in (outer, node):
            inside = each.start_byte <= body.start_byte and body.end_byte <= each.end_byte
            fate = Fate.DATA if self._book.holds_data(body) else Fate.WITHOUT_EFFECT
            if inside:
                self._book.frame(each, body, fate)
            else:
                self._book.mark(each, fate)

    def _set(self, node: "Node", arguments: "list[Node]", scope: Scope) -> None:
        name = evaluated(arguments[0], scope) if arguments else UNCLEAR
        value = evaluated(arguments[1], scope) if len(arguments) > 1 else Constant("")
        if not isinstance(name, Constant) or not keepable(value):
            self._unclear(node, arguments[1] if len(arguments) > 1 else node)
            return
        self._found.sets.append(VariableSet(str(name.value), value, self._after))
        self._book.mark(node, Fate.DATA)

    def _header(self, node: "Node", argument: "Node", scope: Scope) -> None:
        name, value = header_of(argument, scope)
        if self._after or not isinstance(name, Constant) or written(value) is UNCLEAR:
            self._book.mark(node, Fate.NOT_DATA, "changes the request")
            return
        self._found.headers.append(HeaderSet(str(name.value), value))
        self._book.mark(node, Fate.DATA)

    def _if(self, node: "Node", scope: Scope) -> None:
        test = field_of(node, "condition")
        while test is not None and test.type == "parenthesized_expression":
            test = children(test)[0] if children(test) else None
        if test is not None and test.type == "assignment_expression":
            self._assignment(test, scope)
        truth = condition(evaluated(test, scope))
        if truth is None:
            self._book.mark(node, Fate.NOT_DATA, "depends on a condition")
        elif truth.claims:
            spoiled(node, scope)
            self._waiting.append((node, truth, scope, self._test))
        else:
            self._decided(node, truth, scope)

    def _decided(self, node: "Node", truth: Truth, scope: Scope) -> None:
        """Read what depends on a condition, if the condition is required anyhow."""
        body, other = field_of(node, "consequence"), field_of(node, "alternative")
        if body is None:
            return
        claims, sets = len(self._found.claims), len(self._found.sets)
        earlier = list(self._found.claims)
        waiting, self._waiting = self._waiting, []
        self._statement(body, scope)
        inner, self._waiting = self._waiting, waiting
        for each, inner_truth, inner_scope, test in inner:
            before, self._test = self._test, test
            both = Truth((*truth.claims, *inner_truth.claims))
            self._decided(each, both, inner_scope)
            self._test = before
        kept = self._found.sets[sets:]
        required = self._found.claims[claims:]
        if all(given(each, earlier, kept, required) for each in truth.claims):
            self._book.frame(node, body, Fate.DATA if kept or required else Fate.WITHOUT_EFFECT)
        else:
            del self._found.claims[claims:], self._found.sets[sets:]
            self._book.mark(node, Fate.NOT_DATA, "depends on a condition")
        if other is not None:
            self._alternative(other, scope)

    def _alternative(self, node: "Node", scope: Scope) -> None:
        """Read what happens where a script fails anyhow: nothing of it is required."""
        claims, sets, waiting = len(self._found.claims), len(self._found.sets), len(self._waiting)
        worst = LineBook("\n".join(self._book.lines))
        book, self._book = self._book, worst
        for each in children(node):
            self._statement(each, scope)
        self._book = book
        found = self._found
        lost = found.sets[sets:] or found.claims[claims:] or len(self._waiting) > waiting
        del self._found.claims[claims:], self._found.sets[sets:], self._waiting[waiting:]
        unread = worst.worst(node) == Fate.NOT_DATA and not fails(node)
        fate = Fate.NOT_DATA if lost or unread else Fate.WITHOUT_EFFECT
        self._book.mark(node, fate, "happens in another case only")

    def _try(self, node: "Node", scope: Scope) -> None:
        body, handler = field_of(node, "body"), field_of(node, "handler")
        inner = field_of(handler, "body") if handler is not None else None
        before = self._caught
        self._caught = before or (inner is not None and not fails(inner))
        if body is not None:
            self._statement(body, scope)
            self._book.frame(node, body, Fate.WITHOUT_EFFECT)
        self._caught = before
        if inner is not None:
            self._alternative(inner, scope)
        final = field_of(node, "finalizer")
        for each in children(final):
            self._statement(each, scope)

    def _nested(self, node: "Node", scope: Scope) -> None:
        if self._depth >= DEEPEST:
            self._book.mark(node, Fate.NOT_DATA, "not understood")
            return
        self._depth += 1
        self._block(children(node), Scope(parent=scope, block=True))
        self._depth -= 1

    def _return(self, node: "Node", scope: Scope) -> None:
        inner = children(node)
        if inner:
            self._one(inner[0], scope)
        else:
            self._book.mark(node, Fate.WITHOUT_EFFECT)


STATEMENTS: Final[Mapping[str, Callable[[_Reader, "Node", Scope], None]]] = {
    "lexical_declaration": _Reader._declaration,
    "variable_declaration": _Reader._declaration,
    "expression_statement": _Reader._expression,
    "if_statement": _Reader._if,
    "try_statement": _Reader._try,
    "statement_block": _Reader._nested,
    "return_statement": _Reader._return,
}
