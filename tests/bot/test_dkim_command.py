"""`dspp dkim`: keys are made once and for one user, and what is wrong with a key is said before a letter is sent."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import dkim  # type: ignore[import-untyped]  # dkimpy has no types
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from bot.cli import main
from bot.mail.dkim_keys import (
    STRING_OCTETS,
    BadSigningKey,
    PrivateKey,
    Record,
    key_files,
    make_signing_keys,
    read_signing_keys,
)
from bot.mail.dkim_sign import sign
from bot.settings import read_settings
from tests.mail.test_compose import made

WORDS = ["--domain", "aastrom.com", "--selector", "s2026"]
RSA = "s2026-rsa._domainkey.aastrom.com"
ED25519 = "s2026-ed25519._domainkey.aastrom.com"


@pytest.fixture
def made_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with a pair of keys."""
    folder = tmp_path / "keys"
    assert main(["dkim", "keygen", *WORDS, "--out", str(folder)]) == 0
    capsys.readouterr()
    return folder


def pem(key: PrivateKey, password: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def test_keys_are_made_for_this_user_only_and_what_to_publish_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "keys"
    before = os.umask(0)
    try:
        assert main(["dkim", "keygen", *WORDS, "--out", str(folder), "--json"]) == 0
    finally:
        os.umask(before)
    report = json.loads(capsys.readouterr().out)
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        f"{RSA}.pem": 0o600,
        f"{ED25519}.pem": 0o600,
    }
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [(one["kind"], one["record"]) for one in report["keys"]] == [("rsa", RSA), ("ed25519", ED25519)]
    assert report["settings"] == {"dkim_selector": "s2026", "dkim_keys": str(folder)}
    assert "PRIVATE" not in json.dumps(report)


def test_what_is_told_to_publish_is_what_receivers_need(made_keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dkim", "check", *WORDS, "--out", str(made_keys), "--json"]) == 0
    told = {one["record"]: one["value"] for one in json.loads(capsys.readouterr().out)["keys"]}
    signed = sign(made(), read_signing_keys(made_keys, "aastrom.com", "s2026"), datetime.now(UTC))
    for place in (0, 1):
        verifier = dkim.DKIM(signed, minkey=2048)
        assert verifier.verify(idx=place, dnsfunc=lambda name, timeout: told[name.decode().rstrip(".")].encode())


def test_a_zone_file_takes_the_record_as_it_is_told(made_keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dkim", "check", *WORDS, "--out", str(made_keys)]) == 0
    lines = capsys.readouterr().out.splitlines()
    values = [line.split(None, 1)[1] for line in lines if line.startswith("value")]
    zone = [line for line in lines if " IN TXT ( " in line]
    assert len(values) == len(zone) == 2
    for value, line in zip(values, zone, strict=True):
        strings = line.partition("( ")[2].removesuffix(" )").strip('"').split('" "')
        assert "".join(strings) == value
        assert max(map(len, strings)) <= STRING_OCTETS
    assert 'dkim_selector = "s2026"' in lines


@pytest.mark.parametrize("length", [1, 254, 255, 256, 510, 511, 900])
def test_a_value_of_any_length_is_cut_where_it_must_be(length: int) -> None:
    record = Record("n", "x" * length)
    assert "".join(record.strings) == record.value
    assert all(1 <= len(piece) <= 255 for piece in record.strings)
    assert record.zone_line.count('"') == 2 * -(-length // 255)


@pytest.mark.parametrize("is_set", [False, True], ids=["by default", "as set"])
def test_without_a_folder_the_keys_are_where_the_service_looks_for_them(
    is_set: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DSPP_STATE_DIR", str(tmp_path / "state"))
    if is_set:
        monkeypatch.setenv("DSPP_DKIM_KEYS", str(tmp_path / "elsewhere"))
    folder = tmp_path / "elsewhere" if is_set else tmp_path / "state" / "dkim"
    assert main(["dkim", "keygen", *WORDS]) == 0
    assert (folder / f"{RSA}.pem").is_file()
    assert f"dkim_keys = {json.dumps(str(folder))}" in capsys.readouterr().out.splitlines()


def test_the_settings_that_are_told_are_ones_that_the_service_reads(
    made_keys: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["dkim", "check", *WORDS, "--out", str(made_keys)]) == 0
    lines = capsys.readouterr().out.splitlines()
    file = tmp_path / "dspp.toml"
    file.write_text("\n".join(line for line in lines if line.startswith("dkim_")))
    settings = read_settings(file, {})
    assert (settings.dkim_selector, settings.dkim_dir) == ("s2026", made_keys)
    assert len(read_signing_keys(settings.dkim_dir, "aastrom.com", settings.dkim_selector).keys) == 2


@pytest.mark.parametrize("there", [RSA, ED25519])
def test_a_key_that_is_there_stays_and_no_half_pair_is_left(
    there: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"{there}.pem").write_text("mine")
    assert main(["dkim", "keygen", *WORDS, "--out", str(tmp_path)]) == 1
    assert f"{there}.pem: there is a key already" in capsys.readouterr().err
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {f"{there}.pem": "mine"}


def test_who_comes_second_at_the_same_moment_leaves_the_first_one_s_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def another_was_first(draft: Path, path: Path) -> None:
        if path.name.startswith(ED25519):
            path.write_text("the other's")
        link(draft, path)

    monkeypatch.setattr("bot.mail.dkim_keys.os.link", another_was_first)
    with pytest.raises(BadSigningKey, match="there is a key already"):
        make_signing_keys(tmp_path, "aastrom.com", "s2026")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {f"{ED25519}.pem": "the other's"}


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.mail.dkim_keys.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        make_signing_keys(tmp_path, "aastrom.com", "s2026")
    assert list(tmp_path.iterdir()) == []


def test_names_are_the_same_in_any_case(tmp_path: Path) -> None:
    written = make_signing_keys(tmp_path, "AASTROM.com", "S2026")
    assert written.domain == "aastrom.com"
    kept = read_signing_keys(tmp_path, "Aastrom.Com", "s2026")
    assert [key.record for key in kept.keys] == [key.record for key in written.keys]


@pytest.mark.parametrize(
    ("domain", "selector"),
    [
        pytest.param("aastrom", "s1", id="no whole domain"),
        pytest.param("dspp@aastrom.com", "s1", id="an address"),
        pytest.param("aastrom.com; p=x", "s1", id="a domain with more in it"),
        pytest.param("exämple.de", "s1", id="a domain beyond ASCII"),
        pytest.param("../etc.com", "s1", id="a domain that is a path"),
        pytest.param("aastrom.com", "", id="no selector"),
        pytest.param("aastrom.com", "../s1", id="a selector that is a path"),
        pytest.param("aastrom.com", "s 1", id="a selector with a space"),
        pytest.param("aastrom.com", "s1;", id="a selector with a semicolon"),
        pytest.param("aastrom.com", "s1\n", id="a selector with a line break"),
        pytest.param("aastrom.com", "s" * 60, id="a selector that is too long with its kind"),
        pytest.param("aastrom.com", ".".join(["s" * 50] * 5), id="a name that is too long for the DNS"),
    ],
)
def test_what_the_dns_cannot_name_is_refused(
    domain: str, selector: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "keys"
    assert main(["dkim", "keygen", "--domain", domain, "--selector", selector, "--out", str(folder)]) == 1
    assert "dspp: " in capsys.readouterr().err
    assert not folder.exists()


SMALL = generate_private_key(65537, 1024)  # noqa: S505  # the key that must be refused
LARGE_ENOUGH = generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        pytest.param(RSA, pem(SMALL), "1024 bits, where 2048 to 4096 are wanted", id="too small"),
        pytest.param(RSA, pem(Ed25519PrivateKey.generate()), "not a key of the kind rsa", id="Ed25519 for RSA"),
        pytest.param(ED25519, pem(LARGE_ENOUGH), "not a key of the kind ed25519", id="RSA for Ed25519"),
        pytest.param(RSA, pem(LARGE_ENOUGH, b"secret"), "locked with a password", id="with a password"),
        pytest.param(RSA, pem(LARGE_ENOUGH)[:200], "not a private key in PEM", id="cut off"),
        pytest.param(RSA, b"", "not a private key in PEM", id="empty"),
        pytest.param(ED25519, b"\0" * 200_000, "not a private key in PEM", id="no text"),
        pytest.param(ED25519, None, "no such signing key; restore it from the backup, or run dspp dkim", id="missing"),
    ],
)
def test_what_is_wrong_with_a_key_is_said_with_its_file_and_a_remedy(
    name: str, content: bytes | None, says: str, made_keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made_keys / f"{name}.pem"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    assert main(["dkim", "check", *WORDS, "--out", str(made_keys)]) == 1
    told = capsys.readouterr().err
    assert f"{path}: {says}" in told
    assert "secret" not in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(mode: int, made_keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = made_keys / f"{ED25519}.pem"
    path.chmod(mode)
    assert main(["dkim", "check", *WORDS, "--out", str(made_keys)]) == 1
    assert f"{path}: others may read it; run chmod 600 {path}" in capsys.readouterr().err


def test_a_folder_or_a_pipe_in_the_place_of_a_key_is_no_key(made_keys: Path) -> None:
    path = key_files(made_keys, "aastrom.com", "s2026")["rsa"]
    path.unlink()
    path.mkdir()
    with pytest.raises(BadSigningKey, match="not a file"):
        read_signing_keys(made_keys, "aastrom.com", "s2026")
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(BadSigningKey, match="not a file"):
        read_signing_keys(made_keys, "aastrom.com", "s2026")


def test_keys_of_another_domain_do_not_sign_for_this_one(made_keys: Path) -> None:
    with pytest.raises(BadSigningKey, match=r"s2026-rsa\._domainkey\.other\.example\.pem: no such signing key"):
        read_signing_keys(made_keys, "other.example", "s2026")
