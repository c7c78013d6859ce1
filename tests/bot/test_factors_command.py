"""PINs go to holders by post and stand nowhere else; staff see, unlock and revoke what a holder has."""

from __future__ import annotations

import json
import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest

from bot.cli import main
from bot.keys import read_keys
from bot.second_factor import Given, SecondFactorCheck
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
