"""Unix sockets to listen on: their mode, what is replaced, what is left alone, what is removed."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from bot.mail.unix_socket import SocketUnavailable, identity, listening_socket, remove
from tests.mail.front_door import MESSAGE, QUICK, Client, Inbox, door


@pytest.mark.parametrize("mode", [0o660, 0o600])
async def test_smtp_comes_by_a_unix_socket_of_that_mode_which_is_removed_at_the_end(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "smtp.sock"
    inbox = Inbox()
    async with door(inbox, listen=path, socket_mode=mode) as server:
        assert stat.S_IMODE(path.stat().st_mode) == mode
        client = await Client.connect_to(path)
        await client.to_data()
        assert (await client.asks(MESSAGE + b".")).startswith("250")
        with pytest.raises(RuntimeError, match="port"):
            _ = server.port
    assert not path.exists()
    assert inbox.kept[0].peer == "local"
    assert inbox.kept[0].peer_port is None


async def test_a_relay_on_this_machine_may_open_as_many_sessions_as_there_are(tmp_path: Path) -> None:
    path = tmp_path / "smtp.sock"
    limits = replace(QUICK, connections=5, connections_per_address=1, connection_burst=1)
    async with door(Inbox(), limits, listen=path):
        clients = [await Client.connect_to(path) for _ in range(6)]
        greetings = [await client.hear() for client in clients]
        assert [greeting[:3] for greeting in greetings] == ["220"] * 5 + ["421"]


async def test_a_socket_that_an_ended_program_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "smtp.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    async with door(Inbox(), listen=path):
        client = await Client.connect_to(path)
        assert (await client.hear()).startswith("220")


async def test_a_socket_that_somebody_listens_on_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "smtp.sock"
    async with door(Inbox(), listen=path):
        with pytest.raises(SocketUnavailable, match=r"another program listens on .*smtp\.sock"):
            listening_socket(path, 0o660)
        client = await Client.connect_to(path)
        assert (await client.hear()).startswith("220")


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "smtp.sock"
    path.write_text("important")
    with pytest.raises(SocketUnavailable, match="is a file and no socket"):
        listening_socket(path, 0o660)
    assert path.read_text() == "important"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "smtp.sock"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SocketUnavailable, match="no socket"):
        listening_socket(path, 0o660)


def test_a_missing_folder_and_a_long_path_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(SocketUnavailable, match="check that its folder exists"):
        listening_socket(tmp_path / "absent" / "smtp.sock", 0o660)
    with pytest.raises(SocketUnavailable, match="longer than 107 octets; choose a shorter one"):
        listening_socket(tmp_path / ("x" * 120), 0o660)


def test_the_socket_of_a_successor_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "smtp.sock"
    first = listening_socket(path, 0o660)
    made = identity(path)
    os.rename(path, tmp_path / "kept.sock")  # So that its number is not given to the next.
    first.close()
    second = listening_socket(path, 0o660)
    remove(path, made)
    assert path.exists()
    remove(path, identity(path))
    assert not path.exists()
    second.close()


async def test_nobody_can_connect_before_the_mode_is_set(tmp_path: Path) -> None:
    """What is bound but does not listen refuses; `listening_socket` sets the mode in between."""
    path = tmp_path / "smtp.sock"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_unix_connection(path)
