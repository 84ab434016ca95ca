"""Profiles and CI files shipped with the suite."""
