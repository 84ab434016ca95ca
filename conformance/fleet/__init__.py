"""Certifies many cities: which they are, where they are certified, and what came out of all."""
