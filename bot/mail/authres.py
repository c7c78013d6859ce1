"""Authentication-Results (RFC 8601): read from the one relay that is believed, written for ourselves, else disarmed.

Anybody can write such a field. So only the topmost is ever read, and only if it names the relay that the settings
name; the reader takes a field that fits the grammar to its end and nothing less; and what strangers chose, such as
the domain of a signature, is written so that it cannot end its place and begin another result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FIELD = "Authentication-Results"
UNTRUSTED_FIELD = "X-Untrusted-Authentication-Results"
"""What a field that is not believed is called where a message is shown or exported."""

LONGEST_FIELD = 65_536
"""Characters of a field that is read or written."""
MOST_RESULTS = 50
"""Results in one field that is read or written."""
MOST_PROPERTIES = 20
"""Properties of one result that is read or written."""
LONGEST_VALUE = 300
"""Characters of a value that is written: a domain name and more. Longer ones are cut."""
DEEPEST_COMMENT = 20
"""Comments within comments in a field that is read."""
_LINE = 78
"""Characters of a written line, where a value leaves the choice (RFC 5322 section 2.1.1)."""


@dataclass(frozen=True, slots=True)
class Property:
    """What a result is about: `header.d=example.com` is type `header`, name `d` and the value."""

    type: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One check and what came of it. Methods, results, types and names are in lower case."""

    method: str
    result: str
    properties: tuple[Property, ...] = ()
    reason: str | None = None
    version: int = 1
    """The version of the method."""

    def value_of(self, type: str, name: str) -> str | None:
        """The value of the property `type`.`name`; None if it is absent, or given more than once."""
        values = [found.value for found in self.properties if (found.type, found.name) == (type, name)]
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class Results:
    """One field: who says it, and what. No results is a statement too: nothing was checked (`none`)."""

    authserv_id: str
    results: tuple[MethodResult, ...]

    def of(self, method: str) -> tuple[MethodResult, ...]:
        """The results of one method, in order."""
        return tuple(result for result in self.results if result.method == method)


_SPACE = re.compile(r"[ \t]+")
_IN_COMMENT = re.compile(r"[^()\\]+")
_KEYWORD = re.compile(r"[A-Za-z0-9-]*[A-Za-z0-9]")
_DIGITS = re.compile(r"[0-9]{1,9}(?![0-9])")
_TOKEN = re.compile(r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+")
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"')
_AT_DOMAIN = re.compile(r"@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_ADDRESS = re.compile(r"[!#-'*+./0-9=?A-Z^-~-]*" + _AT_DOMAIN.pattern)
_ESCAPED = re.compile(r"\\(.)")
_LINE_END = re.compile(r"\r?\n")
_PRINTABLE = re.compile(r"[\t -~]*")
_UNPRINTABLE = re.compile(r"[^ -~]")
_NEEDS_ESCAPE = re.compile(r'(["\\])')


def read_results(value: str) -> Results | None:
    """What the field `value` says; None if any of it does not fit the grammar of RFC 8601 section 2.2, or a bound.

    Line ends may be folds of any kind, or already removed. Letters beyond ASCII, control characters and versions of
    the field other than 1 do not fit. A value is given without its quotation marks, but an address with a quoted
    mailbox as it stands.
    """
    if len(value) > LONGEST_FIELD:
        return None
    text = _LINE_END.sub(" ", value)
    if _PRINTABLE.fullmatch(text) is None:
        return None
    try:
        return _Reader(text).field()
    except _DoesNotFitError:
        return None


def trusted_results(values: Sequence[str], authserv_id: str) -> Results | None:
    """What the relay `authserv_id` says of a message, of whose fields the values are `values`, topmost first.

    Only the topmost field is read: what stands below it came with the message. The relay must remove fields that bear
    its own name from what it takes in (RFC 8601 section 5), for the name alone proves nothing.
    """
    found = read_results(values[0]) if values and authserv_id.isascii() else None
    return found if found is not None and found.authserv_id.lower() == authserv_id.lower() else None


def disarmed_fields(fields: Iterable[tuple[str, str]], authserv_id: str | None) -> tuple[tuple[str, str], ...]:
    """`fields` (names and values in order), every Authentication-Results renamed but the one that is believed.

    With no `authserv_id`, none is. For whoever shows or exports a message: programs further on believe such fields.
    """
    kept = list(fields)
    at = [index for index, (name, _) in enumerate(kept) if name.strip().lower() == FIELD.lower()]
    if authserv_id is not None and trusted_results([kept[index][1] for index in at[:1]], authserv_id) is not None:
        del at[0]
    for index in at:
        kept[index] = (UNTRUSTED_FIELD, kept[index][1])
    return tuple(kept)


def spf_result(result: str, checked: str, identity: str = "mailfrom") -> MethodResult:
    """The result of SPF for what was checked: the envelope sender, or the greeting's name (RFC 8601 section 2.7.2)."""
    return MethodResult("spf", result, (Property("smtp", identity, checked),))


def dkim_result(result: str, domain: str, selector: str, algorithm: str) -> MethodResult:
    """The result of one signature by its `d=`, `s=` and `a=` (RFC 8601 section 2.7.1, RFC 6376 section 3.5)."""
    named = (("d", domain), ("s", selector), ("a", algorithm))
    return MethodResult("dkim", result, tuple(Property("header", name, value) for name, value in named))


def dmarc_result(result: str, from_domain: str, policy: str) -> MethodResult:
    """The result of DMARC for the domain in From, with the policy in force (registered as `policy.dmarc`)."""
    return MethodResult("dmarc", result, (Property("header", "from", from_domain), Property("policy", "dmarc", policy)))


def arc_result(result: str) -> MethodResult:
    """The result of the chain of ARC seals (RFC 8617 section 6)."""
    return MethodResult("arc", result)


def written_results(authserv_id: str, results: Sequence[MethodResult]) -> str:
    """The value of our own field, folded. What `read_results` reads from it are `results`, made `writable`.

    Results over a bound are left out from the end. ValueError if `authserv_id`, or a method, version, result, type or
    name, is not of the grammar: those are ours to choose, so it is a fault of ours.
    """
    if _TOKEN.fullmatch(authserv_id) is None or len(authserv_id) > LONGEST_VALUE:
        raise ValueError("the name of the authentication service is not a plain word")
    pieces = [authserv_id]
    length = len(authserv_id)
    for result in results[:MOST_RESULTS]:
        words = _words(writable(result))
        length += sum(len(word) + len("\r\n ") for word in words) + len(";")
        if length > LONGEST_FIELD:
            break
        pieces[-1] += ";"
        pieces += words
    return _folded(pieces if len(pieces) > 1 else [f"{authserv_id};", "none"])


def writable(result: MethodResult) -> MethodResult:
    """`result` as it can be written: within the bounds, with a question mark for each letter that cannot be."""
    properties = tuple(
        Property(found.type.lower(), found.name.lower(), _plain(found.value))
        for found in result.properties[:MOST_PROPERTIES]
    )
    reason = None if result.reason is None else _plain(result.reason)
    return MethodResult(result.method.lower(), result.result.lower(), properties, reason, result.version)


def _plain(value: str) -> str:
    return _UNPRINTABLE.sub("?", value[:LONGEST_VALUE])


def _words(result: MethodResult) -> list[str]:
    """What `result` is written as, in pieces between which a line may end."""
    if not 0 < result.version < 10**9:
        raise ValueError("the version of a method is no counting number")
    version = "" if result.version == 1 else f"/{result.version:d}"
    words = [f"{_keyword(result.method)}{version}={_keyword(result.result)}"]
    if result.reason is not None:
        words.append(f"reason={_quoted(result.reason)}")
    for found in result.properties:
        is_bare = _TOKEN.fullmatch(found.value) or _ADDRESS.fullmatch(found.value)
        value = found.value if is_bare else _quoted(found.value)
        words.append(f"{_keyword(found.type)}.{_keyword(found.name)}={value}")
    return words


def _keyword(word: str) -> str:
    if _KEYWORD.fullmatch(word) is None:
        raise ValueError("a method, a result or the name of a property is not a keyword")
    return word


def _quoted(value: str) -> str:
    return '"' + _NEEDS_ESCAPE.sub(r"\\\1", value) + '"'


def _folded(words: Iterable[str]) -> str:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= _LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\r\n ".join(lines)


class _DoesNotFitError(Exception):
    """The text is not of the grammar. Reading it again will not help."""


class _Reader:
    """A place in the text of a field, and one method for each rule of the grammar. None goes back."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def field(self) -> Results:
        """authserv-id, version, and the results to the end."""
        self._skip()
        authserv_id = self._value()
        if self._skip() and (version := self._found(_DIGITS)) is not None:
            self._require(int(version) == 1)
            self._skip()
        results: list[MethodResult] = []
        while not (results and self._is_end()):
            self._mark(";")
            self._skip()
            self._require(len(results) < MOST_RESULTS)
            word = self._take(_KEYWORD).lower()
            self._skip()
            if word == "none" and not results and self._is_end():
                break
            results.append(self._result(word))
        return Results(authserv_id, tuple(results))

    def _result(self, method: str) -> MethodResult:
        """What follows a method: version, result, reason, properties."""
        version = 1
        if self._marked("/"):
            self._skip()
            version = int(self._take(_DIGITS))
            self._skip()
        self._mark("=")
        self._skip()
        result = self._take(_KEYWORD).lower()
        reason: str | None = None
        properties: list[Property] = []
        while True:
            is_apart = self._skip()
            if self._is_end() or self._text[self._at] == ";":
                return MethodResult(method, result, tuple(properties), reason, version)
            self._require(is_apart and len(properties) < MOST_PROPERTIES)
            word = self._take(_KEYWORD).lower()
            self._skip()
            if self._marked("="):
                self._require(word == "reason" and reason is None and not properties)
                self._skip()
                reason = self._value()
            else:
                properties.append(self._property(word))

    def _property(self, type: str) -> Property:
        """What follows the type of a property."""
        self._mark(".")
        self._skip()
        name = self._take(_KEYWORD).lower()
        self._skip()
        self._mark("=")
        self._skip()
        address = self._found(_ADDRESS)
        if address is not None:
            return Property(type, name, address)
        start = self._at
        value = self._value()
        if self._text[start] == '"' and self._found(_AT_DOMAIN) is not None:
            value = self._text[start : self._at]
        return Property(type, name, value)

    def _value(self) -> str:
        """A word, or a quoted string without its marks (RFC 2045 section 5.1)."""
        found = _QUOTED.match(self._text, self._at)
        if found is None:
            return self._take(_TOKEN)
        self._at = found.end()
        return _ESCAPED.sub(r"\1", found[1])

    def _skip(self) -> bool:
        """Pass over spaces and comments. Whether there were any."""
        start = self._at
        depth = 0
        while not self._is_end():
            letter = self._text[self._at]
            if letter == "(":
                depth += 1
                self._require(depth <= DEEPEST_COMMENT)
                self._at += 1
            elif depth == 0:
                if self._found(_SPACE) is None:
                    break
            elif letter == ")":
                depth -= 1
                self._at += 1
            elif letter == "\\":
                self._at += 2
            else:
                self._take(_IN_COMMENT)
        self._require(depth == 0)
        return self._at > start

    def _is_end(self) -> bool:
        return self._at >= len(self._text)

    def _found(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return found[0]

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = self._found(pattern)
        if found is None:
            raise _DoesNotFitError
        return found

    def _marked(self, mark: str) -> bool:
        is_marked = self._text.startswith(mark, self._at)
        self._at += is_marked
        return is_marked

    def _mark(self, mark: str) -> None:
        self._require(self._marked(mark))

    def _require(self, is_fitting: bool) -> None:
        if not is_fitting:
            raise _DoesNotFitError
