"""The profile: what a deployment is, read from YAML."""
