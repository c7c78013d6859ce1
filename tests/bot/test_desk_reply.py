"""An answer by staff goes out once, in the sender's conversation, or not at all."""

from __future__ import annotations

import email
import email.policy
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from threading import Barrier

import pytest

from bot.app import Service
from bot.desk_reply import AlreadyClosed, BadAnswer, NoSender, answer_review
from bot.holders_import import import_holders
from bot.keys import Keys
from bot.mail.addresses import conversation_of
from bot.mail.limits import Limits
from bot.mail.mime import Part, read_parts
from bot.plan import Plan
from bot.settings import Settings
from handlers.contract import Referral
from storage.messages import Arrival, MessageState
from storage.reviews import CLOSED, OPEN, ReviewItem
from storage.store import Store
from tests.dialogue import SAMPLES
from tests.fakes import FakeClock

NOW = datetime(2004, 2, 2, 14, 30, tzinfo=UTC)
ANA = "ana.perez@example.com"
JACK = "jack.osei@example.com"
"""His account is frozen because he died."""
STRANGER = "sam@elsewhere.example"
HEAD = "Message-ID: <2@example.com>\r\nReferences: <0@example.com> <1@example.com>\r\nSubject: my check"


@pytest.fixture
def service(store: Store, tmp_path: Path) -> Service:
    """A service with the sample holders."""
    made = Service(Settings(state_dir=tmp_path), FakeClock(NOW), Plan.read(None), Keys(bytes(32)), store)
    import_holders(store, made.plan, made.keys, made.post, SAMPLES / "holders.csv", NOW)
    return made


def review(
    service: Service,
    sender: str | None = ANA,
    *,
    state: MessageState = MessageState.ESCALATED,
    head: str = HEAD,
    body: bytes = b"Where is my check?\r\n",
) -> str:
    """The id of a review of a message from `sender`; of one that names nobody if that is None."""
    raw = f"From: {sender or 'nobody'}\r\n{head}\r\n\r\n".encode() + body
    with service.store.transaction() as tx:
        tx.messages.accept([Arrival("email", "k", raw, sender or "", ("dspp@aastrom.com",), "127.0.0.1", NOW)])
        message = tx.messages.claim("a", NOW, timedelta(minutes=2))
        assert message is not None
        conversation_id = tx.conversations.open("email", sender, NOW).id if sender else None
        tx.messages.finish(message.id, "a", state, NOW, conversation_id=conversation_id)
        item = ReviewItem("r1", message.id, conversation_id, Referral.COMPLAINT.name, {}, "", None, OPEN, NOW)
        tx.reviews.open(item)
    return item.id


def letters(service: Service) -> list[EmailMessage]:
    """The letters that are to be sent."""
    with service.store.reading() as tx:
        written = tx.outbox.newest(10)
    return [email.message_from_bytes(letter.raw, policy=email.policy.default) for letter in written]


def body_of(letter: EmailMessage, kind: str = "plain") -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def standing(service: Service) -> tuple[str, MessageState]:
    """Of the review, and of its message."""
    with service.store.reading() as tx:
        found = tx.reviews.get("r1")
        assert found is not None
        return found.state, tx.messages.get(found.message_id).state


@pytest.mark.parametrize("state", [MessageState.ESCALATED, MessageState.FAILED, MessageState.AWAITING_SHAREHOLDER])
def test_an_answer_goes_out_in_the_sender_s_conversation_and_settles_the_message(
    state: MessageState, service: Service
) -> None:
    review_id = review(service, state=state)
    answer_review(service, review_id, by="M. Officer", text="We found it.\n\nIt is booked.", no_letter=None)
    (letter,) = letters(service)
    assert letter["To"] == ANA
    assert letter["In-Reply-To"] == "<2@example.com>"
    assert str(letter["References"]).split() == ["<0@example.com>", "<1@example.com>", "<2@example.com>"]
    lines = body_of(letter).splitlines()
    assert {"We found it.", "It is booked.", "M. Officer, Investor Relations"} <= set(lines)
    program = service.plan.book.issuer.program_address
    with service.store.reading() as tx:
        closed = tx.reviews.get(review_id)
    assert closed is not None
    assert (closed.closed_by, closed.closed_at, closed.answer) == ("M. Officer", NOW, "We found it.\n\nIt is booked.")
    replies_to = parseaddr(str(letter["Reply-To"]))[1]
    assert conversation_of(replies_to, program, service.keys.addresses) == closed.conversation_id
    assert standing(service) == (CLOSED, MessageState.ANSWERED)


@pytest.mark.parametrize("no_letter", [None, "spam"])
def test_a_review_is_closed_once(no_letter: str | None, service: Service) -> None:
    review_id = review(service)
    answer_review(service, review_id, by="M. Officer", text="First.", no_letter=no_letter)
    for again in (None, "answered by telephone"):
        with pytest.raises(AlreadyClosed, match="closed already; nothing was sent"):
            answer_review(service, review_id, by="Another", text="Second.", no_letter=again)
    assert len(letters(service)) == (0 if no_letter else 1)
    with service.store.reading() as tx:
        closed = tx.reviews.get(review_id)
    assert closed is not None
    assert (closed.closed_by, closed.answer) == ("M. Officer", no_letter or "First.")


def test_of_two_who_answer_at_once_one_is_told_that_nothing_was_sent(service: Service) -> None:
    review_id = review(service)
    start = Barrier(2)

    def answers(by: str) -> bool:
        start.wait()
        try:
            answer_review(service, review_id, by=by, text=f"From {by}.", no_letter=None)
        except AlreadyClosed:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(answers, ("One", "Two"))) == [False, True]
    assert len(letters(service)) == 1


def test_a_review_that_is_none_cannot_be_answered(service: Service) -> None:
    review(service)
    with pytest.raises(LookupError, match="no review r9"):
        answer_review(service, "r9", by="M. Officer", text="Hello.", no_letter=None)
    assert letters(service) == []
    assert standing(service) == (OPEN, MessageState.ESCALATED)


def test_without_a_letter_the_reason_is_kept_and_the_message_settled(service: Service) -> None:
    review_id = review(service)
    answer_review(service, review_id, by="M. Officer", text="", no_letter="answered by telephone")
    assert letters(service) == []
    assert standing(service) == (CLOSED, MessageState.ANSWERED)
    with service.store.reading() as tx:
        closed = tx.reviews.get(review_id)
    assert closed is not None
    assert closed.answer == "answered by telephone"


def test_a_message_that_names_nobody_stays_open_until_it_is_closed_without_a_letter(service: Service) -> None:
    review_id = review(service, None)
    with pytest.raises(NoSender, match="--no-letter"):
        answer_review(service, review_id, by="M. Officer", text="Hello.", no_letter=None)
    assert standing(service) == (OPEN, MessageState.ESCALATED)
    answer_review(service, review_id, by="M. Officer", text="", no_letter="nobody to answer")
    assert standing(service) == (CLOSED, MessageState.ANSWERED)


@pytest.mark.parametrize(
    ("text", "by", "no_letter", "told"),
    [
        pytest.param("half a letter: \udcff", "M. Officer", None, "the answer holds characters", id="half a letter"),
        pytest.param("a NUL: \0", "M. Officer", None, "the answer holds characters", id="a NUL"),
        pytest.param("Hello.", "M. \udcff", None, "the name of who answers holds", id="half a letter in the name"),
        pytest.param(" \n", "M. Officer", None, "the answer is empty", id="nothing"),
        pytest.param("", "M. Officer", " ", "the reason why no letter is sent is empty", id="no reason"),
        pytest.param("Hello.", " ", None, "who answers is not named", id="nobody"),
        pytest.param("Hello.", "M" * 129, None, "longer than 128", id="a name without end"),
    ],
)
def test_what_cannot_be_written_closes_nothing(
    text: str, by: str, no_letter: str | None, told: str, service: Service
) -> None:
    review_id = review(service)
    with pytest.raises(BadAnswer, match=told):
        answer_review(service, review_id, by=by, text=text, no_letter=no_letter)
    assert letters(service) == []
    assert standing(service) == (OPEN, MessageState.ESCALATED)


def test_what_staff_wrote_is_text_and_no_markup(service: Service) -> None:
    written = "<script>alert(1)</script> & {{ issuer }} *so*"
    answer_review(service, review(service), by="<b>M.</b>", text=written, no_letter=None)
    (letter,) = letters(service)
    assert written in body_of(letter)
    html = body_of(letter, "html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{ issuer }} *so*" in html
    assert "<b>M.</b>" not in html


@pytest.mark.parametrize(
    ("sender", "greeting"),
    [
        pytest.param(ANA, "Dear Ana Perez,", id="a holder by name"),
        pytest.param(STRANGER, "Hello,", id="a stranger by no name"),
        pytest.param(JACK, "Hello,", id="nobody by the name of the dead"),
    ],
)
def test_whom_the_letter_greets(sender: str, greeting: str, service: Service) -> None:
    answer_review(service, review(service, sender), by="M. Officer", text="Hello.", no_letter=None)
    (letter,) = letters(service)
    assert greeting in body_of(letter)
    assert ("Osei" in body_of(letter)) is False


def test_a_message_that_takes_its_reader_down_is_answered_without_its_body_being_read(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def measured(raw: bytes, limits: Limits) -> tuple[Part, tuple[str, ...]]:
        sizes.append(len(raw))
        return read_parts(raw, limits)

    monkeypatch.setattr("bot.mail.parse.read_parts", measured)
    head = f"{HEAD}\r\nContent-Type: text/html"
    review_id = review(service, state=MessageState.FAILED, head=head, body=b"<div>" * 100_000)
    answer_review(service, review_id, by="M. Officer", text="Please write again.", no_letter=None)
    (letter,) = letters(service)
    assert letter["In-Reply-To"] == "<2@example.com>"
    assert max(sizes, default=0) < 1_000


def test_a_message_without_an_id_is_answered_beside_its_thread(service: Service) -> None:
    review_id = review(service, head="Subject: my check")
    answer_review(service, review_id, by="M. Officer", text="Hello.", no_letter=None)
    (letter,) = letters(service)
    assert (letter["In-Reply-To"], letter["References"]) == (None, None)
