"""Variations: deployments that differ from the reference and conform all the same."""
