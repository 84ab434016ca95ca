"""Stateful checks: the whole life of a bill, in random order, against a model of its rules."""
