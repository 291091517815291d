"""What every test may ask for; the fixtures are in tests/support."""

pytest_plugins = ["tests.support.postgres"]
