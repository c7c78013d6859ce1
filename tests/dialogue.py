"""The whole bot in a test: a person says something by mail and hears what comes back.

Everything is real but the network and the clock: raw mail goes in as bytes,
is read, decided and answered in the store, and the letter is taken from the
outbox and parsed as a mail program would.
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path

from bot.answer import Answerer
from bot.app import Service, answerer_for
from bot.codes import candidates
from bot.holders_import import import_holders
from bot.keys import Keys
from bot.language.understanding import Understands
from bot.mail.authentication import UNCHECKED, Authentication
from bot.mail.dedupe import dedupe_key
from bot.mail.limits import Limits
from bot.plan import Plan
from bot.reading import Reading, read, read_head
from bot.settings import Settings
from bot.states_import import import_states
from storage.messages import Arrival, InboundMessage, MessageState
from storage.outbox import OutboxMessage
from storage.store import Store
from tests.fakes import FakeClock

ROOT = bytes(range(32))
SAMPLES = Path(__file__).resolve().parent.parent / "bot" / "samples"


@dataclass(frozen=True)
class Heard:
    """One letter, as its reader has it."""

    kind: str
    recipient: str
    mail: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"])

    @property
    def text(self) -> str:
        """The plain text, with lines joined so that a sentence can be looked for."""
        return re.sub(r"\s+", " ", self.lines)

    @property
    def lines(self) -> str:
        """The plain text as it stands."""
        body = self.mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def html(self) -> str:
        body = self.mail.get_body(("html",))
        assert body is not None
        return str(body.get_content())

    @property
    def reply_to(self) -> str:
        """The address that answers go to."""
        return parseaddr(str(self.mail["Reply-To"]))[1]

    @property
    def code(self) -> str:
        """The one-time code in the letter; fails if there is not exactly one."""
        found = [code for _written, code in candidates(self.lines)]
        assert len(found) == 1, f"no single code in: {self.lines}"
        return found[0]


@dataclass
class Bot:
    """A service without sockets."""

    service: Service
    clock: FakeClock
    answerer: Answerer
    understands: Understands
    worked_on: list[str] = field(default_factory=list)
    """The ids of the messages that were answered, oldest first."""
    sender: Authentication = UNCHECKED
    """What is found out of whoever writes."""

    def receives(self, raw: bytes, mail_from: str, recipient: str = "dspp@aastrom.com") -> bool:
        """Take a raw message in, a second after the last. False if it was known already."""
        self.clock.pass_time(seconds=1)
        arrival = Arrival(
            "email",
            dedupe_key("email", raw),
            raw,
            mail_from,
            (recipient,),
            "127.0.0.1",
            self.clock.now(),
            sender=replace(self.sender, address=self._author(raw, mail_from)).record(),
        )
        with self.service.store.transaction() as tx:
            return tx.messages.accept([arrival]) == 1

    def _author(self, raw: bytes, mail_from: str) -> str:
        return read_head(raw, mail_from, self.service.plan.book.issuer.program_address).from_address

    def works(self) -> list[MessageState]:
        """Answer everything that waits."""
        states = []
        while (message := self._claim()) is not None:
            self.worked_on.append(message.id)
            states.append(self.answerer.answer(message, self._read(message)))
        return states

    def _claim(self) -> InboundMessage | None:
        with self.service.store.transaction() as tx:
            return tx.messages.claim(self.service.store.owner, self.clock.now(), timedelta(minutes=2))

    def _read(self, message: InboundMessage) -> Reading:
        own = self.service.plan.book.issuer.program_address
        return read(message.raw, message.mail_from, own_address=own, understands=self.understands, limits=Limits())

    def letters(self) -> list[OutboxMessage]:
        """Every letter written so far, oldest first."""
        with self.service.store.reading() as tx:
            return tx.outbox.newest(1000)[::-1]

    def letters_to(self, address: str) -> list[Heard]:
        """Letters to an address, oldest first."""
        return [
            Heard(one.kind, one.recipient, email.message_from_bytes(one.raw, policy=email.policy.default))
            for one in self.letters()
            if one.recipient == address
        ]

    def person(self, address: str) -> Person:
        """Somebody who writes."""
        return Person(self, address)


@dataclass
class Person:
    """Somebody who writes to the program and reads the answers."""

    bot: Bot
    address: str
    heard: list[Heard] = field(default_factory=list)
    last_state: MessageState | None = None

    def says(
        self,
        text: str,
        *,
        subject: str = "",
        answering: Heard | None = None,
        quoting: bool = True,
        new_thread: bool = False,
        html: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> MessageState | None:
        """Send a mail. It answers the last letter heard, as mail programs do, unless it starts a new thread."""
        last = answering or (self.heard[-1] if self.heard and not new_thread else None)
        mail = EmailMessage(policy=email.policy.SMTP)
        mail["From"] = self.address
        mail["Message-ID"] = make_msgid(domain="mail.example")
        mail["Date"] = format_datetime(self.bot.clock.now())
        recipient = "dspp@aastrom.com"
        body = text
        if last is not None:
            recipient = last.reply_to
            mail["Subject"] = subject or f"Re: {last.subject}"
            mail["In-Reply-To"] = str(last.mail["Message-ID"])
            mail["References"] = str(last.mail["Message-ID"])
            if quoting:
                quoted = "\n".join(f"> {line}" for line in last.lines.splitlines())
                body = f"{text}\n\nOn Wed, Nov 5, 2003 at 9:00 AM, Aastrom <dspp@aastrom.com> wrote:\n{quoted}\n"
        else:
            mail["Subject"] = subject
        mail["To"] = recipient
        for name, value in (headers or {}).items():
            mail[name] = value
        mail.set_content(body)
        if html is not None:
            mail.add_alternative(html, subtype="html")
        return self.sends(mail.as_bytes(), recipient)

    def sends(self, raw: bytes, recipient: str = "dspp@aastrom.com") -> MessageState | None:
        """Send raw bytes; None if the message was known already."""
        if not self.bot.receives(raw, self.address, recipient):
            self.last_state = None
            return None
        before = len(self.bot.letters_to(self.address))
        (state,) = self.bot.works()
        self.heard.extend(self.bot.letters_to(self.address)[before:])
        self.last_state = state
        return state

    def hears(self, kind: str) -> Heard:
        """The last letter, which must say `kind` somewhere among its parts."""
        assert self.heard, f"{self.address} heard nothing (the message is {self.last_state})"
        last = self.heard[-1]
        assert kind in last.kind.split(" + "), f"heard {last.kind}:\n{last.lines}"
        return last

    def hears_nothing(self) -> None:
        """The last message had no answer."""
        assert self.last_state in {MessageState.IGNORED, None}, self.last_state


def start_bot(
    store: Store,
    understands: Understands,
    folder: Path,
    at: datetime,
    *,
    load_samples: bool = True,
    second_factor: bool = False,
) -> Bot:
    """A bot on `store` at an instant, with the sample holders and states."""
    clock = FakeClock(at)
    settings = Settings(state_dir=folder, second_factor=second_factor)
    service = Service(settings, clock, Plan.read(None), Keys(ROOT), store)
    if load_samples:
        import_states(store, SAMPLES / "states.csv", clock.now())
        import_holders(store, service.plan, service.keys, service.post, SAMPLES / "holders.csv", clock.now())
    return Bot(service, clock, answerer_for(service), understands)
