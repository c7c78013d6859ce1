"""What a process held is taken back as soon as it is gone, and never while it lives."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from storage.leases import HeldFile, dead_owners
from storage.outbox import NewLetter
from storage.store import Store
from tests.storage.material import NOW, with_message

LEASE = timedelta(minutes=10)
HOLDS = """
import sys
from pathlib import Path
from storage.leases import HeldFile
held = HeldFile(Path(sys.argv[1]), sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""


def _leased(store: Store, owner: str) -> None:
    """One message and one letter, both held by `owner`."""
    with_message(store)
    with store.transaction() as tx:
        tx.outbox.add(NewLetter("l", "answer:1", "buy", None, "<1@x>", "ana@example.com", "b@x", b""), NOW)
        assert tx.messages.claim(owner, NOW, LEASE) is not None
        assert tx.outbox.lease(owner, NOW, LEASE, 1)


def _process(folder: Path, owner: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(folder), owner], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_what_a_killed_process_held_is_taken_back_and_what_a_living_one_holds_is_not(
    store: Store, tmp_path: Path
) -> None:
    mine = Store(store.engine, tmp_path)
    process = _process(tmp_path, "host:1:abc")
    _leased(mine, "host:1:abc")
    assert mine.release_of_the_dead() == 0
    assert (tmp_path / "host:1:abc.lock").exists()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert mine.release_of_the_dead() == 2
    with mine.transaction() as tx:
        assert tx.messages.claim(mine.owner, NOW, LEASE) is not None
        assert tx.outbox.lease(mine.owner, NOW, LEASE, 1)
    assert [path.name for path in tmp_path.glob("*.lock")] == [f"{mine.owner}.lock"]
    assert mine.release_of_the_dead() == 0, "its own leases stay"
    mine.close()


def test_a_process_with_the_same_host_and_number_is_another_owner(store: Store, tmp_path: Path) -> None:
    first, second = Store(store.engine, tmp_path), Store(store.engine, tmp_path)
    assert first.owner.rpartition(":")[0] == second.owner.rpartition(":")[0]
    assert first.owner != second.owner
    _leased(first, first.owner)
    assert second.release_of_the_dead() == 0
    first.close()
    assert second.release_of_the_dead() == 2
    second.close()


@pytest.mark.parametrize(
    "has_folder", [pytest.param(True, id="without a file there"), pytest.param(False, id="without a lease folder")]
)
def test_leases_of_whom_nothing_is_known_are_left_to_their_end(has_folder: bool, store: Store, tmp_path: Path) -> None:
    mine = Store(store.engine, tmp_path if has_folder else None)
    _leased(mine, f"{mine.owner.rpartition(':')[0]}:elsewhere")
    assert mine.release_of_the_dead() == 0
    with mine.transaction() as tx:
        assert tx.messages.claim("b", NOW + LEASE, LEASE) is None
        assert tx.messages.claim("b", NOW + LEASE + timedelta(seconds=1), LEASE) is not None
    mine.close()


def test_the_files_of_the_dead_stay_where_taking_back_failed(tmp_path: Path) -> None:
    HeldFile(tmp_path, "gone").close()
    with pytest.raises(ZeroDivisionError), dead_owners(tmp_path) as dead:
        len(dead) / 0
    with dead_owners(tmp_path) as dead:
        assert dead == {"gone"}
    with dead_owners(tmp_path) as dead:
        assert dead == frozenset()


def test_who_starts_while_others_look_for_the_dead_holds_a_file_that_is_there(tmp_path: Path) -> None:
    start = Barrier(2)

    def look() -> None:
        start.wait()
        for _ in range(300):
            with dead_owners(tmp_path):
                pass

    looker = Thread(target=look)
    looker.start()
    start.wait()
    for number in range(100):
        held = HeldFile(tmp_path, f"owner {number}")
        assert (tmp_path / f"owner {number}.lock").exists()
        held.close()
    looker.join()


def test_the_lease_folder_is_for_its_owner_only(store: Store, tmp_path: Path) -> None:
    mine = Store(store.engine, tmp_path / "state" / "leases")
    assert not (tmp_path / "state").exists(), "commands that lease nothing leave nothing"
    assert len(mine.owner) <= 96
    assert stat.S_IMODE((tmp_path / "state" / "leases").stat().st_mode) == 0o700
    mine.close()
