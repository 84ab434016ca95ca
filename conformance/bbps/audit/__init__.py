"""The audit of a run: everything that it created is compared with what was sent and answered."""
