"""What every part of the suite may know: verdicts, requirements, exchanges, the ledger."""
