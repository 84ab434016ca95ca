"""The checksum of results.json and the last day on which a run counts."""

import hashlib
from datetime import date, timedelta

from conformance.results.validity import VALID_DAYS, digest_of, valid_until
from tests.unit.conftest import Runner, finding_of


def test_the_digest_is_what_sha256sum_says_of_the_file(a_run: Runner) -> None:
    folder, results, _ = a_run()
    content = (folder / "results.json").read_bytes()
    assert digest_of(results) == hashlib.sha256(content).hexdigest()


def test_a_run_counts_for_so_many_days(a_run: Runner) -> None:
    _, results, _ = a_run([finding_of("USR-01")])
    ended = date.fromisoformat(results.finished[:10])
    assert valid_until(results) == ended + timedelta(days=VALID_DAYS)
