"""The small grammar of SMTP: command lines, addresses in commands, and reply codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.mail.addresses import ADDRESS_OCTETS

REPLY_CODE = re.compile(r"[245]\d\d ")
"""The last line of a reply."""
_ENHANCED = re.compile(r"\d{3}[ -]\d\.\d{1,3}\.\d{1,3}\b")
_CODES = {
    "214": "2.0.0", "221": "2.0.0", "250": "2.0.0", "252": "2.5.0", "421": "4.3.2", "450": "4.2.0", "451": "4.3.0",
    "452": "4.5.3", "454": "4.7.0", "500": "5.5.2", "501": "5.5.4", "502": "5.5.1", "503": "5.5.1", "504": "5.5.4",
    "530": "5.7.0", "538": "5.7.11", "550": "5.1.1", "552": "5.3.4", "553": "5.1.3", "554": "5.0.0", "555": "5.5.4",
}  # fmt: skip
# RFC 5321 section 4.1.2. A source route before the colon is passed over (appendix C); controls and spaces are refused.
_PATH = re.compile(
    r"<(?:@[^\s<>:\x00-\x20\x7f]{1,250}:)?"
    r"(?P<mailbox>(?:\"(?:[^\"\\\x00-\x1f\x7f]|\\[ -~]){0,62}\"|[^\s<>\"\x00-\x20\x7f@,;:()\[\]\\]{1,250})"
    r"(?:@(?:[^\s<>\"\x00-\x20\x7f@,;:()\\]{1,253}))?)?>(?P<rest>(?:\s.*)?)",
    re.DOTALL,
)
_BARE = re.compile(
    r"(?P<mailbox>[^\s<>\"\x00-\x20\x7f@,;:()\[\]\\]+@[^\s<>\"\x00-\x20\x7f@,;:()\\]+)(?P<rest>(?:\s.*)?)", re.DOTALL
)
WEB_VERBS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
"""What a web client says first. A page can make a browser send us mail's commands behind them."""
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, taken apart."""

    verb: str
    """In capitals, letters only."""
    argument: str | None
    """What follows, bytes that are no UTF-8 as surrogates; None if nothing does."""


def read_command(line: bytes, longest: int) -> Command | str:
    """The command in `line`, its end included, or the reply that refuses it.

    A line ends in CRLF and in nothing else (RFC 5321 section 2.3.8): whoever lets a bare LF end a command reads
    other commands than the relay before it. Control characters, NUL among them, have no place in one (section 4.1.2).
    """
    if len(line) > longest:
        return "500 5.5.2 Command line too long"
    if not line.endswith(b"\r\n"):
        return "500 5.5.2 Commands end with CRLF"
    text = line[:-2]
    if _CONTROL.search(text):
        return "500 5.5.2 Control characters are not accepted"
    verb, _, argument = text.partition(b" ")
    if not verb.isalpha():
        return "500 5.5.2 Command not recognized"
    return Command(verb.upper().decode("ascii"), argument.strip().decode("utf-8", "surrogateescape") or None)


def are_parameters_plain(parameters: Sequence[str]) -> bool:
    """Whether each parameter of MAIL or RCPT is ASCII and none is given twice, so that it can mean one thing only."""
    names = [parameter.partition("=")[0].upper() for parameter in parameters]
    return len(set(names)) == len(names) and all(parameter.isascii() for parameter in parameters)


def mailbox(argument: str) -> tuple[str | None, str | None]:
    """The address in the argument of MAIL or RCPT, and what follows it. "<>" for the null sender, None if malformed."""
    found = _PATH.fullmatch(argument.strip()) or _BARE.fullmatch(argument.strip())
    if found is None:
        return None, None
    address = found["mailbox"]
    if address is None:
        return "<>", found["rest"].strip()
    try:
        octets = len(address.encode("utf-8"))
    except UnicodeEncodeError:
        return None, None  # Bytes that were no UTF-8.
    return (address, found["rest"].strip()) if octets <= ADDRESS_OCTETS else (None, None)


def with_enhanced_code(reply: str) -> str:
    """`reply` with an enhanced status code (RFC 3463) if it is one that should have it and has not."""
    if REPLY_CODE.match(reply) is None or reply.startswith("220 ") or _ENHANCED.match(reply):
        return reply
    code = reply[:3]
    return f"{code} {_CODES.get(code, f'{code[0]}.0.0')} {reply[4:]}"


def printable(text: str) -> str:
    """`text` as printable ASCII, so that nothing a client sent can do more in a reply or a log than be seen."""
    return _UNPRINTABLE.sub("?", text)
