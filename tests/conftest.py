"""What every test may ask for; the fixtures are in tests/support."""

import pytest

pytest_plugins = ["tests.support.postgres", "tests.support.stack", "tests.support.upgrades"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long and how repeatable the fault tests are."""
    parser.addoption("--rounds", type=int, default=3, help="rounds of the fault tests")
    parser.addoption("--seed", type=int, default=0, help="the printed seed of an earlier run")


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How many rounds the fault tests go."""
    return int(request.config.getoption("--rounds"))
