"""The lineages of DIGIT."""
