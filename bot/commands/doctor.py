"""dspp doctor: what is wrong with a set-up, and how to mend it."""

from __future__ import annotations

import argparse
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from bot.clock import Clock
from bot.commands.common import add_json, say
from bot.doors import folders_of, free_octets
from bot.keys import BadSecret, read_keys
from bot.language.model_files import BadModel
from bot.language.pipeline import Reader
from bot.mail.dkim_keys import BadSigningKey, read_signing_keys
from bot.mail.organization import list_date
from bot.mail.tls import CertificateUnusable
from bot.plan import Plan
from bot.setting_values import Address, Listen, SenderChecking, SocketPath
from bot.settings import BadSettings, Settings, read_settings
from bot.smarthost_access import why_shut
from bot.terms_file import BadTermsFile, default_terms_path
from storage.schema import newest_revision, stored_revision
from storage.store import BadDatabaseUrl, Store, StoreUnavailable, database_is_there, open_engine

OK, WARNING, FAULT = "ok", "warning", "fault"
LEAST_FREE_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    verdict: str
    says: str
    remedy: str = ""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this command's words."""
    command = commands.add_parser("doctor", help="say what is wrong with the set-up and how to mend it")
    add_json(command)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    findings = list(examine(options.config))
    width = max(len(finding.what) for finding in findings)
    lines = [
        f"{finding.verdict.upper():8}{finding.what:{width}}  {finding.says}"
        + (f"\n{'':{width + 10}}-> {finding.remedy}" if finding.remedy else "")
        for finding in findings
    ]
    say(options, [asdict(finding) for finding in findings], "\n".join(lines))
    return 1 if any(finding.verdict == FAULT for finding in findings) else 0


def examine(config: Path | None) -> Iterator[Finding]:
    """Look at everything the service needs. Nothing is changed."""
    try:
        settings = read_settings(config)
    except BadSettings as fault:
        for text in fault.faults:
            yield Finding("settings", FAULT, text, "correct it and run dspp doctor again")
        return
    yield Finding("settings", OK, f"state in {settings.state_dir}")
    checks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _state_dir, _disks, _secret, _terms, _database, _model, _listening, _senders, _second_factor, _signing,
        _smarthost,
    )  # fmt: skip
    for check in checks:
        yield from check(settings)


def _state_dir(settings: Settings) -> Iterator[Finding]:
    folder = settings.state_dir
    if not folder.is_dir():
        yield Finding("state directory", WARNING, f"{folder} does not exist", "dspp migrate makes it")
        return
    if not os.access(folder, os.W_OK):
        remedy = f"give this user the folder: chown {folder}"
        yield Finding("state directory", FAULT, f"{folder} cannot be written", remedy)
        return
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        yield Finding("state directory", FAULT, f"{free // 1024 // 1024} MiB free", "make room on this disk")
        return
    yield Finding("state directory", OK, f"{free // 1024 // 1024} MiB free")


def _disks(settings: Settings) -> Iterator[Finding]:
    """Whether mail can be taken: with less than is set, the door puts it off."""
    least = settings.disk_free_mb
    for folder in dict.fromkeys(folders_of(settings)):
        free = free_octets(folder)
        if free is None:
            continue  # A folder that is not there yet; what must be there is looked at by itself.
        megabytes = free // 1_000_000
        says = f"{megabytes} MB free where {folder} lies, {least} wanted"
        if megabytes < least:
            yield Finding("disk", FAULT, f"{says}: mail is put off", "make room there, or set disk_free_mb lower")
        else:
            yield Finding("disk", OK, says)


def _secret(settings: Settings) -> Iterator[Finding]:
    try:
        read_keys(settings.secrets)
    except FileNotFoundError:
        yield Finding("secret", WARNING, f"{settings.secrets} does not exist", "the first start makes it; back it up")
    except (BadSecret, OSError) as fault:
        yield Finding("secret", FAULT, str(fault), "restore the file from the backup, readable by its owner only")
    else:
        yield Finding("secret", OK, str(settings.secrets))


def _terms(settings: Settings) -> Iterator[Finding]:
    path = settings.plan_terms or default_terms_path()
    try:
        plan = Plan.read(settings.plan_terms)
    except (BadTermsFile, OSError) as fault:
        yield Finding("plan terms", FAULT, str(fault), "correct the plan-terms file")
        return
    yield Finding("plan terms", OK, f"{plan.book.issuer.company}, {path}")
    unconfirmed = sorted(name for name, source in plan.book.sources.items() if source == "OC")
    if unconfirmed:
        yield Finding(
            "plan terms",
            WARNING,
            f"{len(unconfirmed)} values are our choice, not the prospectus's: {', '.join(unconfirmed)}",
            "confirm each against the prospectus and set its source to ISSUER",
        )
    now = Clock(settings.clock).now()
    last = plan.calendar(now).sessions[-1]
    if last - now.date() < timedelta(days=365):
        yield Finding("calendar", FAULT, f"reaches only to {last}", "install a newer exchange_calendars")
    else:
        yield Finding("calendar", OK, f"trading days known to {last}")


def _database(settings: Settings) -> Iterator[Finding]:
    shown = settings.database.partition("@")[2] or settings.database
    try:
        store = Store(open_engine(settings.database))
        revision = stored_revision(store.engine)
    except BadDatabaseUrl as fault:
        yield Finding("database", FAULT, str(fault), "correct database_url")
        return
    except StoreUnavailable as fault:
        reason = str(getattr(fault, "orig", fault) or fault).splitlines()[0]
        is_missing = not database_is_there(open_engine(settings.database))
        remedy = "dspp migrate" if is_missing else "start the database, or correct database_url"
        yield Finding("database", FAULT, f"{shown}: {'no database yet' if is_missing else reason}", remedy)
        return
    if revision != newest_revision():
        yield Finding("database", FAULT, f"{shown} is at schema {revision or 'none'}", "run dspp migrate")
        return
    yield Finding("database", OK, shown)
    yield from _bound(settings, store)
    with store.reading() as tx:
        holders, states = tx.files.last_sequence("holders"), tx.states.all().entries
        failed = tx.messages.count_by_state().get("FAILED", 0)
        dead = tx.outbox.count_by_state().get("DEAD", 0)
    if not holders:
        yield Finding("holders", WARNING, "none are loaded: everybody is a stranger", "dspp holders import FILE")
    if not states:
        yield Finding("state list", WARNING, "empty: every state is unknown", "dspp states import FILE")
    elif any("sample" in source.lower() for source in _sources(store)):
        yield Finding("state list", WARNING, "holds sample entries, which are no facts", "dspp states import FILE")
    if failed:
        yield Finding("messages", WARNING, f"{failed} failed and wait for staff", "dspp reviews list")
    if dead:
        yield Finding("letters", WARNING, f"{dead} could not be delivered", "dspp letters list --state DEAD")


def _bound(settings: Settings, store: Store) -> Iterator[Finding]:
    with store.reading() as tx:
        known = tx.installation.fingerprint()
    try:
        own = read_keys(settings.secrets).fingerprint
    except FileNotFoundError:
        own = ""
    except (BadSecret, OSError):
        return  # told of already
    if known is not None and known != own:
        what = "was made with another secret" if own else f"was made with a secret, but {settings.secrets} is gone"
        yield Finding("secret", FAULT, f"the database {what}", f"restore {settings.secrets} from the backup")


def _sources(store: Store) -> list[str]:
    with store.reading() as tx:
        return tx.states.sources()


def _model(settings: Settings) -> Iterator[Finding]:
    try:
        Reader.load(settings.model)
    except (BadModel, OSError) as fault:
        says, _, remedy = str(fault).partition("; run: ")
        yield Finding("language model", FAULT, says, f"run {remedy or 'dspp train'}")
    else:
        yield Finding("language model", OK, str(settings.model))


def _listening(settings: Settings) -> Iterator[Finding]:
    doors: tuple[tuple[str, Listen | None], ...] = (
        ("SMTP", settings.smtp_listen), ("LMTP", settings.lmtp_listen), ("HTTP", settings.http_listen),
    )  # fmt: skip
    for what, door in doors:
        match door:
            case Address():
                yield _port(what, door)
            case SocketPath():
                yield _socket(what, door)


def _port(what: str, address: Address) -> Finding:
    try:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address.host, address.port))
    except OSError as fault:
        if _answers(address):
            return Finding(what, OK, f"something serves {address} already; the service, if it runs")
        return Finding(what, FAULT, f"{address}: {fault.strerror}", f"choose another {what.lower()}_listen")
    return Finding(what, OK, f"{address} is free")


def _socket(what: str, door: SocketPath) -> Finding:
    if door.path.is_socket():
        return Finding(what, OK, f"{door} is there already; the service's, if it runs")
    if door.path.exists() or not os.access(door.path.parent, os.W_OK):
        remedy = f"make its folder writable for this user, or choose another {what.lower()}_listen"
        return Finding(what, FAULT, f"{door} cannot be made", remedy)
    return Finding(what, OK, f"{door} is free")


def _answers(address: Address) -> bool:
    try:
        socket.create_connection((address.host, address.port), timeout=3).close()
    except OSError:
        return False
    return True


def _senders(settings: Settings) -> Iterator[Finding]:
    match settings.sender_checking:
        case SenderChecking.DIRECT:
            asked = ", ".join(map(str, settings.nameservers)) or "the system's name servers"
            yield Finding("senders", OK, f"checked here, asking {asked}; list of public suffixes of {list_date()}")
        case SenderChecking.TRUSTED:
            yield Finding("senders", OK, f"as {settings.trusted_authserv_id} finds in front of this service")
        case SenderChecking.NONE:
            is_live = settings.smarthost is not None
            yield Finding(
                "senders",
                FAULT if is_live else WARNING,
                "not checked: whoever writes is believed to be who the From line says",
                "set sender_check to direct, or trusted_authserv_id and trusted_peers, before going live",
            )


def _second_factor(settings: Settings) -> Iterator[Finding]:
    if not settings.asks_second_factor:
        verdict = WARNING if settings.smarthost is None else FAULT
        remedy = "set second_factor to yes, or leave it out and check senders"
        yield Finding("second factor", verdict, "not asked: a code by mail is enough to sell", remedy)
    elif not settings.confirm_page:
        remedy = "set public_url to where holders reach this service's pages"
        yield Finding("second factor", FAULT, "there is no page to type it on, so nobody can sell", remedy)
    else:
        yield Finding("second factor", OK, f"typed on {settings.confirm_page}")


def _signing(settings: Settings) -> Iterator[Finding]:
    if not settings.dkim_selector:
        remedy = "dspp dkim keygen, publish what it prints, and set dkim_selector"
        yield Finding("signing", WARNING, "letters are not signed (DKIM): many will be taken for spam", remedy)
        return
    try:
        domain = Plan.read(settings.plan_terms).book.issuer.program_address.rpartition("@")[2]
        read_signing_keys(settings.dkim_dir, domain, settings.dkim_selector)
    except (BadSigningKey, BadTermsFile, OSError) as fault:
        yield Finding("signing", FAULT, str(fault), "make the keys with dspp dkim keygen, or correct dkim_selector")
    else:
        yield Finding("signing", OK, f"letters are signed by {settings.dkim_selector}._domainkey.{domain}")


def _smarthost(settings: Settings) -> Iterator[Finding]:
    if settings.smarthost is None:
        yield Finding(
            "smarthost", WARNING, f"none: letters stay in {settings.outbox_dir}", "set smarthost before going live"
        )
        return
    try:
        why = why_shut(settings, settings.hostname or "localhost")
    except (BadSettings, CertificateUnusable) as fault:
        yield Finding("smarthost", FAULT, str(fault), "correct it and run dspp doctor again")
        return
    if why:
        remedy = "correct smarthost and what belongs to it, or start it"
        yield Finding("smarthost", FAULT, f"{settings.smarthost} does not let us in: {why}", remedy)
    elif settings.smarthost.is_overheard:
        says = f"letters go to {settings.smarthost} in the clear: whoever sits between reads their codes"
        yield Finding("smarthost", WARNING, says, "use smtp+starttls:// or smtps://")
    else:
        yield Finding("smarthost", OK, str(settings.smarthost))
