"""The command `bbps-conformance`: one module per command or group of commands."""
