import stat
from pathlib import Path

from api.processes.keys import NAMES, make_missing_keys, read_key


def test_each_secret_is_made_long_and_for_us_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_missing_keys(folder, environment={})
    secrets = {name: read_key(folder, name, environment={}) for name in NAMES}
    assert all(len(secret) == 64 and int(secret, 16) for secret in secrets.values())
    assert len(set(secrets.values())) == len(NAMES)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_secrets_are_made_once(tmp_path: Path) -> None:
    make_missing_keys(tmp_path, environment={})
    first = read_key(tmp_path, "careline_kek", environment={})
    make_missing_keys(tmp_path, environment={})
    assert read_key(tmp_path, "careline_kek", environment={}) == first


def test_secret_of_the_environment_is_used_and_not_written(tmp_path: Path) -> None:
    environment = {"RASA_TOKEN": "r" * 40, "CARELINE_KEK_FILE": "/run/secrets/kek"}
    make_missing_keys(tmp_path, environment=environment)
    assert not (tmp_path / "rasa_token").exists()
    assert not (tmp_path / "careline_kek").exists()
    assert read_key(tmp_path, "rasa_token", environment=environment) == "r" * 40


def test_missing_secret_reads_as_empty(tmp_path: Path) -> None:
    assert read_key(tmp_path, "rasa_token", environment={}) == ""
