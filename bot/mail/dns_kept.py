"""The bounds of asking name servers, and the answers that are kept for a while so that nobody is asked twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.mail.dns import Answer, Kind

Question = tuple[str, Kind]
"""A name as it is asked, and the kind of record."""


@dataclass(frozen=True, slots=True)
class DnsLimits:
    """The bounds of asking. All are our choice; none may be switched off."""

    try_seconds: float = 2.0
    """One try at one name server. Then the next is tried, and the first again, until the lifetime ends."""
    lifetime_seconds: float = 6.0
    """One question with all its tries, with waiting for its turn and with following aliases."""
    questions_under_way: int = 200
    """Questions on the network at once."""
    questions_waiting: int = 2_000
    """Questions not answered yet, those on the network among them. One more fails at once."""
    aliases: int = 12
    """CNAMEs from the name asked for to its records."""
    answer_octets: int = 20_000
    """One message of the name server. The largest answers that honest domains need have some thousands."""
    answer_records: int = 150
    """Records in one message, those of the protocol itself among them. Reading one takes a tenth of a millisecond, and
    holds the service up meanwhile."""
    kept_answers: int = 10_000
    """Answers kept; the one not used for longest goes first."""
    kept_characters: int = 4_000_000
    """Of all answers kept, with their names."""
    kept_seconds_least: float = 5.0
    """However short the time to live: one message asks some questions several times."""
    kept_seconds_most: float = 3_600.0
    """However long the time to live, also of absence: what a domain's owner mends must be seen."""


class Kept:
    """The answers of the last hour, bounded in number and size; the one not used for longest goes first."""

    def __init__(self, limits: DnsLimits, clock: Callable[[], float]) -> None:
        self.characters = 0
        """Of all answers kept, with their names."""
        self._limits = limits
        self._clock = clock
        self._entries: OrderedDict[Question, tuple[Answer, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, question: Question) -> Answer | None:
        """The answer, if one is kept and has not lived out its time."""
        entry = self._entries.get(question)
        if entry is None:
            return None
        answer, ends = entry
        if ends <= self._clock():
            self._drop(question)
            return None
        self._entries.move_to_end(question)
        return answer

    def keep(self, question: Question, answer: Answer, seconds: float) -> None:
        """Keep an answer for its time to live, within our bounds."""
        self._drop(question)
        lives = min(max(seconds, self._limits.kept_seconds_least), self._limits.kept_seconds_most)
        self._entries[question] = (answer, self._clock() + lives)
        self.characters += _size(question, answer)
        while len(self._entries) > self._limits.kept_answers or self.characters > self._limits.kept_characters:
            self._drop(next(iter(self._entries)))

    def _drop(self, question: Question) -> None:
        entry = self._entries.pop(question, None)
        if entry is not None:
            self.characters -= _size(question, entry[0])


def _size(question: Question, answer: Answer) -> int:
    return len(question[0]) + sum(map(len, answer.records))
