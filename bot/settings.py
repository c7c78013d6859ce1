"""How this process runs: a TOML file, then the environment (prefix DSPP_). Read once, checked whole.

What the plan allows is not here but in the plan-terms file, which has another owner.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot import setting_values as values_of
from bot.files.nacha_debits import Originator
from bot.files.nacha_rules import complaints
from bot.setting_values import Address, Listen, Peers, SenderChecking, Smarthost

PREFIX = "DSPP_"
ROLES = ("smtp", "web", "work", "deliver", "schedule")

_SMTP_DOOR = Address("127.0.0.1", 8025)
_HTTP_DOOR = Address("127.0.0.1", 8080)
_NO_PEERS = Peers()
_DIGITS = re.compile(r"[0-9]{1,7}")
_PASSWORD = re.compile(r"//.*@")
_KEY = re.compile(r"""\s*\[*\s*["']?([A-Za-z0-9_-]+)["']?\s*[=.\]]""")
"""A line that sets a key, or opens a table, of the top level."""


class BadSettings(ValueError):
    """The settings are wrong; each fault names its key, where it stands and the remedy. Nothing was started."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs. Every field is a key of the settings file and, upper-cased, of the environment."""

    state_dir: Path = Path("var")
    """Where the database, the secrets, the model and undelivered development mail live."""
    database_url: str = ""
    """sqlite:///FILE or postgresql+psycopg://...; by default a SQLite file in the state directory."""
    smtp_listen: Listen = _SMTP_DOOR
    """Where mail is received by SMTP: a host and a port, or unix: and a path."""
    lmtp_listen: Listen | None = None
    """Where mail is received by LMTP from a mail server in front; by default nowhere."""
    http_listen: Address = _HTTP_DOOR
    smarthost: Smarthost | None = None
    """Where outgoing mail is handed over; none keeps it in the state directory's outbox."""
    smarthost_user: str = ""
    """Who we are to the smarthost, where it asks for a login."""
    smarthost_password_file: Path | None = None
    """The file that holds the password of that login, and nothing else."""
    smarthost_ca_file: Path | None = None
    """The certificates, in PEM form, that vouch for the smarthost's; by default the system's."""
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
    sender_check: SenderChecking | None = None
    """How senders are checked; not given, it follows from what else is set (`sender_checking`)."""
    nameservers: tuple[Address, ...] = ()
    """Who is asked about domains; by default the system's own."""
    trusted_authserv_id: str = ""
    """The name under which our mail server in front leaves its Authentication-Results."""
    trusted_peers: Peers = _NO_PEERS
    """The addresses that server connects from."""
    proxy_peers: Peers = _NO_PEERS
    """Load balancers, which say whom they speak for by the PROXY protocol."""
    tls_certificate: Path | None = None
    """The certificate, with its chain, for STARTTLS; without one it is not offered."""
    tls_key: Path | None = None
    """The certificate's key."""
    tls_required: bool = False
    """Whether mail by SMTP is taken only within TLS."""
    public_url: str = ""
    """Where holders reach our pages, for links in letters; while mail stays here, `http_listen` by default."""
    second_factor: bool | None = None
    """Whether sales, leaving and large purchases need a PIN; by default where senders are checked."""
    dkim_selector: str = ""
    """The selector of the keys that sign our letters; without one they are not signed."""
    dkim_keys: Path | None = None
    """The folder of these keys; by default dkim in the state directory."""
    disk_free_mb: int = 200
    """Megabytes that must be free where mail is kept; with less, mail is put off until there is room."""

    ach_bank_routing: str = ""
    """The routing number of the bank that collects debits for us. It and what follows are agreed with that bank."""
    ach_bank_name: str = ""
    ach_origin: str = ""
    """The immediate origin that the bank assigned to our files."""
    ach_company_name: str = ""
    """What holders read on their bank statements."""
    ach_company_id: str = ""
    ach_description: str = "STOCK PLAN"
    """What a debit is for, on the bank statement."""

    @property
    def originator(self) -> Originator | None:
        """Who collects debits; None where nothing is set, and then no debits are sent."""
        if not self.ach_bank_routing:
            return None
        return Originator(
            bank_routing=self.ach_bank_routing,
            bank_name=self.ach_bank_name,
            origin=self.ach_origin,
            origin_name=self.ach_company_name,
            company_name=self.ach_company_name,
            company_id=self.ach_company_id,
            description=self.ach_description,
        )

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
    def dkim_dir(self) -> Path:
        """Where the keys lie that sign our letters."""
        return self.dkim_keys or self.state_dir / "dkim"

    @property
    def sender_checking(self) -> SenderChecking:
        """How senders are checked: as set; else by what was set for it.

        With nothing set, a single door that only this machine reaches is for development; any other installation asks
        the system's name servers. What mail comes in never plays a part.
        """
        if self.sender_check is not None:
            return self.sender_check
        if self.trusted_authserv_id:
            return SenderChecking.TRUSTED
        has_something_in_front = bool(self.lmtp_listen or self.trusted_peers or self.proxy_peers)
        if self.nameservers or has_something_in_front or not self.smtp_listen.is_of_this_machine:
            return SenderChecking.DIRECT
        return SenderChecking.NONE

    @property
    def asks_second_factor(self) -> bool:
        """Whether a second factor is asked for; without a checked sender it would prove little."""
        return self.sender_checking is not SenderChecking.NONE if self.second_factor is None else self.second_factor

    @property
    def confirm_page(self) -> str:
        """The address of the confirmation page, which a token follows; empty if no holder could open it."""
        is_here = self.smarthost is None
        base = self.public_url or (f"http://{self.http_listen}" if is_here else "")
        return f"{base.rstrip('/')}/confirm/" if base else ""

    @property
    def outbox_dir(self) -> Path:
        """Where outgoing mail is kept when there is no smarthost."""
        return self.state_dir / "outbox"


def _megabytes(value: object) -> int:
    """Whole megabytes, a terabyte at most."""
    number = int(str(value)) if _DIGITS.fullmatch(str(value)) else 0
    if not 1 <= number <= 1_000_000:
        raise ValueError("a whole number of megabytes from 1 to 1000000 is wanted")
    return number


READERS: Mapping[str, Callable[[object], object]] = {
    "state_dir": values_of.path,
    "database_url": values_of.database_url,
    "smtp_listen": values_of.listen,
    "lmtp_listen": values_of.listen,
    "http_listen": values_of.address,
    "smarthost": values_of.smarthost,
    "smarthost_user": values_of.text,
    "smarthost_password_file": values_of.path,
    "smarthost_ca_file": values_of.path,
    "plan_terms": values_of.path,
    "secret_file": values_of.path,
    "model_dir": values_of.path,
    "clock": values_of.instant,
    "hostname": values_of.hostname,
    "read_seconds": values_of.seconds,
    "sender_check": values_of.sender_check,
    "nameservers": values_of.nameservers,
    "trusted_authserv_id": values_of.hostname,
    "trusted_peers": values_of.peers,
    "proxy_peers": values_of.peers,
    "tls_certificate": values_of.path,
    "tls_key": values_of.path,
    "tls_required": values_of.yes_or_no,
    "public_url": values_of.public_url,
    "second_factor": values_of.yes_or_no,
    "dkim_selector": values_of.selector,
    "dkim_keys": values_of.path,
    "disk_free_mb": _megabytes,
    "ach_bank_routing": values_of.text,
    "ach_bank_name": values_of.text,
    "ach_origin": values_of.text,
    "ach_company_name": values_of.text,
    "ach_company_id": values_of.text,
    "ach_description": values_of.text,
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
    settings = Settings(**values)  # type: ignore[arg-type]  # READERS gives each field its own type, held by a test
    faults.extend(_contradictions(settings))
    if faults:
        raise BadSettings(faults)
    return settings


def _contradictions(settings: Settings) -> Iterator[str]:
    """What is wrong with settings that are right one by one."""
    is_trusted = settings.sender_checking is SenderChecking.TRUSTED
    if is_trusted and not settings.trusted_authserv_id:
        yield "sender_check is trusted, but trusted_authserv_id is not set; name the mail server whose results count"
    if is_trusted and not settings.trusted_peers:
        yield (
            "trusted_authserv_id is set, but trusted_peers is not;"
            " name the addresses that your mail server connects from, for instance 127.0.0.1"
        )
    if settings.sender_check not in (None, SenderChecking.TRUSTED) and settings.trusted_authserv_id:
        yield f"sender_check is {settings.sender_check.value}, but trusted_authserv_id is set; unset one of them"
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        yield "one of tls_certificate and tls_key is set; set both or neither"
    if settings.tls_required and settings.tls_certificate is None:
        yield "tls_required is set, but there is no certificate; set tls_certificate and tls_key"
    yield from _faults_of_smarthost(settings)
    yield from _faults_of_originator(settings)


def _faults_of_smarthost(settings: Settings) -> Iterator[str]:
    """What contradicts itself in how the smarthost is spoken to."""
    has_login = bool(settings.smarthost_user)
    if has_login != (settings.smarthost_password_file is not None):
        yield "one of smarthost_user and smarthost_password_file is set; set both or neither"
    if settings.smarthost is None:
        if has_login or settings.smarthost_ca_file:
            yield "smarthost_user or smarthost_ca_file is set, but smarthost is not; set it, or neither of them"
        return
    if has_login and settings.smarthost.is_overheard:
        yield "smarthost_user is set, but smarthost is spoken to in the clear; use smtp+starttls:// or smtps://"
    if settings.smarthost_ca_file and settings.smarthost.security == "none":
        yield "smarthost_ca_file is set, but smarthost is without TLS; use smtp+starttls:// or smtps://"


_OF_THE_BANK: Mapping[str, str] = {
    "destination": "ach_bank_routing",
    "destination_name": "ach_bank_name",
    "origin": "ach_origin",
    "company_name": "ach_company_name",
    "company_id": "ach_company_id",
    "description": "ach_description",
}
"""By which setting each field of an ACH file is known that is agreed with the bank."""


def _faults_of_originator(settings: Settings) -> Iterator[str]:
    """What keeps files of debits from being written, in words that repeat nothing that is set."""
    needed = [key for key in _OF_THE_BANK.values() if key != "ach_description"]
    missing = [key for key in needed if not getattr(settings, key)]
    if len(missing) == len(needed):
        return
    if missing:
        yield f"{', '.join(missing)} is not set, but other settings of the bank are; set all that begin with ach_"
        return
    originator = settings.originator
    if originator is None:
        raise LookupError("an originator whose every setting is there was not made")
    any_day = datetime(2003, 11, 6)
    for each in complaints(originator, (), any_day.date(), any_day, "A"):
        if each.field in _OF_THE_BANK:
            yield f"{_OF_THE_BANK[each.field]} is set, but {each.wanted}"


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
