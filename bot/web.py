"""The service's own pages: health, metrics, the front page, and outgoing mail while there is no smarthost.

Outgoing mail holds codes: it is shown to this machine only.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from email.message import EmailMessage
from urllib.parse import urlsplit

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.pages import Pages
from bot.plan import Plan
from bot.typed_code import Shown, TypedCode
from storage.outbox import OutboxMessage, OutboxState
from storage.schema import newest_revision, stored_revision
from storage.store import Store

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LETTERS_SHOWN = 200
HEADERS_SHOWN = ("From", "To", "Reply-To", "Subject", "Date")
"""Of a letter, what its reader's mail program shows; the rest is folded away."""
KEPT: Mapping[OutboxState, str] = {
    OutboxState.QUEUED: "waits to be put there",
    OutboxState.SENT: "kept there, not sent",
    OutboxState.DEAD: "could not be put there",
    OutboxState.RETURNED: "came back",
}
"""The states of letters where no smarthost takes them: they go into the outbox folder, to nobody."""
MOST_TYPED = 10_000
"""Octets of what is posted to any page."""
MOST_FIELD = 100
"""Characters of one field of a form."""
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'self'; form-action 'self';"
        " base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class _Counts(Collector):
    """What stands in the store, by state, read when it is asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterable[GaugeMetricFamily]:
        with self._store.reading() as tx:
            kinds = (
                ("dspp_messages", "Messages received, by state", tx.messages.count_by_state()),
                ("dspp_letters", "Letters written, by state", tx.outbox.count_by_state()),
                ("dspp_reviews", "Reviews that wait for staff", {"OPEN": len(tx.reviews.waiting())}),
            )
        for name, text, counts in kinds:
            family = GaugeMetricFamily(name, text, labels=["state"])
            for state, number in sorted(counts.items()):
                family.add_metric([state], number)
            yield family


class Web:
    """Answers HTTP."""

    def __init__(
        self, store: Store, plan: Plan, typed: TypedCode, *, shows_outbox: bool, is_ready: Callable[[], bool]
    ) -> None:
        self._typed = typed
        self._store = store
        self._plan = plan
        self._shows_outbox = shows_outbox
        self._is_ready = is_ready
        self._pages = Pages()
        self._metrics = CollectorRegistry()
        self._metrics.register(_Counts(store))

    def application(self) -> web.Application:
        """The routes. Outgoing mail is shown only where it is kept for lack of a smarthost, and to nobody else."""
        application = web.Application(middlewares=[_guarded], client_max_size=MOST_TYPED)
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/metrics", self._metrics_page)
        application.router.add_get("/", self._front)
        application.router.add_get("/confirm/{token}", self._confirm)
        application.router.add_post("/confirm/{token}", self._confirmed)
        if self._shows_outbox:
            application.router.add_get("/development/outbox", _here_only(self._outbox))
            application.router.add_get("/development/outbox/{id}", _here_only(self._letter))
            application.router.add_get("/development/outbox/{id}/html", _here_only(self._letter_html))
        return application

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _readyz(self, _request: web.Request) -> web.Response:
        try:
            revision = await asyncio.to_thread(stored_revision, self._store.engine)
        except Exception:
            log.exception("readyz: the store does not answer")
            return web.json_response({"status": "not ready", "reason": "the store does not answer"}, status=503)
        if revision != newest_revision():
            return web.json_response({"status": "not ready", "reason": "the schema is not the newest"}, status=503)
        if not self._is_ready():
            return web.json_response({"status": "not ready", "reason": "starting or stopping"}, status=503)
        return web.json_response({"status": "ready"})

    async def _metrics_page(self, _request: web.Request) -> web.Response:
        text = await asyncio.to_thread(generate_latest, self._metrics)
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _front(self, request: web.Request) -> web.Response:
        shows_outbox = self._shows_outbox and is_from_here(request)
        return self._page("development/front.j2", {"issuer": self._plan.book.issuer, "is_development": shows_outbox})

    async def _confirm(self, request: web.Request) -> web.Response:
        """What waits for its code. GET and HEAD change nothing."""
        return _shown(await asyncio.to_thread(self._typed.show, request.match_info["token"]))

    async def _confirmed(self, request: web.Request) -> web.Response:
        """A code was typed, and a PIN with it where one is needed."""
        form = await request.post()
        code, factor = (str(form.get(name, ""))[:MOST_FIELD] for name in ("code", "factor"))
        return _shown(await asyncio.to_thread(self._typed.typed, request.match_info["token"], code, factor))

    async def _outbox(self, _request: web.Request) -> web.Response:
        letters = await asyncio.to_thread(self._newest)
        shown = [
            {
                "id": letter.id,
                "subject": str(_parsed(letter)["Subject"]),
                "recipient": letter.recipient,
                "kind": letter.kind,
                "state": KEPT[letter.state],
                "at": f"{letter.created_at:%Y-%m-%d %H:%M:%S} UTC",
            }
            for letter in letters
        ]
        return self._page("development/outbox.j2", {"letters": shown})

    async def _letter(self, request: web.Request) -> web.Response:
        letter = await self._found(request)
        parsed = _parsed(letter)
        return self._page(
            "development/letter.j2",
            {
                "id": letter.id,
                "subject": str(parsed["Subject"]),
                "shown": HEADERS_SHOWN,
                "headers": [(name, str(value)) for name, value in parsed.items()],
                "text": _part(parsed, "plain"),
            },
        )

    async def _letter_html(self, request: web.Request) -> web.Response:
        return web.Response(text=_part(_parsed(await self._found(request)), "html"), content_type="text/html")

    def _newest(self) -> list[OutboxMessage]:
        with self._store.reading() as tx:
            return tx.outbox.newest(LETTERS_SHOWN)

    async def _found(self, request: web.Request) -> OutboxMessage:
        def find() -> OutboxMessage | None:
            with self._store.reading() as tx:
                return tx.outbox.get(request.match_info["id"])

        letter = await asyncio.to_thread(find)
        if letter is None:
            raise web.HTTPNotFound(text="There is no such letter.")
        return letter

    def _page(self, template: str, context: dict[str, object]) -> web.Response:
        return web.Response(text=self._pages.page(template, context), content_type="text/html")


def _shown(page: Shown) -> web.Response:
    return web.Response(text=page.html, status=page.status, content_type="text/html")


def is_from_here(request: web.Request) -> bool:
    """Whether a client on this machine asks, for itself: a proxy here that forwards for others does not count.

    Nor does a page of somebody else's in a browser here, whose name leads to this
    machine: the address asked for must be this machine's own.
    """
    if any(name in request.headers for name in FORWARDED) or not _is_own_name(request.host):
        return False
    try:
        client = ipaddress.ip_address(request.remote or "")
    except ValueError:
        return False
    mapped = client.ipv4_mapped if isinstance(client, ipaddress.IPv6Address) else None
    return (mapped or client).is_loopback


def _is_own_name(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _here_only(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        if not is_from_here(request):
            raise web.HTTPNotFound
        return await handler(request)

    return guarded


def _parsed(letter: OutboxMessage) -> EmailMessage:
    """Our own letter, which we composed: the modern parser is safe on it."""
    return email.message_from_bytes(letter.raw, policy=email.policy.default)


def _part(message: EmailMessage, subtype: str) -> str:
    body = message.get_body((subtype,))
    return str(body.get_content()) if body is not None else ""


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Security headers on every answer, errors included."""
    try:
        response = await handler(request)
    except web.HTTPException as refusal:
        refusal.headers.update(SECURITY_HEADERS)
        raise
    response.headers.update(SECURITY_HEADERS)
    return response
