"""Single-use codes: made from what they confirm, so that no code is ever stored.

A code is an HMAC over the parked request's id, its canonical effects, the
address it goes to and its expiry, spelled in letters that nobody confuses. To
check one is to make it again; whoever reads the database learns no code, and
a code for one order can never confirm another.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime

from storage.ids import PLAIN_LETTERS, spelled

LENGTH = 8
_HALF = LENGTH // 2
# A hyphen, what keyboards and mail programs make of one, and the blanks around it.
_HYPHENS = r"-\u2010-\u2015\u2212"
_SPELLED = re.compile(
    rf"(?<![a-z0-9])(?:(?<![a-z0-9][{_HYPHENS}])|(?<=code[{_HYPHENS}]))"
    rf"([a-z0-9]{{4}})[ \u00a0]?[{_HYPHENS}]{{0,2}}[ \u00a0]?([a-z0-9]{{4}})"
    rf"(?![a-z0-9]|[{_HYPHENS}][a-z0-9])",
    re.IGNORECASE | re.ASCII,
)
_ORDINAL = re.compile(r"\d\d(?:ST|ND|RD|TH)")


def code_for(key: bytes, *, confirmation_id: str, canonical: str, address: str, expires_at: datetime) -> str:
    """The code of one parked request, such as "K7QM-2R9T": always digits and letters both, two of each or more."""
    bound = "\n".join((confirmation_id, canonical, address, expires_at.astimezone(UTC).isoformat()))
    number = 0
    while True:
        digest = hmac.new(key, f"{bound}\n{number}".encode(), "sha256").hexdigest()
        code = spelled(digest, LENGTH)
        if _is_code_like(code):
            return f"{code[:_HALF]}-{code[_HALF:]}"
        number += 1


def candidates(text: str) -> tuple[tuple[str, str], ...]:
    """What in `text` has the form of a code: as written, and as we spell it; in order, each once.

    A word without a digit, or a number without a letter, is none: people write
    those for other reasons, and a wrong code counts as a try.
    """
    found: dict[str, str] = {}
    match = _SPELLED.search(text)
    while match:
        plain = (match.group(1) + match.group(2)).upper()
        is_one = _is_code_like(plain)
        if is_one:
            found.setdefault(f"{plain[:_HALF]}-{plain[_HALF:]}", match.group(0))
        # In "code K7QM 2R9T" the word before the code looks like its first half: look again behind it.
        match = _SPELLED.search(text, match.end() if is_one else match.end(1))
    return tuple((written, code) for code, written in found.items())


def _is_code_like(plain: str) -> bool:
    """Whether people write eight characters like these only as a code; "22nd-25th" they write for other reasons."""
    digits = sum(letter.isdigit() for letter in plain)
    is_mixed = all(letter in PLAIN_LETTERS for letter in plain) and 2 <= digits <= LENGTH - 2
    return is_mixed and not any(_ORDINAL.fullmatch(half) for half in (plain[:_HALF], plain[_HALF:]))
