"""The root secret is made once and kept close; what is derived from it is of no use under another."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from bot.keys import BadSecret, Keys, WrongSecret, bind_secret, read_keys
from storage.store import Store

HERE = Keys(bytes(range(32)))
ELSEWHERE = Keys(bytes(32))


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secret.key"
    made = read_keys(path, make=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_keys(path, make=True) == read_keys(path) == made
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_of_many_that_start_at_once_one_makes_the_secret_and_all_have_it(tmp_path: Path) -> None:
    for attempt in range(10):
        path = tmp_path / str(attempt) / "secret.key"
        start = Barrier(8)

        def read_it(path: Path = path, start: Barrier = start) -> Keys:
            start.wait()
            return read_keys(path, make=True)

        with ThreadPoolExecutor(8) as threads:
            roots = {future.result().root for future in [threads.submit(read_it) for _ in range(8)]}
        assert len(roots) == 1
        assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_no_secret_is_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_keys(tmp_path / "secret.key")


@pytest.mark.parametrize(
    ("mode", "is_refused"),
    [
        pytest.param(0o600, False, id="owner reads and writes"),
        pytest.param(0o400, False, id="owner reads"),
        pytest.param(0o640, True, id="group reads"),
        pytest.param(0o604, True, id="everybody reads"),
        pytest.param(0o620, True, id="group writes"),
    ],
)
def test_a_secret_that_others_may_read_is_refused(mode: int, is_refused: bool, tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    read_keys(path, make=True)
    path.chmod(mode)
    if not is_refused:
        assert len(read_keys(path).root) == 32
        return
    with pytest.raises(BadSecret, match=f"chmod 600 {path}"):
        read_keys(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"00" * 31, id="too short"),
        pytest.param(b"00" * 33, id="too long"),
        pytest.param(b"zz" * 32, id="no hexadecimal digits"),
        pytest.param(b"\xff\xfe" * 32, id="no text"),
    ],
)
def test_what_is_no_secret_is_refused_and_left_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadSecret, match="restore it from the backup"):
        read_keys(path, make=True)
    assert path.read_bytes() == content


def test_a_store_is_held_to_the_secret_it_was_first_used_with(store: Store) -> None:
    bind_secret(store, HERE)
    bind_secret(store, HERE)
    with pytest.raises(WrongSecret, match="restore that one from the backup"):
        bind_secret(store, ELSEWHERE)
    bind_secret(store, HERE)


def test_of_two_that_use_a_store_first_one_is_refused(store: Store) -> None:
    start = Barrier(2)

    def is_bound(keys: Keys) -> bool:
        start.wait()
        try:
            bind_secret(store, keys)
        except WrongSecret:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(is_bound, (HERE, ELSEWHERE))) == [False, True]


def test_a_fingerprint_tells_secrets_apart_and_is_no_key() -> None:
    assert HERE.fingerprint == Keys(HERE.root).fingerprint != ELSEWHERE.fingerprint
    shown = bytes.fromhex(HERE.fingerprint)
    assert shown not in {HERE.root, HERE.codes, HERE.addresses}


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert len({HERE.root, HERE.codes, HERE.addresses, ELSEWHERE.codes, ELSEWHERE.addresses}) == 5


def test_keys_do_not_show_their_root() -> None:
    assert repr(HERE) == "Keys()"


def test_what_is_sealed_can_be_unsealed_here_only() -> None:
    sealed = HERE.seal("011000015 123456789")
    assert "123456789" not in sealed
    assert HERE.unseal(sealed) == "011000015 123456789"
    assert HERE.seal("011000015 123456789") != sealed, "equal accounts cannot be told from the store"
    with pytest.raises(BadSecret, match="another secret"):
        ELSEWHERE.unseal(sealed)


def test_a_taxpayer_has_one_key_however_the_id_is_written() -> None:
    key = HERE.taxpayer("123-45-6789")
    assert key == HERE.taxpayer("123456789") == HERE.taxpayer("12-3456789")
    assert key != HERE.taxpayer("123456780")
    assert key != ELSEWHERE.taxpayer("123456789")
