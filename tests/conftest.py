"""For all tests: Hypothesis sets no deadlines, because a busy machine is no defect."""

from hypothesis import HealthCheck, settings

settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")
