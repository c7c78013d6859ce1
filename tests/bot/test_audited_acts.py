"""What is done is on record, in the transaction that does it, and the record names nobody."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import typed_code_for
from bot.audit import Sealer, exported, seal_all, verify
from bot.cli import main
from bot.exchange_files import BadFile
from bot.holders_import import import_holders
from bot.keys import Keys
from bot.language.pipeline import Reader
from bot.plan import Plan
from bot.post import Post
from bot.render import Renderer
from bot.second_factor import SecondFactorCheck
from bot.states_import import import_states
from handlers.plan.accounts import Hold
from storage.audit import PROGRAM, AuditKind, AuditRecord, canonical, digest_of
from storage.messages import MessageState, NotMine
from storage.reviews import OPEN, ReviewItem
from storage.store import Store
from tests.dialogue import SAMPLES, Bot, start_bot
from tests.exchange import ANA as ANA_ROW
from tests.exchange import BOB as BOB_ROW
from tests.exchange import write_holders
from tests.journeys.conftest import MONDAY
from tests.storage.material import NOW, with_message

ANA = "ana.perez@example.com"
ACCOUNT = "CST-10001"


@pytest.fixture
def bot(store: Store, reader: Reader, tmp_path: Path) -> Bot:
    """A bot that asks for second factors."""
    return start_bot(store, reader, tmp_path, MONDAY, second_factor=True)


def sealed(store: Store, kind: AuditKind | None = None) -> list[AuditRecord]:
    seal_all(store)
    with store.reading() as tx:
        return [one for one in tx.audit.page(None, 10_000) if kind is None or one.kind == kind.value]


def of_kind(store: Store, kind: AuditKind) -> AuditRecord:
    """The only record of its kind."""
    (record,) = sealed(store, kind)
    return record


# -- a conversation ---------------------------------------------------------------------------------------------------


def test_a_purchase_is_told_from_its_request_to_its_code(bot: Bot) -> None:
    ana, store = bot.person(ANA), bot.service.store
    ana.says("Please invest $500 for me this month. I'll mail a check.", new_thread=True)
    ana.says(ana.hears("_shared/confirm_request").code)
    asked, answered = sealed(store, AuditKind.DECIDED)
    confirmed = of_kind(store, AuditKind.CONFIRMED)
    with store.reading() as tx:
        messages = [tx.messages.get(message_id) for message_id in bot.worked_on]
        (registration,) = tx.registrations.of_email(ANA)
    for record, message in zip((asked, answered), messages, strict=True):
        assert (record.subject, record.actor) == (f"message:{message.id}", PROGRAM)
        assert record.facts["raw"] == digest_of(message.raw)
        assert record.facts["record"] == digest_of(canonical(message.decision)), "what the store keeps is what was told"
        assert record.facts["registrations"] == [registration.id]
        assert record.facts["model"] == message.decision["read"]["model"]  # type: ignore[index]  # our own JSON
        assert record.facts["terms"].keys() == {"effective", "digest", "prospectus"}
    ((name, values),) = asked.facts["decided"][0]["effects"]
    assert (asked.facts["state"], name, values["amount"]) == ("AWAITING_SHAREHOLDER", "AcceptPurchase", "500.00")
    assert confirmed.actor == "holder"
    assert confirmed.facts["message"] == messages[0].id
    assert confirmed.facts["effects"] == [[[name, values]]]
    assert confirmed.facts["assurance"] == "CONFIRMED"
    ((order_id,),) = confirmed.facts["ids"]
    assert order_id in ana.hears("buy/completed").text
    letters = {one.subject: one.facts for one in sealed(store, AuditKind.LETTER_QUEUED)}
    assert letters == {
        f"letter:{one.id}": {
            "cause": one.cause,
            "letter": one.kind,
            "conversation": one.conversation_id,
            "raw": digest_of(one.raw),
        }
        for one in bot.letters()
    }


def test_a_message_that_another_took_leaves_no_record(bot: Bot) -> None:
    store = bot.service.store
    sealed(store)
    before = sealed(store)
    bot.receives(f"From: {ANA}\r\nMessage-ID: <one@x>\r\n\r\nPlease invest $500.\r\n".encode(), ANA)
    message = bot._claim()
    assert message is not None
    with store.transaction() as tx:
        tx.messages.release_of_the_dead({store.owner})
    with pytest.raises(NotMine):
        bot.answerer.answer(message, bot._read(message))
    assert sealed(store) == before
    assert bot.letters() == []


def test_a_message_that_is_set_aside_as_a_copy_is_on_record(bot: Bot) -> None:
    store = bot.service.store
    raw = f"From: {ANA}\r\nMessage-ID: <one@x>\r\n\r\nWhat is the minimum?\r\n".encode()
    for number in (1, 2):
        bot.receives(raw.replace(b"one@", f"{number}@".encode()), ANA)
        message = bot._claim()
        assert message is not None
        with store.transaction() as tx:
            tx.messages.hold(message.id, store.owner, "", bot.clock.now())
            tx.connection.exec_driver_sql("UPDATE messages SET signed_digest = 'same'")
            again = tx.messages.get(message.id)
        bot.answerer.answer(again, bot._read(again))
    aside = of_kind(store, AuditKind.SET_ASIDE)
    assert aside.facts["reason"].startswith("replay: the same signed message as ")


def test_the_records_of_a_conversation_name_nobody(bot: Bot) -> None:
    ana, store = bot.person(ANA), bot.service.store
    ana.says(
        "Please invest $500 for me this month. I'll mail a check. Yours, Ana Perez, 12 Orchard Lane", new_thread=True
    )
    ana.says(ana.hears("_shared/confirm_request").code)
    ana.says(f"What is the balance of account {ACCOUNT}?", new_thread=True)
    ana.says(ana.hears("_shared/confirm_request").code)
    ana.says("Please invest $50.", new_thread=True)
    ana.says("My husband, Tomas Invented, passed away last week.", new_thread=True)
    kinds = {one.kind for one in sealed(store)}
    assert {"decided", "confirmed", "letter_queued", "file_loaded"} <= kinds
    told = b"".join(exported(store)).decode().lower()
    assert "reportdeath" in told
    with store.reading() as tx:
        holders = tx.registrations.records().values()
    forbidden = {
        "invented",
        "orchard lane",
        "perez",
        "balance of account",
        ANA,
        bot.service.plan.book.issuer.ir_address,
    }
    for holder in holders:
        forbidden |= {holder.name.lower(), holder.account_number.lower(), holder.address.lower()}
        forbidden |= {holder.email.lower()} - {""}
    assert sorted(one for one in forbidden if one in told) == []
    assert verify(store, [], bot.clock.now()).is_good


def test_a_pin_that_is_typed_is_told_right_or_wrong_and_nothing_else_of_it(bot: Bot) -> None:
    store, ana = bot.service.store, bot.person(ANA)
    with store.transaction() as tx:
        (taxpayer,) = tx.snapshots.taxpayers_of(ANA)
        pin = SecondFactorCheck(bot.service.keys).new_pin(tx, taxpayer, "J. Doe", bot.clock.now())
    ana.says("Please sell 100 of my plan shares.", new_thread=True)
    heard = ana.hears("_shared/confirm_request")
    found = re.search(r"/confirm/([a-z2-7]{42})", heard.lines)
    assert found is not None
    page, wrong = typed_code_for(bot.service), "000000" if pin != "000000" else "111111"
    page.typed(found[1], heard.code, "")
    for typed in (wrong, pin):
        bot.clock.pass_time(seconds=1)
        page.typed(found[1], heard.code, typed)
    acts = sealed(store, AuditKind.SECOND_FACTOR)
    assert [one.facts for one in acts] == [{"act": "given_wrong"}, {"act": "given_right"}]
    confirmed = of_kind(store, AuditKind.CONFIRMED)
    assert confirmed.facts["assurance"] == "OUT_OF_BAND"
    assert {one.subject for one in acts} == {confirmed.subject}


def test_only_the_try_that_locks_is_told_so_that_nobody_fills_the_record(bot: Bot) -> None:
    store, ana = bot.service.store, bot.person(ANA)
    with store.transaction() as tx:
        (taxpayer,) = tx.snapshots.taxpayers_of(ANA)
        pin = SecondFactorCheck(bot.service.keys).new_pin(tx, taxpayer, "J. Doe", bot.clock.now())
    ana.says("Please sell 100 of my plan shares.", new_thread=True)
    heard = ana.hears("_shared/confirm_request")
    found = re.search(r"/confirm/([a-z2-7]{42})", heard.lines)
    assert found is not None
    for _ in range(8):
        bot.clock.pass_time(seconds=1)
        typed_code_for(bot.service).typed(found[1], heard.code, "000000" if pin != "000000" else "111111")
    assert [one.facts["act"] for one in sealed(store, AuditKind.SECOND_FACTOR)] == [
        *["given_wrong"] * 4,
        "given_locked",
    ]


# -- files ------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_loaded_is_on_record_and_one_that_is_refused_is_not(store: Store, tmp_path: Path) -> None:
    plan, keys = Plan.read(None), Keys(bytes(range(32)))
    post = Post(plan, keys, Renderer(plan.book), "example.com")
    first = write_holders(tmp_path / "first.csv", ANA_ROW, BOB_ROW)
    import_holders(store, plan, keys, post, first, NOW)
    with pytest.raises(BadFile):
        import_holders(store, plan, keys, post, first, NOW)
    loaded = of_kind(store, AuditKind.FILE_LOADED)
    assert loaded.subject == "file:holders:1"
    assert loaded.facts["digest"] == digest_of(first.read_bytes())
    assert (loaded.facts["rows"], loaded.facts["totals"]["new"], loaded.facts["totals"]["shares"]) == (
        2,
        2,
        "1800.0000",
    )
    second = write_holders(tmp_path / "second.csv", ANA_ROW | {"email": "new@example.com"}, BOB_ROW, sequence=2)
    import_holders(store, plan, keys, post, second, NOW)
    held = of_kind(store, AuditKind.HOLD_SET)
    assert (held.facts["cause"], held.facts["changed"]) == ("file:holders:2", ["email address"])
    assert "example.com" not in b"".join(exported(store)).decode()


def test_a_state_list_is_on_record(store: Store) -> None:
    import_states(store, SAMPLES / "states.csv", NOW)
    loaded = of_kind(store, AuditKind.FILE_LOADED)
    assert (loaded.subject, loaded.facts["rows"] > 0) == ("file:states:1", True)


# -- staff ------------------------------------------------------------------------------------------------------------


def told_of_staff(store: Store, kind: AuditKind) -> list[tuple[object, ...]]:
    """Who did what, to what, and why."""
    return [
        (
            one.actor,
            one.subject.partition(":")[0],
            one.facts.get("act"),
            (one.private or {}).get("reason", {}).get("text"),
        )
        for one in sealed(store, kind)
    ]


def test_what_staff_do_to_a_factor_is_on_record_and_what_they_cannot_do_is_not(opened: Store, tmp_path: Path) -> None:
    assert main(["samples"]) == 0
    pin = ["factors", "pin", ACCOUNT, "--by", "J. Doe", "--letter"]
    assert main([*pin, str(tmp_path / "missing" / "pin.txt")]) == 1
    assert main([*pin, str(tmp_path / "pin.txt")]) == 0
    assert main(["factors", "totp", ACCOUNT, "--by", "J. Doe"]) == 0
    why = ["--by", "J. Doe", "--reason", "spoke with Tomas Invented"]
    assert main(["factors", "unlock", ACCOUNT, *why]) == 1
    assert main(["factors", "revoke", ACCOUNT, *why]) == 0
    assert told_of_staff(opened, AuditKind.SECOND_FACTOR) == [
        ("staff: J. Doe", "registration", "pin_enrolled", None),
        ("staff: J. Doe", "registration", "totp_enrolled", None),
        ("staff: J. Doe", "registration", "revoked", "spoke with Tomas Invented"),
    ]
    assert "Invented" not in b"".join(exported(opened)).decode()


def test_a_release_is_on_record_with_its_reason_beside_it(opened: Store) -> None:
    assert main(["samples"]) == 0
    release = ["holders", "release", ACCOUNT, "--by", " M. Officer ", "--reason", "he telephoned"]
    assert main(release) == 1
    with opened.transaction() as tx:
        holder = tx.registrations.by_account_number(ACCOUNT)
        assert holder is not None
        tx.reported_holds.report(holder.id, Hold.DEATH_REPORTED, "answer:m:1", NOW)
    assert main(release) == 0
    assert told_of_staff(opened, AuditKind.HOLD_RELEASED) == [
        ("staff: M. Officer", "registration", None, "he telephoned")
    ]


def test_a_message_that_staff_let_be_tried_again_is_on_record(opened: Store) -> None:
    _conversation, message_id = with_message(opened)
    with opened.transaction() as tx:
        message = tx.messages.claim("a", NOW, timedelta(minutes=2))
        assert message is not None
        tx.messages.finish(message_id, "a", MessageState.FAILED, NOW)
        tx.reviews.open(ReviewItem("r1", message_id, None, "FAILED", {}, "", None, OPEN, NOW))
    for status in (0, 1):
        assert main(["reviews", "retry", "r1", "--by", "M. Officer"]) == status
    act = of_kind(opened, AuditKind.STAFF_ACT)
    assert (act.actor, act.subject) == ("staff: M. Officer", "review:r1")
    assert act.facts == {"command": "reviews retry", "message": message_id}


# -- the sealer -------------------------------------------------------------------------------------------------------


async def test_the_sealer_seals_what_comes_and_outlives_a_store_that_fails(opened: Store) -> None:
    with opened.transaction() as tx:
        tx.connection.exec_driver_sql("ALTER TABLE audit_records RENAME TO away")
    running = asyncio.create_task(Sealer(opened, pause_seconds=0.01).run())
    try:
        await asyncio.sleep(0.05)
        assert not running.done()
        with opened.transaction() as tx:
            tx.connection.exec_driver_sql("ALTER TABLE away RENAME TO audit_records")
            for number in (1, 2):
                tx.audit.note(PROGRAM, AuditKind.STAFF_ACT, f"review:{number}", {"command": "x"}, NOW)
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(lambda: verify(opened, [], NOW).head.number):
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert json.loads(list(exported(opened))[-1])["subject"] == "review:2"
