"""Name servers for the tests of DMARC."""

from __future__ import annotations

from collections.abc import Mapping

from bot.mail.dmarc import Identifier
from bot.mail.dns import Answer, DnsFailure, Kind


class Zone:
    """Name servers that know some records, are silent about some names, and remember what they were asked."""

    def __init__(
        self, records: Mapping[str, str | tuple[str, ...]], silent: tuple[str, ...] = (), absent: tuple[str, ...] = ()
    ) -> None:
        self._records = records
        self._silent = silent
        self._absent = absent
        self.asked: list[str] = []

    async def lookup(self, name: str, kind: Kind) -> Answer:
        self.asked.append(name)
        if name in self._silent:
            raise DnsFailure
        if kind == "A":
            return Answer(is_domain=name not in self._absent)
        found = self._records.get(name.removeprefix("_dmarc."), ())
        return Answer(bool(found), (found,) if isinstance(found, str) else found)


def dkim(domain: str) -> Identifier:
    return Identifier("dkim", domain)


def spf(domain: str) -> Identifier:
    return Identifier("spf", domain)
