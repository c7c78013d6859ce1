"""What a program must not answer, and what it must."""

from __future__ import annotations

import pytest

from bot.mail.limits import Limits
from bot.mail.loopguard import ignore_reason
from bot.mail.parse import parse
from tests.mail.material import material

OWN = ["dspp@aastrom.com"]


def reason(head: str, mail_from: str | None = "ann@example.com", sender: str = "Ann <ann@example.com>") -> str | None:
    raw = f"From: {sender}\nSubject: hello\n{head}\n\nhi\n"
    if head.lower().startswith("subject:"):
        raw = raw.replace("Subject: hello\n", "", 1)
    return ignore_reason(parse(raw.encode(), Limits()), mail_from, OWN)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param("Auto-Submitted: auto-replied", "automatic_reply", id="auto-replied"),
        pytest.param("Auto-Submitted: auto-generated; owner-email=x", "automatic", id="auto-generated with parameters"),
        pytest.param("Auto-Submitted: auto-notified", "automatic", id="auto-notified"),
        pytest.param("Auto-Submitted: something-new", "automatic", id="a value yet to be invented"),
        pytest.param("Precedence: bulk", "bulk", id="bulk"),
        pytest.param("Precedence: junk", "bulk", id="junk"),
        pytest.param("Precedence: list", "list", id="list"),
        pytest.param("Precedence: auto_reply", "automatic_reply", id="auto_reply"),
        pytest.param("List-Id: <people.example.com>", "list", id="a list's id"),
        pytest.param("List-Unsubscribe: <mailto:x@example.com>", "list", id="a way to unsubscribe"),
        pytest.param("List-Post: NO", "list", id="a list that takes no post"),
        pytest.param("X-Autoreply: yes", "automatic_reply", id="X-Autoreply"),
        pytest.param("X-Autorespond: hello", "automatic_reply", id="X-Autorespond"),
        pytest.param("X-Auto-Response-Suppress: All", "automatic", id="suppress all"),
        pytest.param("X-Auto-Response-Suppress: DR, OOF, AutoReply", "automatic", id="suppress some"),
        pytest.param("X-Auto-Response-Suppress: OOF\nSubject: I am out of the office", "automatic", id="suppress away"),
        pytest.param("X-FC-MachineGenerated: true", "automatic", id="machine generated"),
        pytest.param("X-DSPP-Loop: dspp@aastrom.com", "loop", id="a letter of ours"),
        pytest.param("X-DSPP-Loop: other@example.com", "loop", id="a letter of another program like us"),
        pytest.param("X-Failed-Recipients: bob@example.com", "bounce", id="failed recipients"),
        pytest.param(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "bounce", id="a bounce"
        ),
        pytest.param(
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
            "receipt",
            id="a read receipt",
        ),
        pytest.param(
            "Content-Type: multipart/report; report-type=feedback-report; boundary=b", "report", id="a complaint"
        ),
        pytest.param("Subject: Automatic reply: Your order", "automatic_reply", id="Outlook's prefix"),
        pytest.param("Subject: Out of Office: back on Monday", "automatic_reply", id="away, with its colon"),
        pytest.param("Subject: Abwesenheitsnotiz: Ihr Auftrag", "automatic_reply", id="German"),
        pytest.param("Subject: Réponse automatique : votre ordre", "automatic_reply", id="French"),
        pytest.param(
            "Subject: =?utf-8?q?Respuesta_autom=C3=A1tica=3A_hola?=", "automatic_reply", id="Spanish, encoded"
        ),
    ],
)
def test_a_sign_of_a_program_is_not_answered(head: str, expected: str) -> None:
    assert reason(head) == expected


@pytest.mark.parametrize(
    ("mail_from", "sender", "head", "expected"),
    [
        pytest.param("", "Ann <ann@example.com>", "", "automatic", id="the null sender"),
        pytest.param("", "x@example.com", "Subject: Out of office", "automatic_reply", id="the null sender, away"),
        pytest.param(
            "", "x@example.com", "Subject: Undeliverable: your letter", "bounce", id="the null sender, failed"
        ),
        pytest.param(None, "x@example.com", "Return-Path: <>", "automatic", id="a null return path"),
        pytest.param("a@b.example", "MAILER-DAEMON@example.com", "", "bounce", id="the mailer daemon"),
        pytest.param("postmaster@example.com", "ann@example.com", "", "bounce", id="the postmaster, in the envelope"),
        pytest.param("a@b.example", "dspp@aastrom.com", "", "loop", id="ourselves"),
        pytest.param("a@b.example", "DSPP+c123@aastrom.com", "", "loop", id="ourselves, by a keyed address"),
        pytest.param("dspp+b123@aastrom.com", "ann@example.com", "", "loop", id="our own envelope sender"),
        pytest.param("a@b.example", "no-reply@example.com", "", "automatic", id="a mailbox that takes no replies"),
        pytest.param("a@b.example", "donotreply@example.com", "", "automatic", id="another one"),
        pytest.param("owner-people@example.com", "ann@example.com", "", "list", id="a list's owner"),
        pytest.param("people-request@example.com", "ann@example.com", "", "list", id="a list's desk"),
    ],
)
def test_a_sender_that_is_a_program_is_not_answered(
    mail_from: str | None, sender: str, head: str, expected: str
) -> None:
    assert reason(head or "X: y", mail_from, sender) == expected


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("X: y", id="plain"),
        pytest.param("Auto-Submitted: no", id="Auto-Submitted no"),
        pytest.param("Auto-Submitted: No (a comment)", id="Auto-Submitted no, with a comment"),
        pytest.param("Precedence: normal", id="normal precedence"),
        pytest.param("X-Auto-Response-Suppress: None", id="suppress nothing"),
        pytest.param("X-Auto-Response-Suppress: DR, RN, NRN", id="suppress receipts only"),
        pytest.param("Subject: I was out of the office, please sell all", id="away in a sentence"),
        pytest.param("Subject: Re: Automatic reply: your order", id="an answer to an automatic reply"),
        pytest.param("Subject: automatic reinvestment", id="automatic what else"),
        pytest.param("Subject: Auto debit for March", id="auto without a colon"),
        pytest.param("Subject: Undeliverable check", id="a failed check is no bounce"),
        pytest.param("Importance: high", id="urgent"),
        pytest.param("Content-Type: multipart/mixed; boundary=b", id="with files"),
    ],
)
def test_a_person_is_answered(head: str) -> None:
    assert reason(head) is None


@pytest.mark.parametrize(
    "sender",
    ["noreen@example.com", "ownerann@example.com", "bouncer.b@example.com", "d.spp@aastrom.com", "replyn@a.example"],
)
def test_people_with_odd_names_are_answered(sender: str) -> None:
    assert reason("X: y", sender, sender) is None


def test_our_own_letters_are_known_when_they_come_back() -> None:
    from datetime import UTC, datetime

    from bot.mail.compose import LetterParts, compose

    raw = compose(
        LetterParts("Your order", "text", "<p>text</p>"),
        program_name="Aastrom DSPP",
        from_address="dspp@aastrom.com",
        to_address="ann@example.com",
        reply_to="dspp@aastrom.com",
        message_id="<1@aastrom.com>",
        date=datetime(2003, 11, 4, tzinfo=UTC),
    )
    assert ignore_reason(parse(raw, Limits()), "ann@example.com", OWN) == "loop"
    without = raw.replace(b"X-DSPP-Loop", b"X-Other").replace(b"dspp@aastrom.com", b"dspp@example.com")
    assert ignore_reason(parse(without, Limits()), "ann@example.com", OWN) == "automatic"


@pytest.mark.parametrize(
    "name",
    ["delayed_dsn", "multi_recipient_dsn", "simple_dsn", "simple_dsn_with_html", "dsn_with_multipart_alternative"],
)
def test_public_bounces_are_not_answered(name: str) -> None:
    raw = (material("mime/enmime/dsn/testdata") / f"{name}.raw").read_bytes()
    assert ignore_reason(parse(raw, Limits()), None, OWN) == "bounce"
