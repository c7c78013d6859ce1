"""What comes with a message is listed for staff and saved as it was sent, and nothing of it is used on the way."""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import os
import stat
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.cli import main
from bot.mail.limits import Limits
from bot.mail.parse import attached_content, parse
from handlers.contract import Referral
from storage.messages import Arrival, MessageState
from storage.reviews import OPEN, ReviewItem
from storage.store import Store
from tests.storage.material import NOW

ANA = "ana@example.com"
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 20
RECEIVED = "Received: from mail.example.com ([192.0.2.7])\r\n\tby aastrom.com with ESMTP\r\n\tid x\r\n"
FOUND = "aastrom.com; dkim=fail header.d=example.com"
FORGED = b"Authentication-Results: aastrom.com; dkim=pass header.d=example.com\r\n"


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ANA, "dspp@aastrom.com", "my papers"
    message.set_content("The form is attached.\n")
    return message


def wire(message: EmailMessage) -> bytes:
    return message.as_bytes(policy=email.policy.SMTP)


def with_form(name: str = "form.pdf") -> bytes:
    message = letter()
    message.add_attachment(PDF, "application", "pdf", filename=name)
    return wire(message)


def kept(store: Store, raw: bytes, sender: dict[str, object] | None = None) -> None:
    """A stored message that the review r1 is about."""
    with store.transaction() as tx:
        arrival = Arrival("email", "k", raw, ANA, ("dspp@x",), "127.0.0.1", NOW, received=RECEIVED, sender=sender)
        tx.messages.accept([arrival])
        message = tx.messages.claim("a", NOW, timedelta(minutes=2))
        assert message is not None
        tx.messages.finish(message.id, "a", MessageState.ESCALATED, NOW)
        tx.reviews.open(ReviewItem("r1", message.id, None, Referral.UNREADABLE.name, {}, "", None, OPEN, NOW))


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert main(["reviews", "show", "r1", "--json"]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)["attachments"]
    return found


def test_a_file_is_listed_with_name_type_size_and_digest(opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    kept(opened, with_form())
    digest = hashlib.sha256(PDF).hexdigest()
    assert listed(capsys) == [
        {"number": 1, "file_name": "form.pdf", "content_type": "application/pdf", "size": len(PDF), "sha256": digest}
    ]
    line = f"1  form.pdf  application/pdf  {len(PDF):,} octets  SHA-256 {digest}"
    for command in (["reviews", "show", "r1"], ["explain", "r1"]):
        assert main(command) == 0
        assert line in capsys.readouterr().out.splitlines()
    assert main(["explain", "r1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["attachments"][0]["sha256"] == digest


def test_a_file_is_saved_octet_by_octet_for_its_owner_alone(opened: Store, tmp_path: Path) -> None:
    kept(opened, with_form())
    out = tmp_path / "saved"
    umask = os.umask(0)
    try:
        assert main(["reviews", "file", "r1", "1", "--out", str(out)]) == 0
    finally:
        os.umask(umask)
    assert out.read_bytes() == PDF
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.parametrize("what", ["file", "link", "dangling link"])
@pytest.mark.parametrize("command", [["file", "r1", "1"], ["original", "r1"]])
def test_what_is_there_already_stays(
    command: list[str], what: str, opened: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(opened, with_form())
    out, aim = tmp_path / "out", tmp_path / "aim"
    if what != "dangling link":
        aim.write_text("mine")
    if what == "file":
        aim.rename(out)
    else:
        out.symlink_to(aim)
    assert main(["reviews", *command, "--out", str(out)]) == 1
    assert "is there already; name a new file" in capsys.readouterr().err
    assert aim.exists() is (what == "link")
    assert what == "dangling link" or out.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("../../etc/passwd", "passwd", id="a path"),
        pytest.param("..\\..\\boot.ini", "boot.ini", id="a path of another system"),
        pytest.param("/etc/cron.d/job", "job", id="a whole path"),
        pytest.param("a\x1b[2J\u202efdp.exe", "a [2J fdp.exe", id="controls and turned letters"),
        pytest.param("..", "(no name)", id="nothing but dots"),
    ],
)
def test_the_sender_s_name_is_cleaned_where_it_is_shown_and_never_used(
    name: str,
    shown: str,
    opened: Store,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = tmp_path / "place" / "within"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    kept(opened, with_form(name))
    assert main(["reviews", "show", "r1"]) == 0
    text = capsys.readouterr().out
    assert f"1  {shown}  application/pdf" in text
    assert not any(sign in text for sign in "\x1b\u202e")
    assert main(["reviews", "file", "r1", "1", "--out", "saved"]) == 0
    assert [path.name for path in place.iterdir()] == ["saved"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["place", "state"]


def test_a_letter_within_a_letter_is_saved_as_it_was_attached(opened: Store, tmp_path: Path) -> None:
    message, inner = letter(), letter()
    inner.add_attachment(PDF, "application", "pdf", filename="inner.pdf")
    message.add_attachment(inner)
    kept(opened, wire(message))
    assert main(["reviews", "file", "r1", "1", "--out", str(tmp_path / "inner.eml")]) == 0
    read = email.message_from_bytes((tmp_path / "inner.eml").read_bytes(), policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    assert [part.get_content() for part in read.iter_attachments()] == [PDF]


def test_the_parts_of_an_encrypted_letter_are_listed_and_saved(
    opened: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed = b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----"
    kept(
        opened,
        b"From: ana@example.com\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\r\n\r\n'
        b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        b"--b\r\nContent-Type: application/octet-stream\r\n\r\n" + sealed + b"\r\n--b--\r\n",
    )
    types = [one["content_type"] for one in listed(capsys)]
    assert types == ["application/pgp-encrypted", "application/octet-stream"]
    assert main(["reviews", "file", "r1", "2", "--out", str(tmp_path / "sealed")]) == 0
    assert (tmp_path / "sealed").read_bytes() == sealed


def test_a_file_in_the_place_of_the_plain_text_is_not_lost() -> None:
    raw = (
        b"From: ana@example.com\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nmy order\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>hello</p>\r\n--b--\r\n"
    )
    assert [one.file_name for one in parse(raw, Limits()).attachments] == ["a.txt"]
    assert attached_content(raw, 1, Limits()) == b"my order"


@pytest.mark.parametrize("number", ["0", "2", "-1", "99999999999999999999"])
def test_a_number_of_no_file_is_told(
    number: str, opened: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(opened, with_form())
    assert main(["reviews", "file", "r1", "--out", str(tmp_path / "x"), "--", number]) == 1
    assert f"there is no file {number}" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("command", [["file", "r9", "1"], ["original", "r9"]])
def test_a_review_that_is_not_there_is_told(
    command: list[str], opened: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reviews", *command, "--out", str(tmp_path / "x")]) == 1
    assert "there is no review r9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sender", "findings"),
    [
        pytest.param({"results": FOUND}, FOUND, id="checked"),
        pytest.param(None, "aastrom.com; none", id="not checked"),
    ],
)
def test_the_original_leaves_with_our_findings_on_top_and_forged_ones_renamed(
    sender: dict[str, object] | None, findings: str, opened: Store, tmp_path: Path
) -> None:
    raw = with_form()
    kept(opened, FORGED + raw, sender)
    assert main(["reviews", "original", "r1", "--out", str(tmp_path / "original.eml")]) == 0
    on_top = f"Authentication-Results: {findings}\r\n{RECEIVED}".encode()
    assert (tmp_path / "original.eml").read_bytes() == on_top + b"X-Untrusted-" + FORGED + raw
    with opened.reading() as tx:
        review = tx.reviews.get("r1")
        assert review is not None
        assert tx.messages.get(review.message_id).raw == FORGED + raw, "what is stored stays"


def test_a_message_that_no_program_can_take_apart_can_be_had_whole(opened: Store, tmp_path: Path) -> None:
    raw = b"Content-Type: multipart/mixed\r\n\r\n\xff\xfe" + b"--" * 1_000
    kept(opened, raw)
    assert main(["reviews", "original", "r1", "--out", str(tmp_path / "whole")]) == 0
    assert (tmp_path / "whole").read_bytes().endswith(RECEIVED.encode() + raw)
