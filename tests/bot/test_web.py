"""The service's pages: letters hold codes and are shown to this machine only, what else is there to everybody."""

from __future__ import annotations

import json
from datetime import timedelta
from email.message import EmailMessage
from unittest.mock import Mock

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from bot.app import Service, typed_code_for
from bot.keys import Keys
from bot.plan import Plan
from bot.settings import Settings
from bot.web import SECURITY_HEADERS, Web, is_from_here
from storage.outbox import NewLetter
from storage.store import Store
from tests.fakes import FakeClock
from tests.storage.material import NOW

CODE = "K7WM-2QXD"
PAGES = ["/development/outbox", "/development/outbox/l1", "/development/outbox/l1/html"]


def _with_letter(store: Store) -> Store:
    letter = EmailMessage()
    letter["Subject"] = "Your <request>"
    letter.set_content(f"Your code is {CODE}.")
    letter.add_alternative(f"<p>Your code is {CODE}.</p>", subtype="html")
    with store.transaction() as tx:
        tx.outbox.add(NewLetter("l1", "c", "buy", None, "<1@x>", "ana@example.com", "b@x", letter.as_bytes()), NOW)
    return store


def _application(store: Store, *, shows_outbox: bool = True, is_ready: bool = True) -> web.Application:
    service = Service(Settings(), FakeClock(NOW), Plan.read(None), Keys(bytes(32)), store)
    typed = typed_code_for(service)
    return Web(store, service.plan, typed, shows_outbox=shows_outbox, is_ready=lambda: is_ready).application()


async def _get(
    application: web.Application, path: str, remote: str | None = None, **headers: str
) -> tuple[int, str, dict[str, str]]:
    """Status, text and headers of a page, as a client at `remote` gets it; by default one on this machine."""

    @web.middleware
    async def comes_from(request: web.Request, handler: object) -> web.StreamResponse:
        assert callable(handler)
        seen = request if remote is None else request.clone(remote=remote)
        answer: web.StreamResponse = await handler(seen)
        return answer

    application.middlewares.insert(0, comes_from)
    async with TestClient(TestServer(application)) as client:
        answer = await client.get(path, headers=headers)
        return answer.status, await answer.text(), dict(answer.headers)


@pytest.mark.parametrize("path", PAGES)
async def test_a_letter_is_shown_on_this_machine(path: str, store: Store) -> None:
    status, text, headers = await _get(_application(_with_letter(store)), path)
    assert status == 200
    assert ("request" if path == PAGES[0] else CODE) in text
    assert SECURITY_HEADERS.items() <= headers.items()


async def test_a_letters_page_shows_what_a_mail_program_shows_and_folds_the_rest(store: Store) -> None:
    _, text, _ = await _get(_application(_with_letter(store)), PAGES[1])
    shown, folded = text.split("<details>")
    assert "<dt>Subject</dt><dd>Your &lt;request&gt;</dd>" in shown
    assert "MIME-Version" not in shown
    assert "<dt>MIME-Version</dt>" in folded
    assert "<dt>Subject</dt>" not in folded
    assert "@media (max-width: 600px) { dl { grid-template-columns: 1fr; }" in text


async def test_a_letter_that_is_only_kept_is_not_called_sent(store: Store) -> None:
    with _with_letter(store).transaction() as tx:
        tx.outbox.lease("a", NOW, timedelta(minutes=1), 9)
        tx.outbox.sent("l1", "a", "kept", NOW)
    _, text, _ = await _get(_application(store), PAGES[0])
    assert "kept there, not sent" in text
    assert "SENT" not in text


async def test_the_front_page_calls_itself_a_page(store: Store) -> None:
    _, text, _ = await _get(_application(store), "/")
    assert "This page is not an offer" in text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("remote", ["192.168.1.7", "2001:db8::7", "::ffff:10.0.0.1"])
async def test_a_letter_is_shown_to_nobody_else(remote: str, path: str, store: Store) -> None:
    status, text, headers = await _get(_application(_with_letter(store)), path, remote)
    assert status == 404
    assert CODE not in text
    assert SECURITY_HEADERS.items() <= headers.items()


async def test_a_letter_is_not_shown_through_a_proxy_of_this_machine(store: Store) -> None:
    status, _, _ = await _get(_application(_with_letter(store)), PAGES[1], **{"X-Forwarded-For": "192.0.2.1"})
    assert status == 404


async def test_no_letter_is_shown_where_mail_is_handed_on(store: Store) -> None:
    _with_letter(store)
    for path in PAGES:
        status, _, _ = await _get(_application(store, shows_outbox=False), path)
        assert status == 404


@pytest.mark.parametrize(
    ("shows_outbox", "remote", "is_there"),
    [
        pytest.param(True, "127.0.0.1", True, id="mail is kept, this machine asks"),
        pytest.param(True, "192.0.2.1", False, id="mail is kept, another asks"),
        pytest.param(False, "127.0.0.1", False, id="mail is handed on"),
    ],
)
async def test_the_front_page_links_to_the_letters_only_for_whom_they_are_shown_to(
    shows_outbox: bool, remote: str, is_there: bool, store: Store
) -> None:
    status, text, _ = await _get(_application(store, shows_outbox=shows_outbox), "/", remote)
    assert status == 200
    assert ("/development/outbox" in text) is is_there
    assert "Stock Purchase" in text


@pytest.mark.parametrize(
    ("remote", "is_here"),
    [
        pytest.param("127.0.0.1", True, id="IPv4 loopback"),
        pytest.param("127.8.9.1", True, id="another of the loopback network"),
        pytest.param("::1", True, id="IPv6 loopback"),
        pytest.param("::ffff:127.0.0.1", True, id="IPv4 loopback on an IPv6 socket"),
        pytest.param("::ffff:192.0.2.1", False, id="another machine on an IPv6 socket"),
        pytest.param("0.0.0.0", False, id="no address"),  # noqa: S104  # a client's, not one to listen on
        pytest.param("fe80::1%eth0", False, id="the same link"),
        pytest.param("localhost", False, id="a name"),
        pytest.param(None, False, id="unknown"),
    ],
)
def test_who_is_on_this_machine(remote: str | None, is_here: bool) -> None:
    transport = Mock()
    transport.get_extra_info.return_value = (remote, 1) if remote else None
    request = make_mocked_request("GET", "/", {"Host": "127.0.0.1:8080"}, transport=transport)
    assert is_from_here(request) is is_here


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        pytest.param("localhost:8080", True, id="the loopback name"),
        pytest.param("[::1]:8080", True, id="IPv6 loopback"),
        pytest.param("127.0.0.1", True, id="no port"),
        pytest.param("evil.example:8080", False, id="a name of somebody else's that leads here"),
        pytest.param("192.0.2.1", False, id="an address of another machine"),
        pytest.param("[::1", False, id="no name at all"),
        pytest.param("", False, id="none"),
    ],
)
def test_a_page_elsewhere_cannot_ask_through_a_browser_here(host: str, is_own: bool) -> None:
    transport = Mock()
    transport.get_extra_info.return_value = ("127.0.0.1", 1)
    assert is_from_here(make_mocked_request("GET", "/", {"Host": host}, transport=transport)) is is_own


async def test_a_letter_that_is_not_there_is_not_found(store: Store) -> None:
    status, _, _ = await _get(_application(store), "/development/outbox/none")
    assert status == 404


@pytest.mark.parametrize(
    ("is_ready", "status", "says"),
    [pytest.param(True, 200, "ready", id="ready"), pytest.param(False, 503, "not ready", id="starting or stopping")],
)
async def test_readiness_is_told_to_everybody(is_ready: bool, status: int, says: str, store: Store) -> None:
    found, text, _ = await _get(_application(store, is_ready=is_ready), "/readyz", "192.0.2.1")
    assert (found, json.loads(text)["status"]) == (status, says)
    assert (await _get(_application(store, is_ready=is_ready), "/healthz", "192.0.2.1"))[0] == 200


async def test_metrics_count_by_state_and_name_nobody(store: Store) -> None:
    status, text, _ = await _get(_application(_with_letter(store)), "/metrics")
    assert status == 200
    assert 'dspp_letters{state="QUEUED"} 1.0' in text
    assert 'dspp_reviews{state="OPEN"} 0.0' in text
    assert "ana@example.com" not in text
