"""Whoever only says who they are gets nobody's figures, drafts no order, and learns nothing of who is registered."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import flood
from bot import vouching as vouching_module
from bot.flood import UNSURE_AT_MOST
from bot.mail.authentication import UNCHECKED, Arrived, Authentication, Ground
from bot.vouching import HELD_AT_MOST, Vouching
from handlers.plan.accounts import Hold
from storage.messages import Arrival, MessageState
from storage.outbox import OutboxMessage
from tests.dialogue import Bot, Heard
from tests.journeys.test_account_life import account_of
from tests.journeys.test_conversations import ANA, asks_to_buy, orders

UNSIGNED = Authentication(Ground.NOT_SIGNED)
NOBODY_OF_THAT_LENGTH = "zoe.stone@example.com"
VOUCHED = Authentication(Ground.VOUCHED, digest="d" * 64)


def is_believed(bot: Bot, *, surely: bool) -> None:
    """Whether, from here on, senders are found to be who they say."""
    bot.sender = UNCHECKED if surely else UNSIGNED


def figures(heard: Heard) -> str:
    """The letter without what differs in any two letters."""
    return "\n".join(line for line in heard.lines.splitlines() if "DSPP-" not in line)


def octets(letter: OutboxMessage) -> int:
    """The size of a letter but for the Message-IDs of the message that it answers, which its sender chose."""
    return len(re.sub(rb"(?m)^(In-Reply-To|References):.*\r\n(?: .*\r\n)*", b"", letter.raw))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Please invest $500 for me. I'll mail a check.", id="a purchase"),
        pytest.param("Please sell 100 of my plan shares.", id="a sale"),
        pytest.param("How many shares do I have?", id="a balance"),
        pytest.param("Please stop my monthly deduction.", id="a deduction"),
        pytest.param("I want to leave the program. Please close my account.", id="leaving"),
        pytest.param("Please cancel my order P-2345678.", id="a cancelling"),
        pytest.param("K7QM-2R9T", id="a code"),
    ],
)
def test_the_answer_is_the_same_whether_the_address_is_registered_or_not(bot: Bot, text: str) -> None:
    is_believed(bot, surely=False)
    heard = []
    for address in (ANA, NOBODY_OF_THAT_LENGTH):
        person = bot.person(address)
        person.says(text)
        heard.append(person.hears("_shared/unknown_sender"))
    assert len(ANA) == len(NOBODY_OF_THAT_LENGTH)
    assert figures(heard[0]) == figures(heard[1])
    assert octets(bot.letters()[-2]) == octets(bot.letters()[-1])
    assert "Perez" not in heard[0].text
    assert orders(bot) == ()
    with bot.service.store.reading() as tx:
        assert tx.confirmations.pending(ANA, bot.clock.now()) == []


def test_a_stranger_who_is_surely_known_hears_the_same(bot: Bot) -> None:
    is_believed(bot, surely=False)
    ana = bot.person(ANA)
    ana.says("Please invest $500 by check.")
    is_believed(bot, surely=True)
    zoe = bot.person(NOBODY_OF_THAT_LENGTH)
    zoe.says("Please invest $500 by check.")
    assert figures(ana.hears("_shared/unknown_sender")) == figures(zoe.hears("_shared/unknown_sender"))


def test_general_questions_are_answered_to_anybody(bot: Bot) -> None:
    is_believed(bot, surely=False)
    ana = bot.person(ANA)
    ana.says("Can people in Ohio take part?")
    assert "Perez" not in ana.hears("eligible_states/completed").text


def test_a_code_is_taken_only_from_who_is_surely_its_holder(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    is_believed(bot, surely=False)
    ana.says(f"Yes. {read_back.code}", answering=read_back)
    ana.hears("_shared/unknown_sender")
    assert orders(bot) == ()
    is_believed(bot, surely=True)
    ana.says(f"Yes. {read_back.code}", answering=read_back)
    ana.hears("buy/completed")
    assert len(orders(bot)) == 1


def test_wrong_codes_of_who_is_not_surely_known_lock_nothing(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    is_believed(bot, surely=False)
    for number in range(2, 9):
        ana.says(f"2345-WXY{number}", answering=read_back)
    is_believed(bot, surely=True)
    ana.says(read_back.code, answering=read_back)
    ana.hears("buy/completed")


def test_who_is_not_surely_known_has_no_word_in_a_conversation(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Please sell some of my shares.")
    question = ana.heard[-1]
    is_believed(bot, surely=False)
    ana.says("100", answering=question)
    is_believed(bot, surely=True)
    ana.says("100 shares", answering=question)
    assert "100" in ana.hears("_shared/confirm_request").text


def test_a_death_that_nobody_surely_reports_freezes_nothing_and_goes_to_staff(bot: Bot) -> None:
    is_believed(bot, surely=False)
    ana = bot.person(ANA)
    assert ana.says("My husband passed away last month. What do I do about his shares?") is MessageState.ESCALATED
    assert Hold.DEATH_REPORTED not in account_of(bot, ANA).holds
    with bot.service.store.reading() as tx:
        assert [review.reason for review in tx.reviews.waiting()] == ["DEATH"]


def test_forged_words_silence_nobody(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    words = "Yes, please invest ${} for me by check on the next purchase date."
    is_believed(bot, surely=False)
    for number in range(12):
        ana.says(words.format(number + 100), answering=read_back)
    is_believed(bot, surely=True)
    ana.says(words.format(500), answering=read_back)
    ana.hears("_shared/confirm_request")


def test_a_corrected_amount_is_no_machines_word(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    for amount in ("$500", "$5,000", "$700"):
        ana.says(f"Thank you. Please invest {amount} for me by check on the next purchase date.", answering=read_back)
        assert amount in ana.hears("_shared/confirm_request").text


def test_forged_mail_in_many_names_ends_in_silence_and_one_review(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "UNSURE_TO_ANYBODY_AT_MOST", {timedelta(hours=1): 5})
    is_believed(bot, surely=False)
    for number in range(20):
        bot.person(f"victim{number}@example.org").says("How many shares do I have?")
    assert len([letter for letter in bot.letters() if letter.conversation_id is not None]) == 5
    with bot.service.store.reading() as tx:
        assert [review.reason for review in tx.reviews.waiting()] == ["FLOOD"]
    assert len(bot.letters_to("ir@aastrom.com")) == 1
    is_believed(bot, surely=True)
    asks_to_buy(bot.person(ANA))


def test_forged_mail_does_not_use_up_the_letters_of_the_one_it_names(bot: Bot) -> None:
    is_believed(bot, surely=False)
    forger = bot.person(ANA)
    most = min(UNSURE_AT_MOST.values())
    for _ in range(most + 3):
        forger.says("How many shares do I have?", new_thread=True)
    assert len(forger.heard) == most
    is_believed(bot, surely=True)
    asks_to_buy(bot.person(ANA))


# -- how it is found out ----------------------------------------------------------------------------------------------


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
    monkeypatch.setattr(vouching_module, "SLOW_SECONDS", 0.0)
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
