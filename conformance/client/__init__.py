"""The one way out: calls, recorded and redacted, held against the contract."""
