"""Mails whose HTML is made to keep a reader busy, and bounds so wide that they come through to the parser."""

from __future__ import annotations

from dataclasses import replace

from bot.mail.limits import Limits

UNBOUNDED = replace(
    Limits(),
    html_tags=10_000_000,
    html_depth=10_000_000,
    html_attributes=10_000_000,
    html_choices=10_000_000,
    html_adoptions=10**15,
    html_reopened=10**15,
    html_nodes=10**9,
)
"""As if no bound of HTML but its length were there: for what the system itself holds."""


def mail(sender: str, number: str, html: str) -> bytes:
    """A mail of nothing but this HTML."""
    head = f"From: {sender}\r\nMessage-ID: <{number}@x.example>\r\nSubject: hello\r\nContent-Type: text/html\r\n\r\n"
    return head.encode() + html.encode()


def time_bomb(sender: str, number: str) -> bytes:
    """A mail of 160 KB that takes the parser over twenty seconds: formatting that is closed below open elements."""
    opened = "".join(f"<b a={at}>" for at in range(6_000)) + "<div>" * 8_000
    return mail(sender, number, opened + "</b>" * 12_000)


def memory_bomb(sender: str, number: str) -> bytes:
    """A mail of 40 KB that takes the parser over 2 GB: formatting that every paragraph opens anew."""
    formatting = "".join(f"<b a={at}>" for at in range(1_000))
    return mail(sender, number, f"<p>{formatting}x" + "<p>x" * 7_000)
