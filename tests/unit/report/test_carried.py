"""The data that a certificate carries: its page is made again from it, byte by byte."""

import pytest

from conformance.report.carried import NothingCarried, data_of, packed, unpacked
from conformance.report.certificate import chosen, page, page_of
from tests.unit.conftest import Runner


def test_a_page_is_made_again_from_what_it_carries(a_run: Runner) -> None:
    _, results, exchanges = a_run()
    text = page(results, exchanges)
    again, evidence = unpacked(data_of(text))
    assert again.as_json() == results.as_json()
    assert evidence == chosen(results, exchanges) != {}
    assert page_of(again, evidence, data_of(text)) == text


def test_data_that_was_changed_is_refused(a_run: Runner) -> None:
    _, results, _ = a_run()
    data = packed(results, {})
    middle = len(data) // 2
    other = "A" if data[middle] != "A" else "B"
    for broken in (data[:-8], f"{data[:middle]}{other}{data[middle + 1 :]}", f"{data}AAAA", "AAA"):
        with pytest.raises(NothingCarried, match="cannot be read"):
            unpacked(broken)
    with pytest.raises(NothingCarried, match="0 times"):
        data_of("<html></html>")
