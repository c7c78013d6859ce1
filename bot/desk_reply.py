"""Staff's own answers: written in the sender's conversation, recorded with who wrote them."""

from __future__ import annotations

from bot.answer import name_for
from bot.app import Service
from bot.post import Answering
from bot.reading import read_head
from bot.render import Section
from storage.audit import AuditKind, staff
from storage.messages import MessageState


class AlreadyClosed(RuntimeError):
    """Somebody else has closed this review. Nothing was sent."""


class NoSender(RuntimeError):
    """The message names nobody who could be answered. Close it with --no-letter."""


class BadAnswer(ValueError):
    """What is to be written cannot be: it is empty, too long, or no text. Nothing was sent, nothing closed."""


NAME_AT_MOST = 128
"""Characters of a name that the store keeps."""


def _checked(by: str, text: str, no_letter: str | None) -> None:
    """BadAnswer, if who answers or what they say cannot be kept and sent as it is."""
    if not by.strip():
        raise BadAnswer("who answers is not named")
    if len(by) > NAME_AT_MOST:
        raise BadAnswer(f"the name of who answers is longer than {NAME_AT_MOST} characters")
    said, what = (text, "the answer") if no_letter is None else (no_letter, "the reason why no letter is sent")
    if not said.strip():
        raise BadAnswer(f"{what} is empty")
    for name, written in (("the name of who answers", by), (what, said)):
        if any("\ud800" <= character <= "\udfff" or character == "\0" for character in written):
            raise BadAnswer(f"{name} holds characters that are no text; write it in UTF-8")


def answer_review(service: Service, review_id: str, *, by: str, text: str, no_letter: str | None) -> None:
    """Close a review with a letter, or without one for a reason. BadAnswer, LookupError, AlreadyClosed, NoSender."""
    _checked(by, text, no_letter)
    now = service.clock.now()
    with service.store.transaction() as tx:
        review = tx.reviews.get(review_id)
        if review is None:
            raise LookupError(f"there is no review {review_id}")
        if not tx.reviews.close(review_id, by, no_letter or text, now):
            raise AlreadyClosed(f"review {review_id} is closed already; nothing was sent")
        tx.messages.settle(review.message_id, MessageState.ANSWERED, now)
        facts = {"command": "reviews answer", "message": review.message_id, "letter": no_letter is None}
        private = {"text": no_letter or text}
        tx.audit.note(staff(by), AuditKind.STAFF_ACT, f"review:{review_id}", facts, now, private=private)
        if no_letter is not None:
            return
        conversation = tx.conversations.get(review.conversation_id) if review.conversation_id else None
        if conversation is None:
            raise NoSender("the message names nobody who could be answered; close it with --no-letter")
        message = tx.messages.get(review.message_id)
        # Its body may be what took the reader down.
        head = read_head(message.raw, message.mail_from, service.plan.book.issuer.program_address)
        service.post.reply(
            tx,
            conversation,
            [Section("_shared/staff_reply.j2", {"text": text, "by": by})],
            cause=f"review:{review_id}",
            kind="_shared/staff_reply",
            name=name_for(tx.registrations.of_email(conversation.address)),
            now=now,
            answering=Answering(head.rfc_message_id, head.references),
        )
