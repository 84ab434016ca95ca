"""The command `bbps-conformance`, which is also `python -m conformance`."""

import atexit
import gc

from conformance.core.interrupts import whole_process


def run() -> None:
    """Run the command; what interrupts it ends it with one line from its first moment on."""
    # What imports make stays: to look for garbage in it takes long, most of all at the end.
    gc.set_threshold(200_000, 20, 20)
    atexit.register(gc.freeze)
    whole_process(_command)


def _command() -> None:
    from conformance.cli.main import main

    main()


if __name__ == "__main__":
    run()
