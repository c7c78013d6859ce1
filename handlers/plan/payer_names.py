"""Whether the person who signed a check is a holder of the account it is for.

Careful rather than clever: only a name whose every part is found in the
registered name is taken for the holder's. Everybody else is a third party, and a
person looks at the check. OC, "How to pay".
"""

from __future__ import annotations

import re
import unicodedata

_NO_NAME = frozenset({"MR", "MRS", "MS", "MISS", "DR", "AND", "OR"})
"""What stands beside names without being one. JR and SR are none of these: they tell a father from his son."""
_LEAST_PARTS = 2
"""A family name alone may be anybody's of that family."""


def name_parts(name: str) -> tuple[str, ...]:
    """The parts of a name in plain capitals: no accents, points or titles; "O'Brien" is one part, "Day-Lewis" two."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", name.upper()) if not unicodedata.combining(letter)
    )
    joined = re.sub(r"['’‘`´]", "", plain).upper()
    return tuple(part for part in re.findall(r"[^\W_]+", joined) if part not in _NO_NAME)


def is_payer_a_holder(payer: str, registered: str) -> bool:
    """Whether every part of `payer` is a part of the `registered` name, each used once; an initial stands for a part.

    "A. Smith" and "Ana Smith" are ANA B SMITH; "Ana Jones", "Smith", and "Ana
    Smith Painting LLC" are not.
    """
    parts = sorted(name_parts(payer), key=len, reverse=True)
    left = list(name_parts(registered))
    if not parts or len(parts) < min(_LEAST_PARTS, len(left)) or len(parts[0]) == 1:
        return False
    for part in parts:
        found = next((own for own in left if own == part), None)
        if found is None and len(part) == 1:
            found = next((own for own in left if own.startswith(part)), None)
        if found is None:
            return False
        left.remove(found)
    return True
