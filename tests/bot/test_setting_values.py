"""Values of settings are written as they are read, and peers are known by any of their spellings."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from bot.setting_values import Address, Peers
from bot.settings import read_settings


def test_listed_peers_are_known_by_address_or_socket() -> None:
    peers = Peers((ip_network("192.0.2.0/24"),), over_unix=True)
    assert all(peer in peers for peer in ("192.0.2.7", "::ffff:192.0.2.7", "local"))
    assert not any(peer in peers for peer in ("192.0.3.7", "unknown", "", "2001:db8::1"))
    assert "local" not in Peers((ip_network("192.0.2.0/24"),))


@pytest.mark.parametrize("written", ["smtp://mx:25", "smtp+starttls://mx:587", "smtps://[2001:db8::1]:465"])
def test_a_smarthost_is_written_as_it_is_read(written: str) -> None:
    assert str(read_settings(None, {"DSPP_SMARTHOST": written}).smarthost) == written


def test_an_address_is_written_as_it_is_read() -> None:
    assert [str(Address("::1", 25)), str(Address("localhost", 25))] == ["[::1]:25", "localhost:25"]
