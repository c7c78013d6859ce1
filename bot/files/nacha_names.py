"""How a name is written in an ACH file: ASCII capitals, digits and a few signs.

The network allows all of printable ASCII, but banks warn of many signs and
statements print capitals; so accents are dropped, letters that have a customary
spelling get it, and any other sign becomes a blank. A letter that has no
spelling in A to Z is refused: a name is never guessed and no letter of it is
left out in silence.
"""

from __future__ import annotations

import string
import unicodedata

NAME_WIDTH = 22

_KEPT = frozenset(string.ascii_uppercase + string.digits + " &'(),-./#")
_SPELLED = str.maketrans(
    {
        "Æ": "AE",
        "Œ": "OE",
        "Ø": "O",
        "Ł": "L",
        "Đ": "D",
        "Ð": "D",
        "Þ": "TH",
        "Ħ": "H",
        "Ŧ": "T",
        "Ŋ": "NG",
        "‘": "'",
        "’": "'",
        "ʼ": "'",
        "ʻ": "'",
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": "-",
    }
)


def ach_text(text: str) -> str:
    """`text` in the letters of an ACH file, with single blanks between its words.

    ValueError names the character that has no spelling there (a letter of another
    script, or what cannot be printed); it does not repeat the text.
    """
    spelled = unicodedata.normalize("NFKD", text).upper().translate(_SPELLED)
    written = "".join(_written(character) for character in spelled)
    return " ".join(written.split())


def _written(character: str) -> str:
    if character in _KEPT:
        return character
    match unicodedata.category(character)[0]:
        case "M":
            return ""
        case "P" | "S" | "Z":
            return " "
        case _:
            known_as = unicodedata.name(character, f"the unnamed character {ord(character):04X}")
            raise ValueError(f"as {known_as} has no spelling in the capitals A to Z")


def ach_name(name: str) -> str:
    """The name of a holder as the bank sees it: the first 22 characters of its spelling in capitals.

    ValueError if it cannot be spelled (see `ach_text`) or holds no letter or digit.
    """
    written = ach_text(name)[:NAME_WIDTH].rstrip()
    if not any(character.isalnum() for character in written):
        raise ValueError("as it holds no letter or digit")
    return written
