"""What each of our processes may see: its environment, and no more than it needs."""

import os
from collections.abc import Mapping
from pathlib import Path

# What any program needs to find its files, its language and its certificates.
PLAIN = frozenset(
    {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "LD_LIBRARY_PATH"}
)


def own_environment() -> dict[str, str]:
    """The environment this process was started with."""
    return dict(os.environ)  # noqa: TID251 -- children inherit what no setting names


def use_secrets_folder(folder: Path) -> None:
    """Let the settings of this process read the secret files of a folder."""
    os.environ["CARELINE_SECRETS_DIR"] = str(folder)  # noqa: TID251 -- the settings look there


def tell_actions(*, internal_url: str, internal_token: str, actions_token: str) -> None:
    """Give this process's actions, which know no settings of ours, what they speak with."""
    told = {
        "INTERNAL_URL": internal_url,
        "INTERNAL_TOKEN": internal_token,
        "ACTIONS_TOKEN": actions_token,
    }
    os.environ.update(told)  # noqa: TID251 -- the actions look there


def plain(environment: Mapping[str, str]) -> dict[str, str]:
    """The part that holds no secret and no address of ours."""
    return {name: value for name, value in environment.items() if name in PLAIN}


def without_postgres(environment: Mapping[str, str]) -> dict[str, str]:
    """All but the variables that would turn a Postgres client to another server."""
    return {name: value for name, value in environment.items() if not name.startswith("PG")}
