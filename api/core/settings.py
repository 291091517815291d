"""Every setting, from the environment or from secret files; the one door to them.

Names are promises to operators: see docs/settings.md.
"""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, override

from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from api.core.smtp_url import BadSmtpUrl, read_smtp_url

SANDBOX_TWILIO_SID = "AC" + "0" * 32
SANDBOX_TWILIO_TOKEN = "sandbox"  # noqa: S105 -- the published sandbox credential
SANDBOX_CLINIC_NUMBER = "+12125550199"
# Nobody listens there; the sandbox's catcher stands in front of it.
SANDBOX_SMTP_URL = "smtp://127.0.0.1:9/?from=careline@careline.example"
MIN_SECRET_CHARS = 32
# One long number may send one text a second; a Messaging Service spreads over its numbers.
# Source: Twilio "Error 21611" (a long code sends one segment a second); read 2026-11.
NUMBER_PER_SECOND, SERVICE_PER_SECOND = 1.0, 10.0


class Mode(StrEnum):
    """Sandbox: nothing leaves the machine. Production: the real world."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


def _is_rate(text: str) -> str:
    parse_many(text)  # raises ValueError
    return text


def _or_unset(value: object) -> object:
    return None if value == "" else value


type PerSecond = Annotated[Annotated[float, Field(ge=1)] | None, BeforeValidator(_or_unset)]
type Rate = Annotated[str, AfterValidator(_is_rate)]


class Settings(BaseSettings):
    """The settings of one process. Field names are the environment's names in lower case."""

    model_config = SettingsConfigDict(extra="ignore", case_sensitive=False)

    careline_mode: Mode = Mode.SANDBOX
    careline_port: int = 8000
    careline_data_dir: Path = Path("var")
    careline_secrets_dir: Path | None = None
    public_base_url: str = ""

    database_url: str = ""
    tracker_database_url: str = ""
    fhir_base_url: str = ""

    rasa_url: str = "http://127.0.0.1:5005"
    rasa_token: SecretStr = SecretStr("")
    actions_url: str = "http://127.0.0.1:5055"
    internal_url: str = ""
    internal_token: SecretStr = SecretStr("")

    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_messaging_service_sid: str = ""
    twilio_from: str = ""
    twilio_api_base: str = "https://api.twilio.com"
    sms_per_second: PerSecond = None
    smtp_url: SecretStr = SecretStr("")

    careline_kek: SecretStr = SecretStr("")
    careline_kek_file: Path | None = None
    careline_lookup_key: SecretStr = SecretStr("")
    careline_token_key: SecretStr = SecretStr("")

    engine_timeout_s: float = Field(default=20.0, gt=0)

    chat_session_limit: Rate = "30/minute;300/hour"
    chat_confirm_limit: Rate = "10/minute;60/hour"
    chat_message_limit: Rate = "20/minute;300/hour"

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then one file per secret in CARELINE_SECRETS_DIR."""
        del dotenv_settings, file_secret_settings
        folder = os.environ.get("CARELINE_SECRETS_DIR")  # noqa: TID251 -- this is the one door
        if not folder:
            return init_settings, env_settings
        files = SecretsSettingsSource(settings_cls, secrets_dir=folder)
        return init_settings, env_settings, files

    @property
    def is_sandbox(self) -> bool:
        """Whether the sandbox's phone, clock, faults and fakes exist."""
        return self.careline_mode is Mode.SANDBOX

    @property
    def base_url(self) -> str:
        """The public base URL without a slash at its end; signatures are computed over it."""
        return (self.public_base_url or f"http://127.0.0.1:{self.careline_port}").rstrip("/")

    @property
    def sms_rate(self) -> float | None:
        """How many texts a second nobody asked for; none: as fast as it goes, in the sandbox."""
        if self.sms_per_second is not None or self.is_sandbox:
            return self.sms_per_second
        return SERVICE_PER_SECOND if self.twilio_messaging_service_sid else NUMBER_PER_SECOND

    @property
    def internal_base_url(self) -> str:
        """Where `actions` finds `/internal`; loopback or a private network only."""
        return self.internal_url or f"http://127.0.0.1:{self.careline_port}"

    @property
    def key_encryption_key(self) -> str:
        """The key-encryption key's text, from its own file or the secrets folder."""
        if self.careline_kek_file is not None:
            return self.careline_kek_file.read_text(encoding="ascii").strip()
        return self.careline_kek.get_secret_value()


def load_settings() -> Settings:
    """Read the settings of this process; in sandbox mode the published credentials apply."""
    settings = Settings()
    if not settings.is_sandbox:
        return settings
    return settings.model_copy(update=_sandbox_values(settings))


def _sandbox_values(settings: Settings) -> dict[str, object]:
    """Sandbox mode never talks to a real provider, whatever the environment says."""
    return {
        "twilio_account_sid": SANDBOX_TWILIO_SID,
        "twilio_auth_token": SecretStr(SANDBOX_TWILIO_TOKEN),
        "twilio_messaging_service_sid": "",
        "twilio_from": SANDBOX_CLINIC_NUMBER,
        "twilio_api_base": f"http://127.0.0.1:{settings.careline_port}/sandbox/twilio",
        "smtp_url": SecretStr(SANDBOX_SMTP_URL),
    }


def problems(settings: Settings) -> list[str]:
    """What forbids a start, one sentence each that names the key and why; empty when fit.

    In sandbox mode only the keys that `careline up` makes itself are asked for.
    """
    found = [
        f"{name.upper()} is missing or shorter than {MIN_SECRET_CHARS} characters."
        for name, value in _secrets(settings).items()
        if len(value) < MIN_SECRET_CHARS
    ]
    if settings.fhir_base_url:
        found.append("FHIR_BASE_URL is set, but this version has the embedded FHIR store only.")
    return found if settings.is_sandbox else found + _production_problems(settings)


def _secrets(settings: Settings) -> dict[str, str]:
    return {
        "careline_kek": settings.key_encryption_key,
        "careline_lookup_key": settings.careline_lookup_key.get_secret_value(),
        "careline_token_key": settings.careline_token_key.get_secret_value(),
        "rasa_token": settings.rasa_token.get_secret_value(),
        "internal_token": settings.internal_token.get_secret_value(),
    }


def _production_problems(settings: Settings) -> list[str]:
    checks = {
        "PUBLIC_BASE_URL must be the https address that patients and Twilio use.": (
            settings.public_base_url.startswith("https://")
        ),
        "TWILIO_ACCOUNT_SID is missing or the sandbox's.": (
            settings.twilio_account_sid not in {"", SANDBOX_TWILIO_SID}
        ),
        f"TWILIO_AUTH_TOKEN is missing, the sandbox's or shorter than {MIN_SECRET_CHARS}.": (
            len(settings.twilio_auth_token.get_secret_value()) >= MIN_SECRET_CHARS
        ),
        "TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID is missing.": bool(
            settings.twilio_from or settings.twilio_messaging_service_sid
        ),
        "TWILIO_API_BASE must be https.": settings.twilio_api_base.startswith("https://"),
        "TRACKER_DATABASE_URL is missing: the engine's tracker has a role of its own.": bool(
            settings.tracker_database_url
        ),
        "DATABASE_URL off this host needs sslmode=verify-full.": _database_is_safe(
            settings.database_url
        ),
        "RASA_URL must be loopback, a private name or https.": _is_private_or_tls(
            settings.rasa_url
        ),
    }
    found = [sentence for sentence, holds in checks.items() if not holds]
    return found + _mail_problems(settings.smtp_url.get_secret_value())


def _mail_problems(url: str) -> list[str]:
    if not url:
        return ["SMTP_URL is missing: staff are told of safety alerts by e-mail."]
    try:
        read_smtp_url(url)
    except BadSmtpUrl as reason:
        return [f"SMTP_URL {reason}."]
    return []


def _database_is_safe(url: str) -> bool:
    local = not url or "host=/" in url or "@/" in url or "127.0.0.1" in url or "localhost" in url
    return local or "verify-full" in url


def _is_private_or_tls(url: str) -> bool:
    host = url.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0]
    return url.startswith("https://") or host == "127.0.0.1" or "." not in host
