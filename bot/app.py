"""The composition root: builds every object of the service and runs them together until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bot.answer import Answerer
from bot.clock import Clock
from bot.confirm import Confirm
from bot.deliver import Deliverer
from bot.intake import Intake
from bot.keys import Keys, bind_secret, read_keys
from bot.mail.addresses import is_own
from bot.mail.courier import Courier, FolderCourier, SmarthostCourier
from bot.mail.limits import Limits
from bot.mail.smtp_in import serve_smtp
from bot.plan import Plan
from bot.post import Post
from bot.reading_pool import ReadingPool
from bot.refer import Desk
from bot.render import Renderer
from bot.settings import Address, Settings
from bot.web import Web
from bot.worker import Worker
from storage.schema import newest_revision, stored_revision
from storage.store import Store, open_engine

log = logging.getLogger(__name__)

SENDING_SECONDS = 30
"""How long a stop waits for letters that are being handed over, so that none is sent twice."""


class NotMigrated(RuntimeError):
    """The database has not the schema this program needs. Run `dspp migrate`."""


class CannotListen(OSError):
    """An address to listen on cannot be had. Nothing was started; stop who has it, or choose another."""

    def __init__(self, what: str, listen: Address, fault: OSError) -> None:
        name = f"DSPP_{what}_LISTEN"
        super().__init__(f"{what} cannot listen on {listen} ({fault.strerror}); stop what listens there, or set {name}")


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
    """Hands letters to the smarthost, or keeps them in the state directory where there is none."""
    smarthost = service.settings.smarthost
    if smarthost is None:
        return FolderCourier(service.settings.outbox_dir)
    return SmarthostCourier(smarthost.host, smarthost.port, local_hostname=service.hostname)


def answerer_for(service: Service) -> Answerer:
    """What decides messages."""
    post = service.post
    return Answerer(
        service.store,
        service.plan,
        post,
        Desk(service.plan, post),
        Confirm(service.keys),
        service.clock,
        service.keys.addresses,
    )


async def serve(service: Service, roles: frozenset[str], *, announce: Callable[[str], None]) -> None:
    """Run `roles` until SIGTERM or SIGINT. `announce` is told each address that was opened, then "ready"."""
    os.umask(0o077)  # letters and secrets are nobody else's
    check_schema(service.store)
    bind_secret(service.store, service.keys)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await asyncio.to_thread(_release_leases, service.store)
    async with contextlib.AsyncExitStack() as open_things:
        workers: list[Worker] = []
        intakes: list[Intake] = []
        deliverer = Deliverer(service.store, courier_for(service), service.clock)
        if "work" in roles:
            workers.append(await _worker(service, deliverer.bell, open_things))
        is_ready = [False]
        if "web" in roles:
            await _open_web(service, open_things, lambda: is_ready[0], announce)
        if "smtp" in roles:

            def ring() -> None:
                for worker in workers:
                    worker.bell.set()

            intakes.append(Intake(service.store, service.clock, ring))
            await _open_smtp(service, intakes[0], open_things, announce)
        async with asyncio.TaskGroup() as group:
            taking = [group.create_task(intake.run()) for intake in intakes]
            working = [group.create_task(worker.run()) for worker in workers]
            sending = [group.create_task(deliverer.run())] if "deliver" in roles else []
            is_ready[0] = True
            announce("ready")
            await stop.wait()
            is_ready[0] = False
            announce("stopping")
            deliverer.stop()
            for task in working:
                task.cancel()  # before its reading processes end, which would cost messages that wait a try
            await asyncio.gather(*working, return_exceptions=True)
            await open_things.aclose()
            if sending:
                await asyncio.wait(sending, timeout=SENDING_SECONDS)
            for task in (*taking, *sending):
                task.cancel()
    service.store.close()


def _release_leases(store: Store) -> None:
    released = store.release_of_the_dead()
    if released:
        what = "message or letter" if released == 1 else "messages and letters"
        log.info("took back %d %s from processes that no longer run", released, what)


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
    return Worker(service.store, pool, answerer_for(service), service.clock, done)


async def _open_web(
    service: Service,
    open_things: contextlib.AsyncExitStack,
    is_ready: Callable[[], bool],
    announce: Callable[[str], None],
) -> None:
    listen = service.settings.http_listen
    pages = Web(service.store, service.plan, shows_outbox=service.settings.smarthost is None, is_ready=is_ready)
    runner = web.AppRunner(pages.application(), access_log=None)
    await runner.setup()
    open_things.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, listen.host, listen.port)
    try:
        await site.start()
    except OSError as fault:
        raise CannotListen("HTTP", listen, fault) from None
    announce(f"HTTP on {listen}")


async def _open_smtp(
    service: Service, intake: Intake, open_things: contextlib.AsyncExitStack, announce: Callable[[str], None]
) -> None:
    listen = service.settings.smtp_listen
    address, key = service.plan.book.issuer.program_address, service.keys.addresses
    try:
        door = await serve_smtp(
            (listen.host, listen.port),
            accept=intake.accept,
            is_recipient=lambda recipient: is_own(recipient, address, key),
            limits=Limits(),
            hostname=service.hostname,
        )
    except OSError as fault:
        raise CannotListen("SMTP", listen, fault) from None

    async def close() -> None:
        door.close()
        await door.wait_closed()

    open_things.push_async_callback(close)
    announce(f"SMTP on {listen}")
