"""A process with a missing, default or weak setting must not start."""

import pytest
import typer

from api.commands.fit import fit_settings

SECRETS = ("CARELINE_KEK", "CARELINE_LOOKUP_KEY", "CARELINE_TOKEN_KEY", "RASA_TOKEN")
PRODUCTION = {
    **dict.fromkeys((*SECRETS, "INTERNAL_TOKEN", "TWILIO_AUTH_TOKEN"), "x" * 40),
    "CARELINE_MODE": "production",
    "PUBLIC_BASE_URL": "https://care.example",
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_FROM": "+12125550199",
    "SMTP_URL": "smtps://careline:secret@mail.example/?from=careline@clinic.example",
    "TRACKER_DATABASE_URL": "postgresql://rasa@/rasa?host=/run/postgres",
    "DATABASE_URL": "postgresql://careline@/careline?host=/run/postgres",
}


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("CARELINE_SECRETS_DIR", raising=False)
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_whole_production_setting_is_fit(production: pytest.MonkeyPatch) -> None:
    del production
    assert not fit_settings().is_sandbox


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("CARELINE_KEK", ""),
        ("RASA_TOKEN", "short"),
        ("TWILIO_AUTH_TOKEN", "sandbox"),
        ("TWILIO_ACCOUNT_SID", "AC" + "0" * 32),
        ("PUBLIC_BASE_URL", "http://care.example"),
        ("DATABASE_URL", "postgresql://careline@db.example/careline?sslmode=require"),
        ("TRACKER_DATABASE_URL", ""),
        ("RASA_URL", "http://rasa.example:5005"),
        ("SMTP_URL", ""),
        ("SMTP_URL", "smtp://mail.example/?from=careline@clinic.example"),
        ("SMTP_URL", "smtps://mail.example/"),
        ("SMTP_URL", "https://mail.example/?from=careline@clinic.example"),
        ("FHIR_BASE_URL", "https://fhir.example/r4"),
    ],
)
def test_each_fault_forbids_the_start_and_is_named(
    production: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str, value: str
) -> None:
    production.setenv(key, value)
    with pytest.raises(typer.Exit):
        fit_settings()
    assert key in capsys.readouterr().err
