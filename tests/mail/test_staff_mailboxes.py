"""Which mailboxes are the staff's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.staff_mailboxes import is_staff_address
from tests.mail.front_door import MESSAGE, PROGRAM, Client, Inbox, door


@pytest.mark.parametrize(
    ("address", "staff"),
    [
        pytest.param("postmaster@aastrom.com", True, id="postmaster"),
        pytest.param("abuse@aastrom.com", True, id="abuse"),
        pytest.param("PostMaster@AASTROM.com", True, id="in capitals"),
        pytest.param("postmaster", True, id="without a domain"),
        pytest.param("POSTMASTER", True, id="without a domain, in capitals"),
        pytest.param("abuse", False, id="abuse without a domain"),
        pytest.param("postmaster@", False, id="an empty domain"),
        pytest.param("@aastrom.com", False, id="nobody"),
        pytest.param("postmaster@example.com", False, id="another domain"),
        pytest.param("postmaster@mail.aastrom.com", False, id="below our domain"),
        pytest.param("postmaster+x@aastrom.com", False, id="with an extension"),
        pytest.param("x@postmaster", False, id="a domain of that name"),
        pytest.param("dspp@aastrom.com", False, id="the program's"),
        pytest.param("postmaster@aastrom.com@aastrom.com", False, id="two signs"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_staff_mailboxes(address: str, staff: bool) -> None:
    assert is_staff_address(address, PROGRAM) == staff


@given(st.text(max_size=60))
def test_any_text_may_be_asked_about(text: str) -> None:
    assert is_staff_address(text, PROGRAM) in (True, False)
    assert not is_staff_address(f"{text}@example.com", PROGRAM)


@pytest.mark.parametrize("sender", ["", "mailer-daemon@[192.0.2.7]", '"odd one"@example.com', "noreply"])
@pytest.mark.parametrize("address", ["postmaster", "Postmaster@aastrom.com", "abuse@aastrom.com"])
async def test_they_are_reached_whoever_the_sender_is(sender: str, address: str) -> None:
    inbox = Inbox()
    async with door(inbox, accepts=lambda found: is_staff_address(found, PROGRAM)) as server:
        client = await Client.connect(server)
        await client.hear()
        await client.asks("EHLO c")
        assert (await client.asks(f"MAIL FROM:<{sender}>")).startswith("250")
        assert (await client.asks(f"RCPT TO:<{address}>")).startswith("250")
        await client.asks("DATA")
        assert (await client.asks(MESSAGE + b".")).startswith("250")
    assert inbox.kept[0].recipients == (address,)
