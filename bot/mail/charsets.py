"""Bytes to text whatever their label says, never with an exception and never with a codec that is not a charset.

Labels lie: much mail that calls itself ISO-8859-1 is Windows-1252 or UTF-8, much "us-ascii" is either. Valid UTF-8
beyond ASCII is hardly ever anything else, so it wins over every single-byte label.
"""

from __future__ import annotations

import codecs
import re

# Only true charsets. Python also knows "idna", "punycode" and "unicode_escape" as text encodings; a stranger must
# not choose those. Nor UTF-7, HZ and ISO-2022-KR, which browsers do not read either: they make other words of plain
# ASCII, so who takes a label away, or adds one, would change what a letter says. UTF-32 nobody sends.
_CHARSETS = frozenset({
    "ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1",
    "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9",
    "iso8859-10", "iso8859-11", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "cp1250", "cp1251", "cp1252",
    "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp437", "cp850", "cp852", "cp855", "cp866", "cp874",
    "cp932", "cp949", "cp950", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "tis-620", "viscii", "gb2312", "gbk",
    "gb18030", "big5", "big5hkscs", "shift_jis", "shift_jis_2004", "euc_jp", "euc_jis_2004", "euc_kr", "johab",
    "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_ext",
})  # fmt: skip
# As browsers read them: the label of the smaller set names the larger one.
_WIDER = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "shift_jis": "cp932", "euc_kr": "cp949", "tis-620": "cp874", "iso8859-11": "cp874",
}  # fmt: skip
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
_EXTRA_LABELS = {
    "x-unknown": "", "unknown-8bit": "", "default": "", "x-mac-roman": "mac-roman", "utf8mb4": "utf-8",
    "cp-850": "cp850", "windows-874": "cp874", "x-sjis": "shift_jis", "ks_c_5601-1987": "cp949",
}  # fmt: skip


def decode(content: bytes, label: str) -> tuple[str, str]:
    """`content` as text, and the defect in its label: "", "charset_unknown" or "charset_wrong".

    What cannot be read under any guess comes out with replacement characters rather than being lost.
    """
    charset = _known(label)
    if charset is None:
        return _guess(content), "charset_unknown" if label.strip() else ""
    if charset.startswith(("utf-16", "iso2022")):
        return _strict(content, charset) or _mislabelled(content)
    if content.isascii():
        return content.decode("ascii"), ""
    as_utf8 = _utf8(content)
    if as_utf8 is not None:
        return as_utf8, "" if charset == "utf-8" else "charset_wrong"
    if charset in ("utf-8", "ascii"):
        return _guess(content), "charset_wrong"
    return _strict(content, _WIDER.get(charset, charset)) or _mislabelled(content)


def _known(label: str) -> str | None:
    """Python's name of the charset that `label` means; None if it means none."""
    cleaned = label.strip().strip("\"'").lower()
    cleaned = _EXTRA_LABELS.get(cleaned, cleaned)
    if _LABEL.fullmatch(cleaned) is None:
        return None
    try:
        name = codecs.lookup(cleaned).name
    except (LookupError, ValueError):
        return None
    return name if name in _CHARSETS else None


def _strict(content: bytes, charset: str) -> tuple[str, str] | None:
    try:
        return content.decode(charset), ""
    except (UnicodeError, ValueError):
        return None


def _mislabelled(content: bytes) -> tuple[str, str]:
    return _guess(content), "charset_wrong"


def _guess(content: bytes) -> str:
    """The likeliest reading without a label: UTF-8 if it is valid, else Windows-1252."""
    as_utf8 = _utf8(content)
    return as_utf8 if as_utf8 is not None else content.decode("cp1252", "replace")


def _utf8(content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
