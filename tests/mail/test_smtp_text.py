"""Mailboxes in commands, and the enhanced codes of replies."""

from __future__ import annotations

import pytest

from bot.mail.smtp_text import mailbox, with_enhanced_code


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        pytest.param("<a@b.example>", "a@b.example", id="plain"),
        pytest.param("<>", "<>", id="null"),
        pytest.param("<postmaster>", "postmaster", id="without a domain"),
        pytest.param("<a@b.example> SIZE=1", "a@b.example", id="with parameters"),
        pytest.param("<a@b.example>SIZE=1", None, id="parameters without a space"),
        pytest.param("<a@b@c.example>", None, id="two signs"),
        pytest.param("<a<b@c.example>", None, id="nested brackets"),
        pytest.param("<a@b.example\x7f>", None, id="a control character"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_mailboxes(argument: str, address: str | None) -> None:
    assert mailbox(argument)[0] == address


@pytest.mark.parametrize(
    ("reply", "whole"),
    [
        pytest.param("250 OK", "250 2.0.0 OK", id="added"),
        pytest.param("250 2.1.0 OK", "250 2.1.0 OK", id="already there"),
        pytest.param("250-first", "250-first", id="not the last line"),
        pytest.param("354 go on", "354 go on", id="an intermediate reply"),
        pytest.param("220 mx", "220 mx", id="the greeting"),
        pytest.param("599 strange", "599 5.0.0 strange", id="an unknown code"),
    ],
)
def test_enhanced_codes(reply: str, whole: str) -> None:
    assert with_enhanced_code(reply) == whole
