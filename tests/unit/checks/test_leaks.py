"""What counts as a leak: addresses behind the gateway, traces, SQL; and what does not."""

import pytest

from conformance.checks.leaks import internal_addresses, traces

LOOPBACK, CITY = "http://127.0.0.1:28080", "https://digit.city.gov.in"


@pytest.mark.parametrize(
    ("text", "base_url", "named"),
    [
        ('400 on POST for "http://127.0.0.1:28081/_details"', LOOPBACK, ["127.0.0.1:28081"]),
        ("see http://127.0.0.1:28080/user/_details", LOOPBACK, []),
        ("from http://egov-user:8080/user", CITY, ["egov-user:8080"]),
        ("http://user.egov.svc.cluster.local:80/x", CITY, ["user.egov.svc.cluster.local:80"]),
        ("jdbc:postgresql://10.1.2.3:5432/egov", CITY, ["10.1.2.3:5432"]),
        ("https://digit.city.gov.in:8443/x", CITY, ["digit.city.gov.in:8443"]),
        ("https://digit.city.gov.in/x and https://digit.city.gov.in:443/y", CITY, []),
        ("see https://docs.example.org/errors", CITY, []),
        ("back to http://localhost:9999/paid", CITY, []),
        ("no address at all", CITY, []),
    ],
)  # fmt: skip
def test_addresses_behind_the_gateway(text: str, base_url: str, named: list[str]) -> None:
    sent = "callbackUrl http://localhost:9999/paid"
    assert list(internal_addresses(text, base_url=base_url, sent=sent)) == named


@pytest.mark.parametrize(
    "text",
    [
        "PreparedStatementCallback; SQL [WITH py_filtered as (select id from egcl_payment)]",
        "Failed to convert 'true' to 'org.egov.X$Y'; nested exception is java.lang.Illegal",
        "java.lang.NullPointerException\n at org.egov.pg.web.Controller",
    ],
)
def test_traces_and_sql(text: str) -> None:
    assert list(traces(text))


def test_plain_errors_leak_nothing() -> None:
    for text in ("Not authorized to access this resource", "must not be null", "an SQL of no use"):
        assert list(traces(text)) == []
