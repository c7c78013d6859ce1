"""What a program must not answer, and what it must."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.limits import Limits
from bot.mail.loopguard import ignore_reason, sameness
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


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param("Auto-Submitted: (by vacation) auto-replied", "automatic_reply", id="a comment first"),
        pytest.param("Auto-Submitted: (a (nested) one)auto-replied(;)", "automatic_reply", id="comments around"),
        pytest.param("Auto-Submitted: Auto-Replied ; owner=x", "automatic_reply", id="capitals and a parameter"),
        pytest.param('Auto-Submitted: "auto-generated"', "automatic", id="in quotes"),
        pytest.param("Auto-Submitted:\n auto-replied", "automatic_reply", id="folded"),
        pytest.param("Auto-Submitted: no\nAuto-Submitted: auto-replied", "automatic_reply", id="said twice"),
        pytest.param("Auto-Submitted: auto-replied;owner=x", "automatic_reply", id="a parameter without a space"),
        pytest.param("Auto-Submitted: ) auto-replied", "automatic", id="a comment that never began"),
        pytest.param("X-Message-Class: REPORT.IPM\nSubject: on vacation", "receipt", id="a receipt, away"),
        pytest.param("Precedence: bulk (vacation)", "bulk", id="bulk with a comment"),
        pytest.param("X-Precedence: auto_reply", "automatic_reply", id="X-Precedence"),
        pytest.param("Preference: auto_reply", "automatic_reply", id="a panel's slip"),
        pytest.param("Precedence: normal\nPrecedence: list", "list", id="a list's, said second"),
        pytest.param("X-Autoreply:", "automatic_reply", id="an empty field"),
        pytest.param("X-Autoreply-From: ann@example.com", "automatic_reply", id="who replies"),
        pytest.param("X-Mail-Autoreply: mta", "automatic_reply", id="a hosting program"),
        pytest.param("X-POST-MessageClass: 9; Autoresponder", "automatic_reply", id="Mailtraq"),
        pytest.param("Delivered-To: Autoresponder", "automatic_reply", id="qmail"),
        pytest.param("X-Autogenerated: Reply", "automatic_reply", id="CommuniGate, a reply"),
        pytest.param("X-Autogenerated: Forward", "automatic", id="CommuniGate, anything else"),
        pytest.param("X-Mailer: vacation 1.2.7", "automatic_reply", id="a vacation program"),
        pytest.param("X-Mailer: AutoResponder Plus", "automatic_reply", id="an answering program"),
        pytest.param("Message-Class: IPM.Note.Rules.OofTemplate.Microsoft", "automatic_reply", id="Exchange, away"),
        pytest.param("X-Message-Class: REPORT.IPM.Note.IPNRN", "receipt", id="Exchange, read"),
        pytest.param("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "automatic", id="Exchange, a rule"),
        pytest.param("X-Mailer: Zendesk Mailer", "automatic", id="Zendesk, by its name"),
        pytest.param("X-Zendesk-From-Account-Id: 1a2b3c4", "automatic", id="Zendesk"),
        pytest.param("X-Mailer: Freshdesk", "automatic", id="Freshdesk"),
        pytest.param("X-JIRA-FingerPrint: 0123456789abcdef", "automatic", id="Jira"),
        pytest.param("X-ServiceNow-Generated: true", "automatic", id="ServiceNow"),
        pytest.param("X-RT-Loop-Prevention: tickets.example", "automatic", id="Request Tracker"),
        pytest.param("X-Powered-By: OTRS - Open Ticket Request System", "automatic", id="OTRS"),
        pytest.param("X-Cron-Env: <SHELL=sh>", "automatic", id="cron"),
        pytest.param("Reply-To: ann-confirm-1068.abc@example.com", "automatic", id="TMDA's challenge"),
        pytest.param("X-BeenThere: people@example.com", "list", id="Mailman"),
        pytest.param("Mailing-List: contact people-help@example.com", "list", id="ezmlm"),
        pytest.param("X-Loop: dspp@aastrom.com", "loop", id="another program's mark of us"),
        pytest.param("X-Loop: <DSPP+c123@aastrom.com>", "loop", id="by a keyed address"),
        pytest.param("Content-Type: text/calendar; charset=utf-8; method=REPLY", "automatic", id="a calendar's yes"),
        pytest.param('Content-Type: text/calendar; method="reply"', "automatic", id="another"),
        pytest.param("Content-Type: message/disposition-notification", "receipt", id="a bare receipt"),
        pytest.param(
            "Content-Type: multipart/report; report-type=tlsrpt; boundary=b", "report", id="a report about TLS"
        ),
        pytest.param("TLS-Report-Domain: aastrom.com", "report", id="a report about TLS, by its field"),
        pytest.param(
            "Subject: Report Domain: aastrom.com Submitter: x.example Report-ID: <1>", "report", id="about DMARC"
        ),
        pytest.param(
            'Content-Type: application/gzip; name="x.example!aastrom.com!1067990400!1068076799.xml.gz"',
            "report",
            id="a report about DMARC, by its file",
        ),
        pytest.param("Subject: AUTO: Ann Holder is out of the office", "automatic_reply", id="Domino"),
        pytest.param(
            "Subject: Ann Holder is out of the office (returning 11/10/2003)", "automatic_reply", id="Domino, older"
        ),
        pytest.param("Subject: Out of Office AutoReply: Your order", "automatic_reply", id="Exchange 2003"),
        pytest.param("Subject: [Auto-Reply] Your order", "automatic_reply", id="in brackets"),
        pytest.param("Subject: Vacation reply", "automatic_reply", id="a vacation program's heading"),
        pytest.param("Subject: Abwesenheitsnotiz", "automatic_reply", id="a heading in German"),
        *(
            pytest.param(f"Subject: {prefix} Your order", "automatic_reply", id=f"as {prefix}")
            for prefix in (
                "Automatische Antwort:", "Risposta automatica:", "Resposta automática:", "Automatisch antwoord:",
                "Automatiskt svar:", "Automatisk svar:", "Automaattinen vastaus:", "Odpowiedź automatyczna:",
                "Automatická odpověď:", "Automatikus válasz:", "Răspuns automat:", "Otomatik Yanıt:",
                "Αυτόματη απάντηση:", "Автоматический ответ:", "Автоматична відповідь:", "תשובה אוטומטית:",
                "رد تلقائي:", "自動応答：", "自动答复:", "자동 회신:", "Trả lời tự động:", "Absence du bureau :",
            )
        ),
    ],
)  # fmt: skip
def test_programs_are_known_by_what_they_add(head: str, expected: str) -> None:
    assert reason(head) == expected


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        pytest.param(
            "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com", "automatic", id="Exchange itself"
        ),
        pytest.param("postmaster@example.com", "bounce", id="the postmaster, about a full mailbox"),
        pytest.param("nicht-antworten@example.com", "automatic", id="no replies, in German"),
        pytest.param("ne-pas-repondre@example.com", "automatic", id="no replies, in French"),
        pytest.param("no-responder@example.com", "automatic", id="no replies, in Spanish"),
        pytest.param("nao-responda@example.com", "automatic", id="no replies, in Portuguese"),
        pytest.param("notifications@example.com", "automatic", id="notifications"),
        pytest.param("ann-confirm-1068.abc@example.com", "automatic", id="TMDA"),
        pytest.param("Boxbe <challenge@notify.boxbe.com>", "automatic", id="Boxbe"),
    ],
)
def test_a_mailbox_of_a_program_is_not_answered(sender: str, expected: str) -> None:
    assert reason("X: y", "x@example.com", sender) == expected


def test_an_envelope_sender_in_brackets_is_known() -> None:
    assert reason("X: y", "<dspp@aastrom.com>") == "loop"


def test_a_calendars_answer_is_known_by_its_subject_only_where_a_calendar_entry_came() -> None:
    body = (
        "Subject: Accepted: Meeting\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nyes\n--b\nContent-Type: "
    )
    assert reason(f"{body}text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n--b--") == "automatic"
    assert reason(f"{body}text/html\n\n<p>yes</p>\n--b--") is None
    invited = body.replace("Accepted: Meeting", "Meeting about my shares")
    assert reason(f"{invited}text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--b--") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Ticket #4711 is open.", "TICKET #99812 is  open", id="ticket numbers, case, spaces and marks"),
        pytest.param("Case [ABC-1234-x] received", "case [QQ-9] received", id="lettered ticket numbers"),
        pytest.param("I am back on Monday.", "I am back on Thursday.", id="days"),
        pytest.param("Back on 5 Nov 2003", "Back on 12/11/2003", id="dates"),
        pytest.param("Back on May 5th", "Back on November 12", id="months that are words, beside a number"),
        pytest.param("Received at 10:15 am EST", "Received at 22:45:01", id="times"),
        pytest.param("Id 6f1e0c9a-beef-4c00-8000-deadbeef0001", "Id 0", id="long ids"),
        pytest.param("See https://x.example/t/12?k=a9", "See https://y.example/t/13", id="links with numbers"),
        pytest.param("Wir danken für Ihre Nachricht 12", "WIR DANKEN FÜR IHRE NACHRICHT 13", id="beyond ASCII"),
        pytest.param("受付番号１２３です", "受付番号９です", id="numbers within words"),
        pytest.param("Numbers 1, 2 and 3 4 5", "Numbers 9 8, and 7", id="several numbers"),
        pytest.param("Ｐｌｅａｓｅ wait", "please wait", id="wide letters"),
        pytest.param("رقم ١٢٣", "رقم ٩", id="digits of other scripts"),
    ],
)
def test_a_programs_words_are_the_same_whatever_number_they_bear(one: str, other: str) -> None:
    assert sameness(one) == sameness(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Please sell 10 shares", "Please buy 10 shares", id="another verb"),
        pytest.param("Please sell my shares", "Please sell 10 shares", id="a number or none"),
        pytest.param("You may sell", "You march sell", id="words that are months elsewhere"),
        pytest.param("yes", "no", id="one word"),
        pytest.param("请买入250美元", "请卖出250股", id="words without spaces around a number"),
    ],
)
def test_different_words_are_not_the_same(one: str, other: str) -> None:
    assert sameness(one) != sameness(other)


def test_nothing_is_the_same_as_nothing_else() -> None:
    assert sameness("") == sameness(" \n--- !!! ...") == ""
    assert len(sameness("yes")) == 64


@given(st.text(max_size=500))
def test_sameness_takes_any_text_and_forgets_case_and_spaces(text: str) -> None:
    digest = sameness(text)
    assert len(digest) in (0, 64)
    assert sameness("\n ".join(text.split(" "))) == digest
    if text.isascii():
        assert sameness(text.upper()) == digest


def test_only_the_beginning_of_a_long_text_counts() -> None:
    assert sameness("word " * 4_000 + "yes") == sameness("word " * 4_000 + "no")
