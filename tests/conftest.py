"""For all tests: Hypothesis sets no deadlines, because a busy machine is no defect."""

import signal

from hypothesis import HealthCheck, settings

settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

# Who started the tests may ignore Ctrl-C, as a shell does in the background; commands inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
