"""The secrets of a machine that was given none: made once, kept in files only we can read."""

import secrets
from collections.abc import Mapping
from pathlib import Path

NAMES = (
    "careline_kek",
    "careline_lookup_key",
    "careline_token_key",
    "rasa_token",
    "internal_token",
)
SECRET_BYTES = 32


def make_missing_keys(folder: Path, *, environment: Mapping[str, str]) -> None:
    """Make each secret that neither the environment nor a file gives, once and for all.

    Losing the folder loses every sealed text: there is no other copy of the key.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in NAMES:
        given = environment.get(name.upper()) or environment.get(f"{name.upper()}_FILE")
        if not given and not (folder / name).exists():
            _write(folder / name)


def read_key(folder: Path, name: str, *, environment: Mapping[str, str]) -> str:
    """One secret: the environment's, else the file's, else empty."""
    if given := environment.get(name.upper()):
        return given
    path = folder / name
    return path.read_text(encoding="ascii").strip() if path.exists() else ""


def _write(path: Path) -> None:
    """In one step: an interrupted start leaves no short secret behind."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_hex(SECRET_BYTES) + "\n", encoding="ascii")
    fresh.rename(path)
