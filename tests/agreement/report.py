"""The agreement of a recording with the reference: by endpoint, and each disagreement once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.agreement.comparison import Difference
from tests.agreement.recording import Exchange

TARGET: Final = 99.0  # percent that must agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One exchange beside the reference: how they differ, and the reason that is listed for it."""

    exchange: Exchange
    difference: Difference | None
    reason: str = ""

    def agrees(self, level: str) -> bool:
        """Whether status (and codes, and shape) agree."""
        order = ("status", "codes", "shape")
        if self.difference is None:
            return True
        return order.index(self.difference.level) > order.index(level)


def share(verdicts: Iterable[Verdict], level: str = "shape") -> float:
    """Return the percentage of verdicts that agree up to a level."""
    agreed = [each.agrees(level) for each in verdicts]
    return 100 * sum(agreed) / len(agreed)


def lines(verdicts: list[Verdict]) -> Iterator[str]:
    """Yield the table by endpoint, the most frequent first, then each disagreement."""
    yield _row("all", verdicts)
    by_endpoint: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_endpoint.setdefault(verdict.exchange.endpoint, []).append(verdict)
    for endpoint, ones in sorted(by_endpoint.items(), key=lambda item: -len(item[1])):
        yield _row(endpoint, ones)
    for endpoint, ones in by_endpoint.items():
        yield from _disagreements(endpoint, ones)


def _row(name: str, ones: list[Verdict]) -> str:
    status, codes, shape = (share(ones, level) for level in ("status", "codes", "shape"))
    return (
        f"{name:<75} {len(ones):>4}  status {status:5.1f}%  codes {codes:5.1f}%  all {shape:5.1f}%"
    )


def _disagreements(endpoint: str, ones: list[Verdict]) -> Iterator[str]:
    apart = [each for each in ones if each.difference is not None]
    if not apart:
        return
    yield f"\n## {endpoint}"
    groups: dict[str, list[Verdict]] = {}
    for verdict in apart:
        assert verdict.difference is not None
        groups.setdefault(verdict.difference.words, []).append(verdict)
    for words, same in sorted(groups.items(), key=lambda item: -len(item[1])):
        example, reason = same[0].exchange, same[0].reason
        yield f"{len(same):>5} {words}"
        yield f"      e.g. line {example.number}: {example.check} ({example.actor})"
        yield f"      {f'reason: {reason}' if reason else 'NO REASON LISTED'}"
