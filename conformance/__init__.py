"""Decides whether a DIGIT deployment may take bill payments from BBPS."""

__version__ = "0.1.0"
