"""How this process runs: a TOML file, then the environment (prefix DSPP_). Read once, checked whole.

What the plan allows is not here but in the plan-terms file, which has another owner.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.clock import BadInstant, parse_instant

PREFIX = "DSPP_"
ROLES = ("smtp", "web", "work", "deliver")

_SMARTHOST_WANTED = "smtp://HOST:PORT"
_HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_PASSWORD = re.compile(r"//.*@")
_KEY = re.compile(r"""\s*\[*\s*["']?([A-Za-z0-9_-]+)["']?\s*[=.\]]""")
"""A line that sets a key, or opens a table, of the top level."""


class BadSettings(ValueError):
    """The settings are wrong; each fault names its key, where it stands and the remedy. Nothing was started."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port to listen on or to connect to."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs. Every field is a key of the settings file and, upper-cased, of the environment."""

    state_dir: Path = Path("var")
    """Where the database, the secrets, the model and undelivered development mail live."""
    database_url: str = ""
    """sqlite:///FILE or postgresql+psycopg://...; by default a SQLite file in the state directory."""
    smtp_listen: Address = Address("127.0.0.1", 8025)
    http_listen: Address = Address("127.0.0.1", 8080)
    smarthost: Address | None = None
    """Where outgoing mail is handed over; none keeps it in the state directory's outbox."""
    plan_terms: Path | None = None
    """The plan-terms file; by default the one shipped with the program."""
    secret_file: Path | None = None
    """The root secret; by default secret.key in the state directory, made at the first start."""
    model_dir: Path | None = None
    """The trained language model; by default in the state directory."""
    clock: datetime | None = None
    """Starts the clock at another instant, for rehearsals and tests."""
    hostname: str = ""
    """What the service calls itself in SMTP and in Message-IDs; by default the program address's domain."""
    read_seconds: int = 20
    """How long reading and understanding one message may take before it is given up."""

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.state_dir / 'dspp.sqlite3'}"

    @property
    def secrets(self) -> Path:
        """The root secret's file."""
        return self.secret_file or self.state_dir / "secret.key"

    @property
    def model(self) -> Path:
        """The language model's directory."""
        return self.model_dir or self.state_dir / "model"

    @property
    def outbox_dir(self) -> Path:
        """Where outgoing mail is kept when there is no smarthost."""
        return self.state_dir / "outbox"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is wanted")
    return value


def _path(value: object) -> Path:
    text = _text(value)
    if not text:
        raise ValueError("a path is wanted")
    return Path(text)


def _address(value: object) -> Address:
    text = _text(value)
    try:
        parts = urlsplit("//" + text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None or parts.netloc != text or parts.username is not None:
        raise ValueError("HOST:PORT is wanted, for instance 127.0.0.1:8025")
    return Address(host, port)


def _smarthost(value: object) -> Address:
    text = _text(value)
    if not text.startswith("smtp://"):
        raise ValueError(f"{_SMARTHOST_WANTED} is wanted")
    try:
        return _address(text.removeprefix("smtp://").rstrip("/"))
    except ValueError:
        raise ValueError(f"{_SMARTHOST_WANTED} is wanted, without user and password") from None


def _hostname(value: object) -> str:
    text = _text(value)
    if not _HOSTNAME.fullmatch(text):
        raise ValueError("a host name is wanted, for instance dspp.example.com")
    return text


def _instant(value: object) -> datetime:
    try:
        return parse_instant(value.isoformat() if isinstance(value, datetime) else _text(value))
    except BadInstant as fault:
        raise ValueError(str(fault)) from None


def _database_url(value: object) -> str:
    text = _text(value)
    in_memory = text in {"sqlite:///", "sqlite:///:memory:"}
    if in_memory or not text.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://")):
        raise ValueError("sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME is wanted")
    return text.replace("postgresql://", "postgresql+psycopg://", 1) if text.startswith("postgresql://") else text


def _seconds(value: object) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if not 1 <= number <= 3600:
        raise ValueError("a whole number of seconds from 1 to 3600 is wanted")
    return number


READERS: Mapping[str, Callable[[object], object]] = {
    "state_dir": _path,
    "database_url": _database_url,
    "smtp_listen": _address,
    "http_listen": _address,
    "smarthost": _smarthost,
    "plan_terms": _path,
    "secret_file": _path,
    "model_dir": _path,
    "clock": _instant,
    "hostname": _hostname,
    "read_seconds": _seconds,
}
"""How each setting is read; a test holds the keys to the fields of Settings."""

NOT_SETTINGS = frozenset({"DSPP_TEST_DATABASE_URL"})
"""Variables with our prefix that something else reads."""


def read_settings(file: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings from `file` (if any) and the environment, which wins. BadSettings lists every fault."""
    faults: list[str] = []
    found: dict[str, tuple[object, str]] = {}
    if file is not None:
        found.update(_from_file(file, faults))
    for variable, value in environment.items():
        if variable.startswith(PREFIX) and variable not in NOT_SETTINGS:
            found[variable.removeprefix(PREFIX).lower()] = (value, f"environment variable {variable}")
    values: dict[str, object] = {}
    for key, (given, where) in found.items():
        if key not in READERS:
            faults.append(f"{where}: unknown key {key!r}; known are {', '.join(sorted(READERS))}")
            continue
        if given == "":
            continue
        try:
            values[key] = READERS[key](given)
        except ValueError as fault:
            faults.append(f"{where}: {key} is {_PASSWORD.sub('//***@', repr(given))}, but {fault}")
    if faults:
        raise BadSettings(faults)
    return Settings(**values)  # type: ignore[arg-type]  # READERS gives each field its own type, held by a test


def _from_file(file: Path, faults: list[str]) -> dict[str, tuple[object, str]]:
    try:
        text = file.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as fault:
        is_missing = isinstance(fault, FileNotFoundError)
        what = "no such file" if is_missing else f"cannot be read: {fault.strerror}"
        faults.append(f"{file}: {what}; correct the path" + ("" if is_missing else " or the permissions"))
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        faults.append(f"{file}: not TOML: {fault}; correct it there")
        return {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _KEY.match(line):
            lines.setdefault(found[1], number)
    return {key: (value, f"{file}, line {lines.get(key, 1)}") for key, value in document.items()}
