"""`python -m conformance` is the command `bbps-conformance`."""

from conformance.cli import main

main()
