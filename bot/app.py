"""The composition root: builds every object of the service and runs them together until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from aiohttp import web

from bot.answer import Answerer
from bot.audit import Sealer
from bot.clock import Clock
from bot.confirm import Confirm
from bot.deliver import Deliverer
from bot.doors import CannotListen, open_doors
from bot.intake import Intake
from bot.keys import Keys, bind_secret, read_keys
from bot.mail.addresses import is_own
from bot.mail.authentication import NoCheck, SenderCheck
from bot.mail.courier import Courier, FolderCourier
from bot.mail.dkim_keys import read_signing_keys
from bot.mail.dkim_sign import SigningCourier
from bot.mail.dns_live import LiveResolver
from bot.mail.limits import Limits
from bot.mail.sender_checks import DirectCheck, TrustedCheck
from bot.mail.staff_mailboxes import is_staff_address
from bot.month.office import Office
from bot.month.schedule import Schedule
from bot.parked import Parked
from bot.parking import Parking
from bot.plan import Plan
from bot.post import Post
from bot.reading_pool import ReadingPool
from bot.refer import Desk
from bot.render import Renderer
from bot.second_factor import SecondFactorCheck
from bot.setting_values import SenderChecking
from bot.settings import Settings
from bot.smarthost_access import courier_to_smarthost
from bot.typed_code import TypedCode
from bot.vouching import Vouching
from bot.web import Web
from bot.worker import Worker
from storage.schema import newest_revision, stored_revision
from storage.store import Store, open_engine

log = logging.getLogger(__name__)

SENDING_SECONDS = 30
"""How long a stop waits for letters that are being handed over, so that none is sent twice."""


class NotMigrated(RuntimeError):
    """The database has not the schema this program needs. Run `dspp migrate`."""


class SendersUnchecked(RuntimeError):
    """The settings would believe every From line, in an installation that did not. Nothing was started."""


@dataclass(frozen=True)
class Service:
    """What every command and every role builds on."""

    settings: Settings
    clock: Clock
    plan: Plan
    keys: Keys
    store: Store

    @property
    def hostname(self) -> str:
        """What the service calls itself."""
        return self.settings.hostname or self.plan.book.issuer.program_address.rpartition("@")[2]

    @property
    def post(self) -> Post:
        """What writes letters."""
        return Post(self.plan, self.keys, Renderer(self.plan.book), self.hostname)


def open_service(settings: Settings) -> Service:
    """Open the plan, the keys and the store. Raises what is wrong with any of them."""
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Service(
        settings=settings,
        clock=Clock(settings.clock),
        plan=Plan.read(settings.plan_terms),
        keys=read_keys(settings.secrets, make=True),
        store=Store(open_engine(settings.database), settings.state_dir / "leases"),
    )


def check_schema(store: Store) -> None:
    """NotMigrated if the database is not at this program's schema."""
    stored = stored_revision(store.engine)
    if stored != newest_revision():
        raise NotMigrated(f"the database is at schema {stored or 'none'}, but {newest_revision()} is needed")


def courier_for(service: Service) -> Courier:
    """Hands letters to the smarthost, or keeps them in the state directory where there is none; signed, if so set.

    BadSigningKey if the keys that sign are missing or unfit; BadSettings, CertificateUnusable for the smarthost's.
    """
    settings = service.settings
    courier: Courier = FolderCourier(settings.outbox_dir)
    if settings.smarthost is not None:
        courier = courier_to_smarthost(settings, service.hostname)
    if not settings.dkim_selector:
        return courier
    domain = service.plan.book.issuer.program_address.rpartition("@")[2]
    keys = read_signing_keys(settings.dkim_dir, domain, settings.dkim_selector)
    return SigningCourier(courier, keys, lambda: service.clock.of_the_world(service.clock.now()))


def answerer_for(service: Service) -> Answerer:
    """What decides messages."""
    post = service.post
    return Answerer(
        service.store,
        service.plan,
        post,
        Desk(service.plan, post),
        Confirm(parked_for(service), SecondFactorCheck(service.keys)),
        service.clock,
        service.keys.addresses,
    )


def parked_for(service: Service) -> Parked:
    """What knows the codes and the page, as the settings say."""
    settings = service.settings
    return Parked(service.keys, settings.confirm_page, asks_factor=settings.asks_second_factor)


def typed_code_for(service: Service) -> TypedCode:
    """What takes codes on the confirmation page."""
    factors = SecondFactorCheck(service.keys)
    return TypedCode(service.store, service.plan, service.post, parked_for(service), factors, service.clock)


def sender_check_for(service: Service, open_things: contextlib.AsyncExitStack) -> SenderCheck:
    """What finds out who sent a message, as the settings say; `open_things` closes it. From the event loop only."""
    settings = service.settings
    address, key = service.plan.book.issuer.program_address, service.keys.addresses
    match settings.sender_checking:
        case SenderChecking.NONE:
            return NoCheck()
        case SenderChecking.DIRECT:
            servers = [(server.host, server.port) for server in settings.nameservers]
            resolver = LiveResolver(servers)
            open_things.push_async_callback(resolver.aclose)
            return DirectCheck(resolver, partial(is_own, program_address=address, key=key), service.hostname)
        case SenderChecking.TRUSTED:
            return TrustedCheck(
                settings.trusted_authserv_id,
                settings.trusted_peers.__contains__,
                partial(is_own, program_address=address, key=key),
            )
        case _:
            assert_never(settings.sender_checking)


def office_for(service: Service) -> Office:
    """What the steps of the month work with."""
    settings = service.settings
    folder = settings.state_dir / "files"
    return Office(service.store, service.plan, service.keys, service.post, service.clock, folder, settings.originator)


def parking_for(service: Service) -> Parking:
    """Where messages go that failed too often."""
    post = service.post
    return Parking(service.store, service.plan, post, Desk(service.plan, post), service.clock)


def bind_sender_checking(service: Service) -> None:
    """Let nobody be believed at their word by oversight. SendersUnchecked if once they were checked here."""
    settings = service.settings
    is_checked = settings.sender_checking is not SenderChecking.NONE
    with service.store.transaction() as tx:
        if is_checked:
            tx.installation.note_senders_checked()
        elif settings.sender_check is None and tx.installation.are_senders_checked():
            raise SendersUnchecked(
                "senders were checked here before, and these settings would believe everybody;"
                " set sender_check, and with it nameservers or trusted_authserv_id"
            )
    if not is_checked:
        log.warning("senders are not checked: whoever writes is believed to be who the From line says")


async def serve(service: Service, roles: frozenset[str], *, announce: Callable[[str], None]) -> None:
    """Run `roles` until SIGTERM or SIGINT. `announce` is told each address that was opened, then "ready"."""
    os.umask(0o077)  # letters and secrets are nobody else's
    check_schema(service.store)
    bind_secret(service.store, service.keys)
    bind_sender_checking(service)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await asyncio.to_thread(_release_leases, service.store)
    async with contextlib.AsyncExitStack() as open_things:
        workers: list[Worker] = []
        lookers: list[Vouching] = []
        intakes: list[Intake] = []
        courier = courier_for(service)
        deliverer = Deliverer(service.store, courier, service.clock)
        if "work" in roles:
            workers.append(await _worker(service, deliverer.bell, open_things))
            lookers.append(_vouching(service, workers[0].bell.set, open_things))
        is_ready = [False]
        if "web" in roles:
            await _open_web(service, open_things, lambda: is_ready[0], announce)
        if "smtp" in roles:

            def ring() -> None:
                for bell in (*(looker.bell for looker in lookers), *(worker.bell for worker in workers)):
                    bell.set()

            address = service.plan.book.issuer.program_address
            is_for_staff = partial(is_staff_address, program_address=address)
            intakes.append(Intake(service.store, service.clock, ring, is_for_staff=is_for_staff))
            await _open_doors(service, intakes[0], open_things, announce)
        async with asyncio.TaskGroup() as group:
            taking = [group.create_task(intake.run()) for intake in intakes]
            working = [group.create_task(worker.run()) for worker in workers]
            working += [group.create_task(looker.run()) for looker in lookers]
            working += [group.create_task(Sealer(service.store).run())] if "work" in roles else []
            sending = [group.create_task(deliverer.run())] if "deliver" in roles else []
            schedules = [Schedule(office_for(service))] if "schedule" in roles else []
            scheduling = [group.create_task(schedule.run()) for schedule in schedules]
            is_ready[0] = True
            announce("ready")
            await stop.wait()
            is_ready[0] = False
            announce("stopping")
            deliverer.stop()
            for schedule in schedules:
                schedule.stop()
            for task in working:
                task.cancel()  # before its reading processes end, which would cost messages that wait a try
            await asyncio.gather(*working, return_exceptions=True)
            await open_things.aclose()
            if ending := [*sending, *scheduling]:
                await asyncio.wait(ending, timeout=SENDING_SECONDS)
            for task in (*taking, *ending):
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
            await courier.aclose()
    service.store.close()


def _release_leases(store: Store) -> None:
    released = store.release_of_the_dead()
    if released:
        what = "message or letter" if released == 1 else "messages and letters"
        log.info("took back %d %s from processes that no longer run", released, what)


def _vouching(service: Service, known: Callable[[], None], open_things: contextlib.AsyncExitStack) -> Vouching:
    own_address = service.plan.book.issuer.program_address
    return Vouching(service.store, sender_check_for(service, open_things), service.clock, own_address, known)


async def _worker(service: Service, done: asyncio.Event, open_things: contextlib.AsyncExitStack) -> Worker:
    pool = ReadingPool(
        service.settings.model,
        service.plan.book.issuer.program_address,
        Limits(),
        seconds=service.settings.read_seconds,
    )
    open_things.callback(pool.close)
    await pool.warm()
    await asyncio.to_thread(service.plan.calendar, service.clock.now())
    return Worker(service.store, pool, answerer_for(service), parking_for(service), service.clock, done)


async def _open_web(
    service: Service,
    open_things: contextlib.AsyncExitStack,
    is_ready: Callable[[], bool],
    announce: Callable[[str], None],
) -> None:
    listen = service.settings.http_listen
    typed = typed_code_for(service)
    shows_outbox = service.settings.smarthost is None
    pages = Web(service.store, service.plan, typed, shows_outbox=shows_outbox, is_ready=is_ready)
    runner = web.AppRunner(pages.application(), access_log=None)
    await runner.setup()
    open_things.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, listen.host, listen.port)
    try:
        await site.start()
    except OSError as fault:
        raise CannotListen("HTTP", listen, fault) from None
    announce(f"HTTP on {listen}")


async def _open_doors(
    service: Service, intake: Intake, open_things: contextlib.AsyncExitStack, announce: Callable[[str], None]
) -> None:
    address, key = service.plan.book.issuer.program_address, service.keys.addresses
    await open_doors(
        service.settings,
        hostname=service.hostname,
        is_recipient=lambda recipient: is_own(recipient, address, key) or is_staff_address(recipient, address),
        accept=intake.accept,
        now=service.clock.now,
        open_things=open_things,
        announce=announce,
    )
