"""A message as it leaves for other programs: the bytes as they came, under what we found out about them.

Programs further on believe Authentication-Results fields, and anybody can write one. So every such field that came with
a message is renamed on its way out, and ours stands alone above the rest (RFC 8601 sections 5 and 7.1). What is stored
stays as it came: only the copy that leaves is changed, and of it nothing but those names.
"""

from __future__ import annotations

import re

from bot.mail.authres import FIELD, UNTRUSTED_FIELD, disarmed_fields, read_results

_BLANK_LINE = re.compile(rb"(?:\A|(?>\r\n|\n|\r))(?>\r\n|\n|\r)")


def exported(raw: bytes, received: str, findings: str) -> bytes:
    """`raw` below our findings (the value of an Authentication-Results field) and our Received field.

    ValueError if the findings are not of the grammar of RFC 8601, which is a fault of ours.
    """
    if read_results(findings) is None:
        raise ValueError("the findings are no value of an Authentication-Results field")
    on_top = f"{FIELD}: {findings}\r\n{received}".encode("ascii", "replace")
    return on_top + disarmed(raw)


def disarmed(raw: bytes) -> bytes:
    """`raw` with every Authentication-Results field of its header renamed, and all other bytes as they are.

    The header ends at the first empty line and nowhere before, since readers differ on what else ends it.
    """
    found = _BLANK_LINE.search(raw)
    end = found.end() if found else len(raw)
    lines = raw[:end].splitlines(keepends=True)
    starts = [index for index, line in enumerate(lines) if line[:1] not in b" \t" and b":" in line]
    names = [lines[index].partition(b":")[0].decode("latin-1") for index in starts]
    renamed = disarmed_fields([(name, "") for name in names], None)
    for index, name, (new_name, _) in zip(starts, names, renamed, strict=True):
        if new_name != name:
            lines[index] = new_name.encode("ascii") + lines[index][len(name) :]
    if raw[:1] in (b" ", b"\t"):
        lines.insert(0, f"{UNTRUSTED_FIELD}:".encode())  # Else it would go on where our own field ends.
    return b"".join(lines) + raw[end:]
