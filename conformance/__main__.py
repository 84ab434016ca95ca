"""`python -m conformance` is the command `bbps-conformance`."""

from conformance.cli.main import main

main()
