"""Scenarios: named sequences of calls with expectations, as data, derived from Postman."""
