"""A disk that fills up: mail is put off before it is sent, stays with its sender, and is taken when there is room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.commands.doctor import FAULT, OK, examine
from bot.doors import Disks, folders_of, free_octets
from bot.settings import BadSettings, Settings, read_settings
from tests.mail.front_door import DIALECTS, MESSAGE, PROGRAM, Client, Inbox, door

PUT_OFF = "452 4.3.1 Insufficient system storage, please try again later"


class Disk:
    """Has so much room as it is told."""

    def __init__(self, room: int) -> None:
        self.room = room

    def has_room(self, octets: int) -> bool:
        return octets <= self.room


@pytest.mark.parametrize(("hello", "more"), [pytest.param(*each, id=each[0]) for each in DIALECTS])
async def test_a_full_disk_puts_content_off_and_the_message_goes_through_when_there_is_room(
    hello: str, more: dict[str, Any]
) -> None:
    inbox, disk = Inbox(), Disk(room=-1)
    async with door(inbox, has_room=disk.has_room, **more) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks(f"{hello} client.example.com")
        assert (await client.asks("MAIL FROM:<ann@example.com>")).startswith("250")
        assert (await client.asks(f"RCPT TO:<{PROGRAM}>")).startswith("250")
        for _ in range(30):  # More than the refusals that end a session: this is none.
            assert await client.asks("DATA") == PUT_OFF
        disk.room = 1_000
        assert (await client.asks("DATA")).startswith("354")
        assert (await client.asks(MESSAGE + b".")).startswith("250 2.0.0")
    assert [envelope.raw for envelope in inbox.kept] == [MESSAGE]


@pytest.mark.parametrize(
    ("parameters", "reply"),
    [
        pytest.param(" SIZE=1001", PUT_OFF, id="more than there is"),
        pytest.param(" BODY=8BITMIME SIZE=1001 SMTPUTF8", PUT_OFF, id="among others"),
        pytest.param(" size=1001", PUT_OFF, id="in small letters"),
        pytest.param(" SIZE=1000", "250 2.1.0", id="as much as there is"),
        pytest.param("", "250 2.1.0", id="untold"),
        pytest.param(" SIZE=10000001", "552 5.3.4", id="more than is ever taken"),
    ],
)
async def test_a_message_that_would_fill_the_disk_is_put_off_before_it_is_sent(parameters: str, reply: str) -> None:
    """RFC 1870 section 6.2."""
    async with door(Inbox(), has_room=Disk(1_000).has_room) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO c")
        assert (await client.asks(f"MAIL FROM:<ann@example.com>{parameters}")).startswith(reply)
        assert (await client.asks("RCPT TO:<nobody@x.example>")).startswith("550" if reply[0] == "2" else "503")


async def test_a_disk_that_is_all_but_full_takes_nothing_that_tells_its_size(tmp_path: Path) -> None:
    """With the real disk: a bound of one octet leaves room, and one that no disk reaches leaves none."""
    for least_free, replies in ((1, ("250", "354")), (10**18, ("452", "503"))):
        async with door(Inbox(), has_room=Disks([tmp_path], least_free).have_room) as server:
            client = await Client.connect(server)
            await client.hear()
            await client.asks("EHLO c")
            assert (await client.asks("MAIL FROM:<ann@example.com> SIZE=100")).startswith(replies[0])
            await client.asks(f"RCPT TO:<{PROGRAM}>")
            assert (await client.asks("DATA")).startswith(replies[1])


def test_a_disk_is_asked_once_a_second_however_many_messages_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Path] = []
    free = [1_000]

    def told(folder: Path) -> int:
        asked.append(folder)
        return free[0]

    monkeypatch.setattr("bot.doors.free_octets", told)
    now = [0.0]
    disks = Disks([tmp_path, tmp_path / "other"], 400, lambda: now[0])
    assert [disks.have_room(octets) for octets in (0, 600, 601, 0)] == [True, True, False, True]
    assert asked == [tmp_path, tmp_path / "other"]
    free[0] = 399
    now[0] = 0.9
    assert disks.have_room(0)
    now[0] = 1.0
    assert not disks.have_room(0)
    now[0] = 5.0
    assert not disks.have_room(0)
    free[0] = 400
    now[0] = 6.0
    assert disks.have_room(0)
    assert len(asked) == 8
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"], "told when it changes"


def test_the_fullest_of_the_disks_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    room = {Path("a"): 1_000, Path("b"): 10, Path("gone"): None}
    monkeypatch.setattr("bot.doors.free_octets", room.get)
    assert Disks(list(room)[:1], 100).have_room(0)
    assert not Disks(list(room), 100).have_room(0)


def test_a_folder_that_is_gone_is_for_the_store_to_complain_of(tmp_path: Path) -> None:
    assert free_octets(tmp_path / "gone") is None
    assert Disks([tmp_path / "gone"], 10**18).have_room(10**9)
    assert Disks([], 10**18).have_room(10**9)


@pytest.mark.parametrize(
    ("url", "folders"),
    [
        pytest.param("", ("state", "state"), id="by default in the state directory"),
        pytest.param("sqlite:////srv/mail/dspp.sqlite3", ("state", "/srv/mail"), id="a file elsewhere"),
        pytest.param("sqlite:///store/dspp.sqlite3?timeout=5", ("state", "store"), id="with parameters"),
        pytest.param("sqlite:///:memory:", ("state",), id="in memory"),
        pytest.param("postgresql+psycopg://u@db.example/dspp", ("state",), id="a server, which has disks of its own"),
    ],
)
def test_which_disks_are_watched(url: str, folders: tuple[str, ...]) -> None:
    settings = Settings(state_dir=Path("state"), database_url=url)
    assert folders_of(settings) == tuple(map(Path, folders))


@pytest.mark.parametrize(
    ("least", "verdict"),
    [pytest.param("1", OK, id="there is room"), pytest.param("1000000", FAULT, id="there is none")],
)
def test_doctor_tells_whether_there_is_room(
    least: str, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSPP_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("DSPP_DISK_FREE_MB", least)
    monkeypatch.delenv("DSPP_DATABASE_URL", raising=False)
    (found,) = (finding for finding in examine(None) if finding.what == "disk")
    assert (found.verdict, bool(found.remedy)) == (verdict, verdict == FAULT)
    assert f"where {tmp_path} lies, {least} wanted" in found.says


@pytest.mark.parametrize("written", ["0", "-1", "1000001", "much", "\u0661", "1.5"])
def test_a_bound_that_is_none_is_refused_with_what_is_wanted(written: str) -> None:
    assert read_settings(None, {"DSPP_DISK_FREE_MB": "500"}).disk_free_mb == 500
    with pytest.raises(BadSettings, match="1 to 1000000 is wanted"):
        read_settings(None, {"DSPP_DISK_FREE_MB": written})
