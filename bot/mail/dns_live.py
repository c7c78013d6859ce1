"""Asking real name servers: bounded in time, in questions under way, in the size of answers and of what is kept.

Names and answers come from strangers, so a name that no domain can have is answered without asking, an answer that is
too large or goes in circles counts as a failure, and equal questions asked at once share one flight. Failures are
never kept. The name servers given are trusted to be recursive resolvers; DNSSEC is theirs to check.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver
from dns.rdata import Rdata
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA

from bot.mail.dns import NAME_CHARACTERS, Answer, DnsFailure, Kind, askable_name
from bot.mail.dns_kept import DnsLimits, Kept, Question
from bot.mail.dns_servers import asker

_NOT_A_DOMAIN = Answer(is_domain=False)


class LiveResolver:
    """A Resolver that asks name servers over UDP, and over TCP where an answer did not fit."""

    def __init__(
        self,
        name_servers: Sequence[tuple[str, int]] = (),
        *,
        limits: DnsLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask `name_servers`, each an IP address and a port, in order; those of the system if none is given.

        ValueError if one is not an address and a port, or if the system names none.
        """
        self.limits = limits or DnsLimits()
        self.kept = Kept(self.limits, clock)
        self._asker = asker(name_servers, self.limits)
        self._places = asyncio.Semaphore(self.limits.questions_under_way)
        self._flights: dict[Question, asyncio.Task[Answer]] = {}

    @property
    def flights(self) -> int:
        """Questions asked and not answered yet."""
        return len(self._flights)

    async def lookup(self, name: str, kind: Kind) -> Answer:
        """The records of `kind` at `name`, following aliases. DnsFailure if that could not be found out.

        Whoever stops waiting does not end the question for the others who wait for it.
        """
        asked = askable_name(name)
        if asked is None:
            return _NOT_A_DOMAIN
        question = (asked, kind)
        kept = self.kept.find(question)
        if kept is not None:
            return kept
        flight = self._flights.get(question)
        if flight is None:
            if len(self._flights) >= self.limits.questions_waiting:
                raise DnsFailure("too many questions are waiting for an answer")
            flight = asyncio.create_task(self._fly(question))
            self._flights[question] = flight
            flight.add_done_callback(lambda done: self._land(question, done))
        try:
            return await asyncio.shield(flight)
        except asyncio.CancelledError:
            if flight.cancelled() and not _is_cancelled():
                raise DnsFailure("the resolver was closed") from None
            raise

    async def aclose(self) -> None:
        """End the questions under way; whoever waits for one gets DnsFailure."""
        flights = tuple(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _land(self, question: Question, flight: asyncio.Task[Answer]) -> None:
        self._flights.pop(question, None)
        if not flight.cancelled():
            # Looked at even if nobody waits any more, or the loop complains of a fault that was never retrieved.
            flight.exception()

    async def _fly(self, question: Question) -> Answer:
        try:
            async with asyncio.timeout(self.limits.lifetime_seconds):
                async with self._places:
                    answer, seconds = await self._ask(question)
        except TimeoutError:
            raise DnsFailure("the name servers did not answer in time") from None
        except DnsFailure:
            raise
        except Exception as error:
            # Whatever a hostile answer brings about in the library, it is no answer. Its text names what was asked.
            raise DnsFailure(f"the name servers gave no answer: {type(error).__name__}") from None
        self.kept.keep(question, answer, seconds)
        return answer

    async def _ask(self, question: Question) -> tuple[Answer, float]:
        """The answer and the seconds that it holds."""
        asked, kind = question
        name = dns.name.Name([label.encode("ascii") for label in asked.split(".")] + [b""])
        aliases = 0
        holds = self.limits.kept_seconds_most
        while True:
            try:
                found = await self._asker.resolve(name, kind, raise_on_no_answer=False, search=False)
            except dns.resolver.NXDOMAIN as absence:
                response = absence.response(name)  # type: ignore[no-untyped-call]  # dnspython leaves it untyped
                return _NOT_A_DOMAIN, min(holds, response.resolve_chaining().minimum_ttl)
            chain = found.chaining_result
            holds = min(holds, chain.minimum_ttl)
            aliases += len(chain.cnames)
            if aliases > self.limits.aliases:
                raise DnsFailure("too many aliases, or aliases in a circle")
            if found.response.flags & dns.flags.TC:
                raise DnsFailure("an answer with its end cut off")
            if found.rrset is not None:
                return _read(kind, list(found.rrset)), holds
            if not chain.cnames or _says_nothing_is_there(found.response):
                return Answer(is_domain=True), holds
            # An alias alone: the name server left it to us to ask for what it leads to.
            name = chain.canonical_name


def _says_nothing_is_there(response: dns.message.Message) -> bool:
    """Whether an answer without records says so for the end of its aliases (RFC 2308 section 2.2)."""
    return any(rrset.rdtype == dns.rdatatype.SOA for rrset in response.authority)


def _read(kind: Kind, found: list[Rdata]) -> Answer:
    if kind == "MX":
        found = sorted(found, key=_preference)
    return Answer(is_domain=True, records=tuple(text for text in map(_text, found) if text is not None))


def _preference(record: Rdata) -> int:
    return int(record.preference) if isinstance(record, MX) else 0


def _text(record: Rdata) -> str | None:
    """A record as text; None for a name that cannot be written plainly, and so not be asked either."""
    match record:
        case TXT():
            # All that we read in TXT records is ASCII; anything else must not look like it.
            return b"".join(record.strings).decode("ascii", "replace")
        case A() | AAAA():
            return str(record.address)
        case MX():
            return _written(record.exchange)
        case PTR():
            return _written(record.target)
    return None


def _written(name: dns.name.Name) -> str | None:
    """A name without its last dot, "" for the root (as the exchange of a domain without mail, RFC 7505)."""
    labels = [label.decode("latin-1") for label in name.labels if label]
    written = ".".join(labels)
    is_plain = all("." not in label and label.isascii() and label.isprintable() for label in labels)
    return written if is_plain and len(written) <= NAME_CHARACTERS else None


def _is_cancelled() -> bool:
    """Whether the present task itself was told to stop."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
