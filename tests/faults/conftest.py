"""The order of what certifies whole deployments."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits most, so that other tests use the processor meanwhile."""
    items.sort(key=lambda item: item.path.name != "test_variations.py")
