"""Reconciliation: demand, bill, transaction, payment and receipt read back and compared."""
