"""Small messages for tests of reading: a head and a body, or several parts."""

from __future__ import annotations

from bot.mail.limits import Limits
from bot.mail.parse import ParsedMail, parse

LIMITS = Limits()


def mail(head: str, body: str | bytes = "hello\n") -> ParsedMail:
    content = body.encode() if isinstance(body, str) else body
    return parse(head.encode() + b"\n\n" + content, LIMITS)


def multipart(kind: str, *parts: str, closing: str = "--b--\n") -> ParsedMail:
    body = "".join(f"--b\n{part}\n" for part in parts) + closing
    return mail(f'From: a@b.example\nContent-Type: multipart/{kind}; boundary="b"', body)
