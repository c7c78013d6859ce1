"""PINs go to holders by post and stand nowhere else; staff see, unlock and revoke what a holder has."""

from __future__ import annotations

import email
import email.policy
import json
import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest

from bot.audit import seal_all
from bot.cli import main
from bot.keys import read_keys
from bot.second_factor import Given, SecondFactorCheck
from handlers.plan.accounts import Hold
from storage.audit import AuditKind
from storage.outbox import OutboxState
from storage.store import Store

ACCOUNT = "CST-10001"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def holders(opened: Store, capsys: pytest.CaptureFixture[str]) -> Store:
    """The store with the sample holders."""
    assert main(["samples"]) == 0
    capsys.readouterr()
    return opened


def taxpayer(store: Store) -> str:
    with store.reading() as tx:
        holder = tx.registrations.by_account_number(ACCOUNT)
    assert holder is not None
    return holder.taxpayer


def given(store: Store, folder: Path, typed: str) -> Given:
    check = SecondFactorCheck(read_keys(folder / "secret.key"))
    with store.transaction() as tx:
        return check.check(tx, [taxpayer(store)], typed, most_tries=5, now=NOW, at=datetime.now(UTC))


def new_pin(tmp_path: Path, name: str = "pin.txt") -> str:
    letter = tmp_path / name
    assert main(["factors", "pin", ACCOUNT, "--by", "J. Doe", "--letter", str(letter)]) == 0
    assert stat.S_IMODE(letter.stat().st_mode) == 0o600
    text = letter.read_text(encoding="utf-8")
    assert "Ana Perez" in text
    assert "****0001" in text
    assert ACCOUNT not in text
    (pin,) = re.findall(r"^ {4}(\d{6})$", text, re.MULTILINE)
    return str(pin)


def test_a_new_pin_stands_in_its_letter_alone_and_replaces_the_old(
    holders: Store, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = new_pin(tmp_path)
    second = new_pin(tmp_path, "again.txt")
    told = capsys.readouterr()
    assert second not in told.out + told.err
    with holders.reading() as tx:
        (factor,) = tx.second_factors.standing([taxpayer(holders)])
    assert second not in factor.secret
    if first != second:
        assert given(holders, folder, first) is Given.WRONG
    assert given(holders, folder, f" {second[:3]} {second[3:]} ") is Given.RIGHT


def test_a_letter_is_never_overwritten(
    holders: Store, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin = new_pin(tmp_path)
    assert main(["factors", "pin", ACCOUNT, "--by", "J. Doe", "--letter", str(tmp_path / "pin.txt")]) == 1
    assert "is there already" in capsys.readouterr().err
    assert given(holders, folder, pin) is Given.RIGHT


def test_where_the_letter_cannot_be_written_the_old_pin_stands(holders: Store, folder: Path, tmp_path: Path) -> None:
    pin = new_pin(tmp_path)
    assert main(["factors", "pin", ACCOUNT, "--by", "J. Doe", "--letter", str(tmp_path / "no" / "pin.txt")]) == 1
    assert given(holders, folder, pin) is Given.RIGHT


def test_an_authenticator_key_is_told_once_and_works(
    holders: Store, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["factors", "totp", ACCOUNT, "--by", "J. Doe"]) == 0
    totp = pyotp.parse_uri(capsys.readouterr().out.strip())
    assert isinstance(totp, pyotp.TOTP)
    assert totp.name == "****0001"
    with holders.reading() as tx:
        (factor,) = tx.second_factors.standing([taxpayer(holders)])
    assert totp.secret not in factor.secret
    password = totp.now()
    assert given(holders, folder, password) is Given.RIGHT
    assert given(holders, folder, password) is Given.WRONG


def test_what_is_locked_is_shown_and_unlocked_and_what_is_revoked_is_gone(
    holders: Store, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin = new_pin(tmp_path)
    wrong = "000000" if pin != "000000" else "111111"
    assert [given(holders, folder, wrong) for _ in range(5)] == [*[Given.WRONG] * 4, Given.LOCKED]
    assert given(holders, folder, pin) is Given.LOCKED
    capsys.readouterr()
    assert main(["factors", "list", ACCOUNT, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["kind"], row["wrong_tries"], row["enrolled_by"]) == ("PIN", 5, "J. Doe")
    assert row["locked_at"] is not None
    assert main(["factors", "unlock", ACCOUNT, "--by", "J. Doe", "--reason", "spoke with her"]) == 0
    assert main(["factors", "unlock", ACCOUNT, "--by", "J. Doe", "--reason", "again"]) == 1
    assert given(holders, folder, pin) is Given.RIGHT
    assert main(["factors", "revoke", ACCOUNT, "--by", "J. Doe", "--reason", "lost"]) == 0
    assert main(["factors", "revoke", ACCOUNT, "--by", "J. Doe", "--reason", "lost"]) == 1
    assert given(holders, folder, pin) is Given.NOT_ENROLLED


def test_an_account_that_does_not_exist_is_named(holders: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["list", "X-1"], ["totp", "X-1", "--by", "J. Doe"]):
        assert main(["factors", *words]) == 1
        assert "there is no account X-1" in capsys.readouterr().err


def letters(store: Store) -> list[tuple[str, str]]:
    """To whom a letter of what was done to a factor goes, and what it says."""
    with store.reading() as tx:
        queued = tx.outbox.in_states([OutboxState.QUEUED], 100)
    told = [one for one in reversed(queued) if one.kind == "notices/factor_changed"]
    parsed = [email.message_from_bytes(one.raw, policy=email.policy.default) for one in told]
    bodies = [mail.get_body(("plain",)) for mail in parsed]
    return [
        (one.recipient, " ".join(body.get_content().split())) for one, body in zip(told, bodies, strict=True) if body
    ]


def test_the_holder_is_told_what_was_done_by_mail_and_never_the_secret(
    holders: Store, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin = new_pin(tmp_path)
    assert main(["factors", "totp", ACCOUNT, "--by", "J. Doe"]) == 0
    totp = pyotp.parse_uri(capsys.readouterr().out.strip().splitlines()[-1])
    wrong = "000000" if pin != "000000" else "111111"
    assert [given(holders, folder, wrong) for _ in range(5)][-1] is Given.LOCKED
    for action in ("unlock", "revoke", "revoke"):
        main(["factors", action, ACCOUNT, "--by", "J. Doe", "--reason", "spoke with Tomas"])
    told = letters(holders)
    assert [recipient for recipient, _text in told] == ["ana.perez@example.com"] * 4
    for phrase, (_recipient, text) in zip(("new PIN", "new key", "unlocked it", "has revoked"), told, strict=True):
        assert phrase in text
        assert "If you did not, call Investor Relations" in text
        assert "****0001" in text
        for secret in (pin, totp.secret, ACCOUNT, "Tomas", "Doe"):
            assert secret not in text


def test_whoever_cannot_be_told_by_mail_is_to_be_told_by_post(
    holders: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with holders.transaction() as tx:
        holder = tx.registrations.by_account_number(ACCOUNT)
        assert holder is not None
        tx.reported_holds.report(holder.id, Hold.DEATH_REPORTED, "answer:m:1", NOW)
    new_pin(tmp_path)
    assert letters(holders) == []
    assert "tell them by post" in capsys.readouterr().err


def test_a_right_one_forgets_the_wrong_tries_at_all_that_the_holder_has(
    holders: Store, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin = new_pin(tmp_path)
    capsys.readouterr()
    assert main(["factors", "totp", ACCOUNT, "--by", "J. Doe"]) == 0
    totp = pyotp.parse_uri(capsys.readouterr().out.strip())
    assert isinstance(totp, pyotp.TOTP)
    wrong = "000000" if pin != "000000" else "111111"
    assert [given(holders, folder, wrong) for _ in range(4)] == [Given.WRONG] * 4
    assert given(holders, folder, totp.now()) is Given.RIGHT
    assert [given(holders, folder, wrong) for _ in range(4)] == [Given.WRONG] * 4, "both begin anew"
    assert given(holders, folder, pin) is Given.RIGHT
    with holders.reading() as tx:
        assert [factor.tries for factor in tx.second_factors.standing([taxpayer(holders)])] == [0, 0]


@pytest.mark.parametrize("kind", ["pin", "totp"])
def test_a_new_one_in_the_place_of_a_locked_one_needs_a_reason_which_is_kept(
    kind: str, holders: Store, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin = new_pin(tmp_path)
    for _ in range(5):
        given(holders, folder, "000000" if pin != "000000" else "111111")
    again = ["factors", kind, ACCOUNT, "--by", "J. Doe"]
    again += ["--letter", str(tmp_path / "again.txt")] if kind == "pin" else []
    for words in ([], ["--reason", "  "]):
        assert main([*again, *words]) == 2
        assert "say with --reason how you did" in capsys.readouterr().err
    assert not (tmp_path / "again.txt").exists()
    assert given(holders, folder, pin) is Given.LOCKED
    assert main([*again, "--reason", "she came with her passport"]) == 0
    seal_all(holders)
    with holders.reading() as tx:
        (*_, last) = [one for one in tx.audit.page(None, 1000) if one.kind == AuditKind.SECOND_FACTOR.value]
    assert last.facts["act"] == f"{kind}_enrolled"
    assert last.private is not None
    assert last.private["reason"]["text"] == "she came with her passport"
