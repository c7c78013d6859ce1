"""Nobody is answered before it is known who wrote, and nobody waits for a stranger's name servers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import lookup_places
from bot import vouching as vouching_module
from bot.audit import seal_all, verify
from bot.mail.authentication import Arrived, Authentication, Ground
from bot.vouching import HELD_AT_MOST, Vouching
from storage.audit import AuditKind, AuditRecord, digest_of, plain
from storage.messages import Arrival, MessageState
from tests.dialogue import Bot
from tests.journeys.test_conversations import ANA
from tests.journeys.test_unsure_senders import UNSIGNED

VOUCHED = Authentication(Ground.VOUCHED, digest="d" * 64)


class Finds:
    """Finds out what it is told to, one finding a message; then the last one again."""

    def __init__(self, *findings: Authentication) -> None:
        self.findings = list(findings)
        self.asked: list[Arrived] = []

    async def check(self, arrived: Arrived) -> Authentication:
        self.asked.append(arrived)
        return self.findings.pop(0) if len(self.findings) > 1 else self.findings[0]


def comes(bot: Bot, raw: bytes, key: str) -> None:
    """A message comes in of which it is not known who sent it."""
    bot.clock.pass_time(seconds=1)
    arrival = Arrival(
        "email", key, raw, ANA, ("dspp@aastrom.com",), "192.0.2.1", bot.clock.now(), helo="mx", unchecked=True
    )
    with bot.service.store.transaction() as tx:
        assert tx.messages.accept([arrival]) == 1


def vouching(bot: Bot, check: Finds) -> tuple[Vouching, list[str]]:
    known: list[str] = []
    return Vouching(bot.service.store, check, bot.clock, "dspp@aastrom.com", lambda: known.append("known")), known


RAW = f"From: {ANA}\r\nTo: dspp@aastrom.com\r\nMessage-ID: <1@x>\r\n\r\nPlease invest $500 by check.\r\n".encode()


async def test_nothing_is_answered_before_it_is_known_who_sent_it(bot: Bot) -> None:
    comes(bot, RAW, "one")
    assert bot.works() == []
    check = Finds(VOUCHED)
    looks, known = vouching(bot, check)
    assert await looks.look_up_some() == 1
    assert known == ["known"]
    assert (check.asked[0].peer, check.asked[0].helo, check.asked[0].from_address) == ("192.0.2.1", "mx", ANA)
    assert bot.works() == [MessageState.AWAITING_SHAREHOLDER]
    with bot.service.store.reading() as tx:
        (message,) = tx.messages.newest(1)
    assert message.sender == replace(VOUCHED, address=ANA).record()
    assert message.signed_digest == VOUCHED.digest


async def test_a_message_and_who_sent_it_are_on_record_once_that_is_settled(bot: Bot) -> None:
    store, unanswered = bot.service.store, Authentication(Ground.NO_ANSWER, is_temporary=True)
    looks, _ = vouching(bot, Finds(unanswered, VOUCHED))
    comes(bot, RAW, f"email|<1@{ANA}>|digest")
    came = bot.clock.now()

    def told() -> list[AuditRecord]:
        seal_all(store)
        with store.reading() as tx:
            kinds = {AuditKind.MESSAGE_RECEIVED.value, AuditKind.SENDER_FOUND.value}
            return [one for one in tx.audit.page(None, 1000) if one.kind in kinds]

    await looks.look_up_some()
    assert told() == [], "it is looked up again"
    bot.clock.pass_time(hours=2)
    await looks.look_up_some()
    received, found = told()
    with store.reading() as tx:
        (message,) = tx.messages.newest(1)
    assert received.subject == found.subject == f"message:{message.id}"
    assert received.facts == {
        "channel": "email",
        "raw": digest_of(RAW),
        "key": digest_of(f"email|<1@{ANA}>|digest".encode()),
        "octets": len(RAW),
        "received_at": plain(came),
    }
    assert found.facts["ground"] == VOUCHED.ground.name
    assert verify(store, [], bot.clock.now()).is_good


async def test_the_same_signed_message_acts_once_whatever_was_changed_around_it(bot: Bot) -> None:
    looks, _ = vouching(bot, Finds(VOUCHED))
    comes(bot, RAW, "one")
    comes(bot, RAW.replace(b"\r\n\r\n", b"\r\nCc: somebody@x\r\n\r\n", 1), "two")
    await looks.look_up_some()
    assert bot.works() == [MessageState.AWAITING_SHAREHOLDER, MessageState.IGNORED]
    bot.clock.pass_time(days=200)
    comes(bot, RAW, "three")
    await looks.look_up_some()
    assert bot.works() == [MessageState.IGNORED]
    with bot.service.store.reading() as tx:
        (message,) = tx.messages.newest(1)
    assert message.reason.startswith("replay: the same signed message as ")
    assert len(bot.letters_to(ANA)) == 1


async def test_of_a_failed_letter_and_its_copy_one_is_answered(bot: Bot) -> None:
    looks, _ = vouching(bot, Finds(VOUCHED))
    comes(bot, RAW, "one")
    await looks.look_up_some()
    with bot.service.store.transaction() as tx:
        message = tx.messages.claim(bot.service.store.owner, bot.clock.now(), timedelta(minutes=1))
        assert message is not None
        tx.messages.finish(message.id, bot.service.store.owner, MessageState.FAILED, bot.clock.now())
    comes(bot, RAW.replace(b"\r\n\r\n", b"\r\nCc: somebody@x\r\n\r\n", 1), "two")
    await looks.look_up_some()
    assert bot.works() == [MessageState.IGNORED]
    with bot.service.store.transaction() as tx:
        assert tx.messages.retry(message.id)
    assert bot.works() == [MessageState.AWAITING_SHAREHOLDER]


async def test_a_slow_domain_keeps_only_its_own_letters_waiting(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_places, "SLOW_SECONDS", 0.0)
    release = asyncio.Event()

    class Slow:
        async def check(self, arrived: Arrived) -> Authentication:
            if arrived.from_address.endswith("@slow.example"):
                await release.wait()
            return VOUCHED

    known: list[str] = []
    looks = Vouching(bot.service.store, Slow(), bot.clock, "dspp@aastrom.com", lambda: known.append("known"))
    for number in range(8):
        comes(bot, RAW.replace(ANA.encode(), b"eve@slow.example"), f"slow {number}")
    comes(bot, RAW, "honest")
    running = asyncio.create_task(looks.run())
    try:
        async with asyncio.timeout(10):
            while not (states := bot.works()):
                await asyncio.sleep(0.01)
    finally:
        release.set()
        running.cancel()
    assert states == [MessageState.AWAITING_SHAREHOLDER]


async def test_a_later_message_of_an_address_does_not_overtake_an_earlier_one(bot: Bot) -> None:
    order: list[str] = []

    class FirstIsSlow:
        async def check(self, arrived: Arrived) -> Authentication:
            await asyncio.sleep(0.3 if b"$500" in arrived.raw else 0.0)
            order.append("first" if b"$500" in arrived.raw else "later")
            return UNSIGNED

    looks = Vouching(bot.service.store, FirstIsSlow(), bot.clock, "dspp@aastrom.com", lambda: settled.append(waiting()))
    settled: list[int] = []

    def waiting() -> int:
        with bot.service.store.reading() as tx:
            return sum(message.sender is None and ANA.encode() in message.raw for message in tx.messages.newest(9))

    comes(bot, RAW, "first")
    comes(bot, RAW.replace(b"$500", b"$750"), "second")
    comes(bot, RAW.replace(ANA.encode(), b"bob@example.com").replace(b"$500", b"$900"), "another's")
    await looks.look_up_some()
    assert order == ["later", "later", "first"]
    assert settled == [2, 1, 0], "another's at once, then the first, then the second"


async def test_a_message_that_finds_no_place_for_hours_is_a_strangers(bot: Bot) -> None:
    check = Finds(VOUCHED)
    looks, _ = vouching(bot, check)
    for number in range(4):
        assert looks._places.take("example.com", float(number)) is None
    comes(bot, RAW, "one")
    await looks.look_up_some()
    assert (check.asked, bot.works()) == ([], [])
    bot.clock.pass_time(seconds=HELD_AT_MOST.total_seconds())
    await looks.look_up_some()
    assert (check.asked, bot.works()) == ([], [MessageState.ANSWERED])


async def test_a_message_that_ends_its_process_again_and_again_is_a_strangers(bot: Bot) -> None:
    check = Finds(VOUCHED)
    looks, _ = vouching(bot, check)
    comes(bot, RAW, "one")
    for _ in range(vouching_module.CLAIMS_AT_MOST):
        with bot.service.store.transaction() as tx:
            assert len(tx.messages.claim_unchecked("dead:1", bot.clock.now(), timedelta(seconds=1), 10)) == 1
        bot.clock.pass_time(seconds=5)
    await looks.look_up_some()
    assert check.asked == []
    assert bot.works() == [MessageState.ANSWERED]


async def test_two_letters_that_are_not_signed_are_two(bot: Bot) -> None:
    looks, _ = vouching(bot, Finds(UNSIGNED))
    comes(bot, RAW, "one")
    comes(bot, RAW, "two")
    await looks.look_up_some()
    assert bot.works() == [MessageState.ANSWERED, MessageState.ANSWERED]


async def test_silent_name_servers_hold_a_message_until_they_answer(bot: Bot) -> None:
    silence = Authentication(Ground.NO_ANSWER, is_temporary=True)
    check = Finds(silence, silence, VOUCHED)
    looks, _ = vouching(bot, check)
    comes(bot, RAW, "one")
    for expected in (1, 2):
        await looks.look_up_some()
        assert len(check.asked) == expected
        assert bot.works() == []
        assert await looks.look_up_some() == 0  # not at once again
        bot.clock.pass_time(minutes=16)
    await looks.look_up_some()
    assert bot.works() == [MessageState.AWAITING_SHAREHOLDER]


async def test_a_message_whose_sender_stays_unknown_is_answered_as_a_strangers(bot: Bot) -> None:
    looks, _ = vouching(bot, Finds(Authentication(Ground.NO_ANSWER, is_temporary=True)))
    comes(bot, RAW, "one")
    await looks.look_up_some()
    assert bot.works() == []
    bot.clock.pass_time(seconds=HELD_AT_MOST.total_seconds())
    await looks.look_up_some()
    assert bot.works() == [MessageState.ANSWERED]
    assert [letter.kind for letter in bot.letters_to(ANA)] == ["_shared/unknown_sender"]


async def test_a_check_that_breaks_holds_the_message_and_passes_nobody(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    class Breaks:
        async def check(self, arrived: Arrived) -> Authentication:
            raise RuntimeError("a fault of ours")

    looks = Vouching(bot.service.store, Breaks(), bot.clock, "dspp@aastrom.com", lambda: None)
    comes(bot, RAW, "one")
    await looks.look_up_some()
    assert bot.works() == []
    assert ANA not in caplog.text
    bot.clock.pass_time(minutes=1)
    repaired, _ = vouching(bot, Finds(VOUCHED))
    await repaired.look_up_some()
    assert bot.works() == [MessageState.AWAITING_SHAREHOLDER]


async def test_automatic_mail_and_mail_of_nobody_asks_no_name_server(bot: Bot) -> None:
    check = Finds(VOUCHED)
    looks, _ = vouching(bot, check)
    comes(bot, b"Auto-Submitted: auto-replied\r\n" + RAW, "one")
    comes(bot, RAW.replace(b"From: ", b"X-From: "), "two")
    await looks.look_up_some()
    assert check.asked == []
    assert bot.works() == [MessageState.IGNORED, MessageState.ESCALATED]


def test_the_finding_is_told_with_the_decision(bot: Bot) -> None:
    bot.sender = replace(UNSIGNED, results="mx.aastrom.com; dkim=none", note="no signature")
    bot.person(ANA).says("How many shares do I have?")
    with bot.service.store.reading() as tx:
        (message,) = tx.messages.newest(1)
    assert message.decision is not None
    assert message.decision["assurance"] == "ANONYMOUS"
    assert message.sender == replace(bot.sender, address=ANA).record()
