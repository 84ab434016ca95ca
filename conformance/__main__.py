"""The command `bbps-conformance`, which is also `python -m conformance`."""

import atexit
import gc
import sys

from conformance.core.interrupts import ended_by_signals


def run() -> None:
    """Run the command; what interrupts it ends it with one line from its first moment on."""
    # What imports make stays: to look for garbage in it takes long, most of all at the end.
    gc.set_threshold(200_000, 20, 20)
    atexit.register(gc.freeze)
    with ended_by_signals():
        try:
            from conformance.cli.main import main
        except KeyboardInterrupt:
            sys.stderr.write("bbps-conformance: interrupted\n")
            sys.exit(130)
        main()


if __name__ == "__main__":
    run()
