"""Letters that people write, with all that their programs, providers and relays add: each of them is answered."""

from __future__ import annotations

import pytest

from bot.mail.loopguard import ignore_reason
from tests.mail.messages import mail

OWN = ["dspp@aastrom.com"]
ANN = "ann@holder.example"
REPLY = "In-Reply-To: <letter-1@aastrom.com>\nReferences: <letter-1@aastrom.com>"


def reason(head: str, mail_from: str | None = ANN, body: str = "Please sell 10 shares.\n") -> str | None:
    sender = "" if head.lower().startswith("from:") else f"From: Ann Holder <{ANN}>\n"
    subject = "" if "subject:" in head.lower() else "Subject: My shares\n"
    return ignore_reason(mail(sender + subject + head, body), mail_from, OWN)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("X-Mailer: Microsoft Outlook 16.0\nThread-Index: AdPq=\nX-MS-Has-Attach: yes", id="Outlook"),
        pytest.param(
            "X-MS-Exchange-Organization-SCL: -1\nX-MS-TNEF-Correlator:\nX-OriginatorOrg: holder.example", id="Exchange"
        ),
        pytest.param("X-MS-Exchange-Inbox-Rules-Loop: ann@holder.example", id="forwarded by a rule"),
        pytest.param("X-Mailer: iPhone Mail (21B101)\nMime-Version: 1.0 (1.0)", id="iPhone"),
        pytest.param("X-Mailer: Apple Mail (2.3731)\nX-Universally-Unique-Identifier: 1", id="Apple Mail"),
        pytest.param(
            "User-Agent: Mozilla Thunderbird\nAutocrypt: addr=ann@holder.example; keydata=x", id="Thunderbird"
        ),
        pytest.param("X-Mailer: YahooMailAndroidMobile\nX-Yahoo-Newman-Id: 1", id="Yahoo on a telephone"),
        pytest.param("X-Mailer: Novell GroupWise 8.0", id="GroupWise"),
        pytest.param("X-Mailer: Lotus Notes Release 8.5\nX-MIMETrack: Serialize by Router", id="Lotus Notes"),
        pytest.param("X-Mailer: EM_Client/9\nX-Priority: 1 (Highest)\nX-MSMail-Priority: High", id="urgent"),
        pytest.param("Importance: high\nPriority: urgent\nSensitivity: Company-Confidential", id="important"),
        pytest.param("Disposition-Notification-To: ann@holder.example", id="asks for a receipt"),
        pytest.param(
            "Return-Receipt-To: ann@holder.example\nX-Confirm-Reading-To: ann@holder.example", id="asks twice"
        ),
        pytest.param("Precedence: first-class", id="first class"),
        pytest.param("Precedence: special-delivery", id="special delivery"),
        pytest.param("Auto-Submitted: no", id="says that a person wrote"),
        pytest.param("Auto-Submitted: (typed) NO (really); x=y", id="says so with comments"),
        pytest.param("Auto-Submitted:", id="says nothing"),
        pytest.param("X-Autoreply: no", id="no automatic reply"),
        pytest.param("X-Auto-Response-Suppress: DR, RN, NRN", id="wants no receipts"),
        pytest.param(f"List-Unsubscribe: <mailto:u@crm.example>\n{REPLY}", id="a way to unsubscribe, in a reply"),
        pytest.param(
            f"List-Unsubscribe: <https://c.example>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n{REPLY}",
            id="two of them, in a reply",
        ),
        pytest.param(
            "Feedback-ID: 1.us-east-1.abc=:AmazonSES\nX-SES-Outgoing: 2003.11.05-54.240.0.1", id="through SES"
        ),
        pytest.param("X-SG-EID: abc\nX-Mailgun-Sid: abc", id="through a sending service"),
        pytest.param("X-Loop: ann@holder.example", id="forwarded with procmail"),
        pytest.param(
            "X-Forwarded-For: ann@old.example ann@holder.example\nX-Forwarded-To: x@y.example", id="forwarded by Gmail"
        ),
        pytest.param("Resent-From: bob@holder.example\nResent-To: dspp@aastrom.com", id="resent"),
        pytest.param("X-Spam-Flag: NO\nX-Spam-Status: No, score=-1\nX-Barracuda-Spam-Score: 0", id="passed a filter"),
        pytest.param("X-Mimecast-Spam-Score: 0\nX-Proofpoint-Virus-Version: vendor=x", id="passed two"),
        pytest.param(
            "DKIM-Signature: v=1; a=rsa-sha256\nARC-Seal: i=1\nAuthentication-Results: mx; dkim=pass", id="signed"
        ),
        pytest.param("X-Antivirus: Avast\nX-Antivirus-Status: Clean", id="scanned"),
        pytest.param("Errors-To: ann@holder.example\nReply-To: ann@elsewhere.example", id="answers elsewhere"),
        pytest.param("Delivered-To: dspp@aastrom.com\nX-Original-To: dspp@aastrom.com", id="delivered"),
        pytest.param("X-Report-Abuse: see our page\nX-Complaints-To: abuse@holder.example", id="where to complain"),
        pytest.param("X-Gm-Message-State: AOJu0\nX-Google-Smtp-Source: AGHT\nX-Received: by 2002:a05", id="Gmail"),
        pytest.param("Content-Class: urn:content-classes:message", id="of a class"),
        pytest.param("Message-Class: IPM.Note", id="a note"),
        pytest.param("X-Sieve: CMU Sieve 2.4", id="sorted"),
        pytest.param("Subject: Automatic investment of $100", id="about automatic investment"),
        pytest.param("Subject: Auto insurance and my shares", id="about a car"),
        pytest.param("Subject: Out of the office until Friday, please sell first", id="away, in a sentence"),
        pytest.param("Subject: My broker is out of the office", id="somebody else is away"),
        pytest.param("Subject: On vacation, please hold my order", id="on vacation"),
        pytest.param("Subject: Re: Automatic reply: Your order", id="an answer to an automatic reply"),
        pytest.param("Subject: Fwd: Undeliverable: Your order", id="forwards a bounce"),
        pytest.param("Subject: Undeliverable statement", id="a statement that did not come"),
        pytest.param("Subject: Accepted: your terms", id="accepts something"),
        pytest.param("Subject: Your mailbox is full?", id="asks about our mailbox"),
        pytest.param("Subject: Delivery failure of my certificate", id="a certificate that did not come"),
        pytest.param("Subject: Report domain change", id="reports a change"),
        pytest.param("Subject: Read: my letter of May", id="wants to be read"),
        pytest.param("Subject: autoreinvest", id="one word"),
        pytest.param("Subject: Urlaub: bitte Auftrag verschieben", id="on holiday, in German"),
        pytest.param(
            "Content-Type: multipart/mixed; boundary=b; report-type=delivery-status",
            id="a parameter that means nothing",
        ),
    ],
)
def test_a_persons_letter_is_answered(head: str) -> None:
    assert reason(head) is None


@pytest.mark.parametrize(
    "mail_from",
    [
        pytest.param("SRS0=abcd=ZZ=holder.example=ann@forwarder.example", id="a forwarder's"),
        pytest.param("prvs=123456789=ann@holder.example", id="with a tag against forged bounces"),
        pytest.param("btv1==123==ann@holder.example", id="with another"),
        pytest.param("0100018f-abc-000000@eu-west-1.amazonses.com", id="SES's"),
        pytest.param("msprvs1=18000abc=bounce-12345@sparkpostmail.example", id="a sending service's"),
        pytest.param("ann+dspp@holder.example", id="with a tag of hers"),
        pytest.param(None, id="unknown"),
    ],
)
def test_a_letter_with_an_odd_envelope_sender_is_answered(mail_from: str | None) -> None:
    assert reason("X: y", mail_from) is None


@pytest.mark.parametrize(
    "local",
    [
        "noreen", "nora.reply", "bounceback.bob", "reply", "autoparts", "auto", "notify.ann", "confirm", "cronin",
        "list.ann", "mailmanjohn", "postmaster.general", "vacationer", "daemon.smith", "norepentance", "listowner",
        "no.reservations", "o-owner", "challenger", "ann-confirm", "requester", "sympa", "vacation",
    ],
)  # fmt: skip
def test_a_person_with_an_odd_mailbox_is_answered(local: str) -> None:
    address = f"{local}@holder.example"
    assert reason(f"From: {address}", address) is None


def test_a_person_whose_provider_asks_senders_to_prove_themselves_is_answered() -> None:
    assert reason("From: ann@spamarrest.com", "ann@spamarrest.com") is None


def test_a_person_may_write_of_absence_and_of_bounces() -> None:
    body = (
        "This is an automatic reply, my wife says. I was out of the office. Your letter was undeliverable. Sell all.\n"
    )
    assert reason("Subject: Sell", body=body) is None


def test_an_unsubscribing_letter_that_answers_nothing_is_a_lists() -> None:
    assert reason("List-Unsubscribe: <mailto:u@crm.example>") == "list"
    assert reason(f"List-Unsubscribe: <mailto:u@crm.example>\nList-Id: <x.example>\n{REPLY}") == "list"
    assert reason(f"List-Unsubscribe: <mailto:u@crm.example>\nPrecedence: bulk\n{REPLY}") == "bulk"
