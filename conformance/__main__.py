"""The command `bbps-conformance`, which is also `python -m conformance`."""

import sys


def run() -> None:
    """Run the command; Ctrl-C ends it with one line from its first moment on."""
    try:
        from conformance.cli.main import main
    except KeyboardInterrupt:
        sys.stderr.write("bbps-conformance: interrupted\n")
        sys.exit(130)
    main()


if __name__ == "__main__":
    run()
