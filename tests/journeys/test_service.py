"""The service as its users have it: a real process, real SMTP, real files, on both databases."""

from __future__ import annotations

import json
import re
import smtplib
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from pathlib import Path

import pytest

from bot.codes import candidates
from tests.databases import migrated_postgres
from tests.service_process import ANSWER_SECONDS, ServiceProcess

pytestmark = pytest.mark.slow

ANA = "ana.perez@example.com"
BOB = "bob.miller@example.com"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model: Path
) -> Iterator[ServiceProcess]:
    """A service with the sample holders."""
    folder = tmp_path_factory.mktemp(request.param)
    environment = {"DSPP_CLOCK": "2004-02-02T09:00:00-05:00"}
    with ExitStack() as resources:
        if request.param == "postgresql":
            environment["DSPP_DATABASE_URL"] = resources.enter_context(migrated_postgres())
        started = ServiceProcess(folder, model, environment)
        started.command("migrate")
        started.command("samples")
        started.start()
        resources.callback(started.stop)
        yield started


def mail(sender: str, body: str, to: str = "dspp@aastrom.com", subject: str = "the plan") -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain="client.example")
    message.set_content(body)
    return message


def answer(service: ServiceProcess, message: EmailMessage, times: int = 1) -> EmailMessage:
    """Send a message, several times if wished, and wait for its one answer."""
    for _ in range(times):
        assert service.send(message)
    message_id = str(message["Message-ID"])
    service.wait_until(lambda: bool(service.answers_to(message_id)), ANSWER_SECONDS, "an answer")
    (only,) = service.answers_to(message_id)
    return only


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def confirmed(service: ServiceProcess, read_back: EmailMessage, sender: str, times: int = 1) -> EmailMessage:
    """Reply with the code."""
    ((_written, code),) = candidates(text(read_back))
    return answer(service, mail(sender, code, parseaddr(str(read_back["Reply-To"]))[1]), times)


def test_the_five_core_requests_are_answered_rightly_also_when_every_message_is_sent_twice(
    service: ServiceProcess,
) -> None:
    assert "New Jersey" in text(answer(service, mail(BOB, "Can people in New Jersey join the program?"), 2))
    enroll = answer(service, mail(BOB, "I am a registered holder and would like to enroll in the program."), 2)
    assert "You are enrolled" in str(confirmed(service, enroll, BOB, 2)["Subject"])
    buy = answer(service, mail(ANA, "Please invest $500 for me this month by check."), 2)
    assert "$500.00 (five hundred dollars)" in text(buy)
    assert "This is not a purchase and not a price" in text(confirmed(service, buy, ANA, 2))
    sell = answer(service, mail(ANA, "Please sell 200 of my plan shares."), 2)
    assert "200.0000 shares (two hundred shares)" in text(sell)
    assert "sale" in str(confirmed(service, sell, ANA, 2)["Subject"])
    balance = answer(service, mail(ANA, "How many shares do I have in the plan?"), 2)
    assert "1,250.5000" in text(confirmed(service, balance, ANA, 2))
    status = answer(service, mail(ANA, "What is the status of my orders?"))
    told = text(confirmed(service, status, ANA))
    assert len(re.findall(r"Order number P-", told)) == 1, "the purchase stands once"
    assert len(re.findall(r"Order number S-", told)) == 1, "the sale stands once"


@pytest.mark.parametrize(
    "recipient",
    [
        pytest.param("nobody@aastrom.com", id="another mailbox"),
        pytest.param("dspp@elsewhere.example", id="another domain"),
        pytest.param("dspp+c234567@aastrom.com", id="a made-up reply address"),
    ],
)
def test_an_unknown_recipient_is_refused(service: ServiceProcess, recipient: str) -> None:
    with smtplib.SMTP("127.0.0.1", service.smtp_port) as client:
        client.ehlo("client.example")
        client.mail("x@example.com")
        assert client.rcpt(recipient)[0] == 550


def test_too_large_a_message_is_refused(service: ServiceProcess) -> None:
    with smtplib.SMTP("127.0.0.1", service.smtp_port) as client:
        client.ehlo("client.example")
        assert client.mail("x@example.com", ["SIZE=50000000"])[0] == 552


def test_the_service_tells_how_it_is(service: ServiceProcess) -> None:
    for path, wanted in (
        ("healthz", "ok"),
        ("readyz", "ready"),
        ("metrics", "dspp_messages"),
        ("", "dspp@aastrom.com"),
    ):
        with urllib.request.urlopen(f"http://127.0.0.1:{service.http_port}/{path}") as page:
            assert wanted in page.read().decode()
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_development_page_shows_letters_and_hides_what_is_hostile(service: ServiceProcess) -> None:
    letter = answer(
        service, mail("x@elsewhere.example", "How is the price worked out?", subject="<script>alert(1)</script>")
    )
    with urllib.request.urlopen(f"http://127.0.0.1:{service.http_port}/development/outbox") as page:
        shown = page.read().decode()
    assert str(letter["Subject"]) in shown
    assert "<script>" not in shown


def test_staff_answer_what_waits_for_them(service: ServiceProcess) -> None:
    asked = mail("upset@elsewhere.example", "You lost my check and nobody answers! I want to make a formal complaint.")
    answer(service, asked)
    rows = json.loads(service.command("reviews", "list", "--json").stdout)
    (review,) = [row["id"] for row in rows if row["reason"] == "a complaint"]
    shown = service.command("reviews", "show", review).stdout
    assert "You lost my check" in shown
    service.command(
        "reviews", "answer", review, "--by", "M. Officer", "--text", "We found your check.\n\nIt is booked."
    )
    message_id = str(asked["Message-ID"])
    service.wait_until(lambda: len(service.answers_to(message_id)) == 2, ANSWER_SECONDS, "the officer's answer")
    assert any("We found your check." in text(letter) for letter in service.answers_to(message_id))
    again = service.command("reviews", "answer", review, "--by", "Other", "--text", "Again", check=False)
    assert again.returncode == 1
    assert "closed already" in again.stderr


def test_doctor_finds_the_set_up_in_order(service: ServiceProcess) -> None:
    done = service.command("doctor", "--json", check=False)
    verdicts = {finding["what"]: finding["verdict"] for finding in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert verdicts["database"] == "ok"
    assert verdicts["language model"] == "ok"


def test_classify_speaks_the_labels(service: ServiceProcess, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(
        '{"id": "a", "channel": "email", "subject": "", "body": "Please invest $500 by check."}\nnot json\n'
    )
    done = service.command("classify", str(lines), check=False)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["id"] == "a"
    assert first["intents"] == ["buy"]
    assert first["slots"] == {"amount_usd": "500.00", "payment_method": "check"}
    assert first["action"] == "execute"
    assert "error" in second
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        pytest.param(["holders", "import", "nowhere.csv"], 1, "nowhere.csv", id="a file that is not there"),
        pytest.param(["serve", "--roles", "dancing"], 2, "dancing", id="a role that is none"),
        pytest.param(["frobnicate"], 2, "frobnicate", id="a command that is none"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(service: ServiceProcess, words: list[str], status: int, says: str) -> None:
    done = service.command(*words, check=False)
    assert done.returncode == status
    assert says in done.stderr
    assert "Traceback" not in done.stderr
