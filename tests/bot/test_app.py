"""The service is put together from its settings, runs the roles it is told to, and stops without harm to what waits."""

from __future__ import annotations

import asyncio
import os
import signal
import smtplib
import socket
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

import bot.app
from bot.app import (
    NotMigrated,
    SendersUnchecked,
    Service,
    answerer_for,
    bind_sender_checking,
    check_schema,
    courier_for,
    open_service,
    serve,
)
from bot.doors import CannotListen
from bot.keys import BadSecret, Keys, WrongSecret, bind_secret
from bot.language.understanding import Understands
from bot.mail.courier import FolderCourier, SmarthostCourier
from bot.reading import Reading
from bot.setting_values import Address, SenderChecking, Smarthost
from bot.settings import ROLES, Settings
from bot.terms_file import BadTermsFile
from storage.messages import Arrival, InboundMessage, MessageState
from storage.outbox import NewLetter
from storage.schema import upgrade
from storage.store import BadDatabaseUrl
from tests.fakes import ReadsHere, UnderstandsNothing
from tests.service_process import free_port

MAIL = b"From: ann@example.com\r\nTo: dspp@aastrom.com\r\nMessage-ID: <1@example.com>\r\nSubject: x\r\n\r\nHello.\r\n"
LEASE = timedelta(minutes=2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A service of its own, on ports that are free."""
    return Settings(
        state_dir=tmp_path / "state",
        smtp_listen=Address("127.0.0.1", free_port()),
        http_listen=Address("127.0.0.1", free_port()),
    )


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """A service at the newest schema."""
    opened = open_service(settings)
    upgrade(opened.store.engine)
    yield opened
    opened.store.close()


def accept(service: Service, *raws: bytes) -> None:
    """Let messages wait."""
    now = service.clock.now()
    with service.store.transaction() as tx:
        tx.messages.accept(
            [Arrival("email", repr(raw), raw, "ann@example.com", ("dspp@aastrom.com",), "", now) for raw in raws]
        )


def states(service: Service) -> dict[str, int]:
    with service.store.reading() as tx:
        return tx.messages.count_by_state()


# -- put together -----------------------------------------------------------------------------------------------------


def test_the_state_directory_is_made_for_its_owner_only_and_the_secret_is_kept(settings: Settings) -> None:
    first, second = open_service(settings), open_service(settings)
    assert stat.S_IMODE(settings.state_dir.stat().st_mode) == 0o700
    assert first.keys == second.keys


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        pytest.param({"database_url": "mysql://u@h/n"}, BadDatabaseUrl, id="a database that is none of ours"),
        pytest.param({"plan_terms": Path("nowhere.toml")}, FileNotFoundError, id="plan terms that are not there"),
        pytest.param({"plan_terms": Path(__file__)}, BadTermsFile, id="plan terms that are none"),
        pytest.param({"secret_file": Path(__file__)}, BadSecret, id="a secret that is none"),
        pytest.param({"state_dir": Path(__file__)}, FileExistsError, id="a file for a state directory"),
    ],
)
def test_what_is_wrong_with_the_settings_is_raised(
    changes: dict[str, object], fault: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(fault):
        open_service(Settings(**({"state_dir": tmp_path} | changes)))  # type: ignore[arg-type]  # a table of any fields


def test_a_database_must_be_at_this_program_s_schema(settings: Settings) -> None:
    service = open_service(settings)
    with pytest.raises(NotMigrated, match="is at schema none"):
        check_schema(service.store)
    upgrade(service.store.engine)
    check_schema(service.store)
    with service.store.transaction() as tx:
        tx.connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    with pytest.raises(NotMigrated, match=r"is at schema older, but .* is needed"):
        check_schema(service.store)


@pytest.mark.parametrize(
    ("hostname", "called"),
    [
        pytest.param("", "aastrom.com", id="by the program address's domain"),
        pytest.param("mx.example.com", "mx.example.com", id="by its setting"),
    ],
)
def test_the_service_calls_itself_by_one_name_in_letters_and_to_the_smarthost(
    hostname: str, called: str, tmp_path: Path
) -> None:
    service = open_service(
        Settings(state_dir=tmp_path, hostname=hostname, smarthost=Smarthost(Address("relay.example.com", 2525)))
    )
    courier = courier_for(service)
    assert service.hostname == called
    assert isinstance(courier, SmarthostCourier)
    assert (courier.host, courier.port, courier.local_hostname) == ("relay.example.com", 2525, called)


def test_without_a_smarthost_letters_are_kept_in_the_state_directory(settings: Settings) -> None:
    assert courier_for(open_service(settings)) == FolderCourier(settings.state_dir / "outbox")


def test_the_answerer_decides_on_the_service_s_own_store(service: Service) -> None:
    accept(service, MAIL)
    with service.store.transaction() as tx:
        message = tx.messages.claim(service.store.owner, service.clock.now(), LEASE)
    assert isinstance(message, InboundMessage)
    reading = Reading("ann@example.com", "", "x", "<1@example.com>", (), (), ignore="automatic")
    assert answerer_for(service).answer(message, reading) is MessageState.IGNORED
    assert states(service) == {"IGNORED": 1}


# -- run --------------------------------------------------------------------------------------------------------------


class Told:
    """What a running service announces."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._changed = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self._changed.set()

    async def hears(self, line: str) -> None:
        while line not in self.lines:
            self._changed.clear()
            await self._changed.wait()


@pytest.fixture(autouse=True)
def reads_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No reading process, and this process's file mode as it was."""
    understands: Understands = UnderstandsNothing()
    monkeypatch.setattr(bot.app, "ReadingPool", partial(ReadsHere, understands))
    mask = os.umask(0o077)
    yield
    os.umask(mask)


@asynccontextmanager
async def running(service: Service, *roles: str, by: signal.Signals = signal.SIGTERM) -> AsyncIterator[Told]:
    """The service with these roles, from "ready" until the block ends and it is told to stop."""
    told = Told()
    task = asyncio.create_task(serve(service, frozenset(roles), announce=told))
    ready = asyncio.create_task(told.hears("ready"))
    await asyncio.wait({task, ready}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        ready.cancel()
        await task
    try:
        yield told
    finally:
        os.kill(os.getpid(), by)
        await asyncio.wait_for(task, 60)


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something; fails if it does not happen."""
    for _ in range(600):
        if await asyncio.to_thread(happened):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("waited in vain")


def takes_connections(listen: Address) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex((listen.host, listen.port)) == 0


def door_of(service: Service) -> Address:
    door = service.settings.smtp_listen
    assert isinstance(door, Address)
    return door


def send(service: Service, raw: bytes) -> None:
    listen = door_of(service)
    with smtplib.SMTP(listen.host, listen.port, timeout=10) as client:
        client.sendmail("ann@example.com", ["dspp@aastrom.com"], raw)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_a_service_with_every_role_answers_mail_until_it_is_told_to_stop(
    by: signal.Signals, service: Service
) -> None:
    smtp, http = door_of(service), service.settings.http_listen
    async with running(service, *ROLES, by=by) as told:
        assert told.lines == [f"HTTP on {http}", f"SMTP on {smtp}", "ready"]
        await asyncio.to_thread(send, service, MAIL)
        await until(lambda: len(list(service.settings.outbox_dir.glob("*.eml"))) == 1)
    assert told.lines[3:] == ["stopping"]
    assert states(service) == {"AWAITING_SHAREHOLDER": 1}
    assert not takes_connections(smtp)
    assert not takes_connections(http)


@pytest.mark.parametrize(
    ("role", "announced", "message", "letters"),
    [
        pytest.param("smtp", "SMTP", "RECEIVED", "QUEUED", id="smtp takes mail"),
        pytest.param("web", "HTTP", "RECEIVED", "QUEUED", id="web shows pages"),
        pytest.param("work", "", "AWAITING_SHAREHOLDER", "QUEUED", id="work answers"),
        pytest.param("deliver", "", "RECEIVED", "SENT", id="deliver sends"),
    ],
)
async def test_a_role_does_its_own_part_and_no_other(
    role: str, announced: str, message: str, letters: str, service: Service
) -> None:
    accept(service, MAIL)
    with service.store.transaction() as tx:
        letter = NewLetter("l1", "c1", "buy", None, "<l1@x>", "bob@example.com", "b@aastrom.com", b"Subject: x\r\n\r\n")
        tx.outbox.add(letter, service.clock.now())
    async with running(service, role) as told:
        assert [line.split(" ")[0] for line in told.lines] == [announced, "ready"] if announced else ["ready"]
        if role == "work":
            await until(lambda: "RECEIVED" not in states(service))
        if role == "deliver":
            await until(lambda: bool(list(service.settings.outbox_dir.glob("*.eml"))))
        await asyncio.sleep(0.2)
    assert states(service) == {message: 1}
    with service.store.reading() as tx:
        kept = tx.outbox.get("l1")
    assert kept is not None
    assert kept.state.value == letters


async def test_what_a_process_left_that_is_gone_is_taken_up_at_the_start(service: Service) -> None:
    accept(service, MAIL)
    dead = open_service(service.settings).store
    with dead.transaction() as tx:
        assert tx.messages.claim(dead.owner, service.clock.now(), timedelta(days=1)) is not None
    dead.close()  # as the system does for a process that was killed
    async with running(service, "work"):
        await until(lambda: states(service) == {"AWAITING_SHAREHOLDER": 1})


@pytest.mark.parametrize("what", ["SMTP", "HTTP"])
async def test_an_address_that_is_taken_is_named_and_nothing_is_left_open(what: str, service: Service) -> None:
    smtp, http = door_of(service), service.settings.http_listen
    taken, other = (smtp, http) if what == "SMTP" else (http, smtp)
    with closing(socket.create_server((taken.host, taken.port))):
        with pytest.raises(CannotListen, match=f"{what} cannot listen on {taken}.*set DSPP_{what}_LISTEN"):
            await serve(service, frozenset(ROLES), announce=lambda _: None)
    assert not takes_connections(other)


async def test_who_was_checked_once_is_not_believed_again_by_oversight(settings: Settings) -> None:
    upgrade(open_service(settings).store.engine)
    careful = replace(settings, sender_check=SenderChecking.DIRECT)
    bind_sender_checking(open_service(careful))
    with pytest.raises(SendersUnchecked, match="set sender_check"):
        bind_sender_checking(open_service(settings))
    bind_sender_checking(open_service(replace(settings, sender_check=SenderChecking.NONE)))
    bind_sender_checking(open_service(careful))


async def test_a_service_does_not_start_on_a_database_of_another_schema(settings: Settings) -> None:
    told = Told()
    with pytest.raises(NotMigrated):
        await serve(open_service(settings), frozenset(ROLES), announce=told)
    assert told.lines == []


async def test_a_service_does_not_start_on_a_store_of_another_secret(service: Service) -> None:
    told = Told()
    bind_secret(service.store, Keys(bytes(32)))
    with pytest.raises(WrongSecret):
        await serve(service, frozenset(ROLES), announce=told)
    assert told.lines == []


# -- stop -------------------------------------------------------------------------------------------------------------


async def test_a_stop_that_waits_for_a_slow_smarthost_costs_no_message_a_try(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = asyncio.Event()
    monkeypatch.setattr(bot.app, "SENDING_SECONDS", 3)

    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.read()
        writer.close()

    smarthost = await asyncio.start_server(says_nothing, "127.0.0.1", 0)
    host, port = smarthost.sockets[0].getsockname()
    service = open_service(Settings(state_dir=settings.state_dir, smarthost=Smarthost(Address(host, port))))
    upgrade(service.store.engine)
    accept(service, MAIL)
    async with running(service, "work", "deliver") as told:
        await asyncio.wait_for(reached.wait(), 30)
        later = asyncio.create_task(told.hears("stopping"))
        later.add_done_callback(lambda _: accept(service, MAIL + b"Again.\r\n"))
    with service.store.reading() as tx:
        newest, oldest = tx.messages.newest(2)
    assert oldest.state is MessageState.AWAITING_SHAREHOLDER
    assert (newest.state, newest.failures, newest.error) == (MessageState.RECEIVED, 0, "")
    smarthost.close()
