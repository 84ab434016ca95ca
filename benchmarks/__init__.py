"""Measurements of the suite, as ratios; `make bench` prints them as one table."""
