"""All the public mail there is, by real SMTP into a real service: none is lost, none breaks it, none orders by a quote.

The letters of the reply corpora come from shareholders, each from another, so that an order in one would be read back.
They hold no orders of their own; so one is written over the last line that each of them quotes, and is nobody's order.
"""

from __future__ import annotations

import re
import smtplib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from tests.mail.material import material
from tests.mail.test_reply_corpora import CRISP, GITHUB, _numbers
from tests.service_process import ServiceProcess

pytestmark = pytest.mark.slow

PROGRAM = "dspp@aastrom.com"
CLOCK = "2004-02-02T09:00:00-05:00"
SETTLED_SECONDS = 150
ORDER = "Please invest $500 for me, I will mail a check."
READ_BACK = "_shared/confirm_request"
SAMPLES = Path(__file__).resolve().parents[2] / "bot" / "samples"
MOST_SHARES = "100.0000"

REFUSED = {
    "github_email_reply_parser/test/emails/email_long_quote.txt": "500",
    "order in github_email_reply_parser/test/emails email_long_quote": "500",
}
"""Public messages that the door refuses, and the beginning of its reply."""
KNOWN: frozenset[str] = frozenset()
"""Public messages that say what another one says."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """One message, as it is sent."""

    name: str
    wire: bytes
    mail_from: str = "somebody@elsewhere.example"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the service has of one message."""

    raw: bytes
    state: str
    reason: str
    kinds: str
    """The letters that went to its sender, with every part of them; empty if none."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """All that was sent, and what came of it."""

    sent: tuple[Specimen, ...]
    replies: dict[str, str]
    """What the door said of each, by its name."""
    stored: tuple[Stored, ...]
    log: str

    def taken(self) -> list[Specimen]:
        """What the door took."""
        return [each for each in self.sent if self.replies[each.name].startswith("250")]

    def of(self, specimen: Specimen) -> Stored:
        """What became of one that was sent."""
        (found,) = [each for each in self.stored if each.raw == specimen.wire]
        return found


# -- what is sent -----------------------------------------------------------------------------------------------------


def wire(raw: bytes) -> bytes:
    """The content as a client sends it: CRLF for a bare line feed, all else as it is, and an end of the last line."""
    content = re.sub(rb"(?<!\r)\n", b"\r\n", raw)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def public_mail() -> list[Specimen]:
    """The messages of the suites of other mail programs, and the replies that are whole messages."""
    found = []
    for folder, pattern in (("mime", "*.msg"), ("mime", "*.raw"), ("replies", "*.eml")):
        for path in sorted(material(folder).rglob(pattern)):
            found.append(Specimen(path.relative_to(material(folder)).as_posix(), wire(path.read_bytes())))
    return found


def replies() -> list[Specimen]:
    """The texts of the reply corpora as shareholders' letters."""
    found = []
    for path in sorted(material("replies").rglob("*")):
        name = path.relative_to(material("replies")).as_posix()
        if path.suffix in (".txt", ".html") or path.name.endswith(("_body", "unicode_msg", "_R_S")):
            found.append(letter(name, path.read_bytes(), "html" if path.suffix == ".html" else "plain"))
    return found


def planted() -> list[Specimen]:
    """The same, each with an order in place of the last line that it quotes, behind its marks."""
    found = []
    for folder, table in (
        ("github_email_reply_parser/test/emails", GITHUB),
        ("crisp_email_reply_parser/test/fixtures", CRISP),
    ):
        for name, (live, either) in table.items():
            body = (material(f"replies/{folder}") / f"{name}.txt").read_text(encoding="utf-8")
            lines = body.replace("\r\n", "\n").split("\n")
            own = _numbers(live) | _numbers(either)
            quoted = [at for at, line in enumerate(lines) if line.strip() and at + 1 not in own]
            if quoted:
                marks = re.match(r"[>|\s]*", lines[quoted[-1]])
                lines[quoted[-1]] = f"{marks[0] if marks else ''}{ORDER}"
                found.append(letter(f"order in {folder} {name}", "\n".join(lines).encode(), "plain"))
    return found


def live_order() -> Specimen:
    """The order as its writer's own words: what the planted ones would lead to."""
    return letter("order alone", ORDER.encode(), "plain")


_holders: dict[str, str] = {}


def letter(name: str, body: bytes, subtype: str) -> Specimen:
    """A shareholder's letter with that body."""
    address = _holders.setdefault(name, f"holder{len(_holders)}@example.com")
    head = (
        f"From: {address}\r\nTo: {PROGRAM}\r\nSubject: Re: the plan\r\nDate: Mon, 02 Feb 2004 09:00:00 -0500\r\n"
        f"Message-ID: <{address}>\r\nMIME-Version: 1.0\r\nContent-Type: text/{subtype}; charset=utf-8\r\n\r\n"
    )
    return Specimen(name, wire(head.encode() + body), address)


def holders_file(folder: Path) -> Path:
    """Everybody who writes a letter here, as enrolled holders of record."""
    title, columns, model = (SAMPLES / "holders.csv").read_text(encoding="utf-8").splitlines()[:3]
    rows = [
        model.replace("CST-10001", f"CST-{20_000 + number}")
        .replace("000-00-0001", f"000-01-{number:04}")
        .replace("ana.perez@example.com", address)
        .replace("1500.0000", MOST_SHARES)
        .replace("1250.5000", MOST_SHARES)
        for number, address in enumerate(_holders.values())
    ]
    path = folder / "holders.csv"
    end = f"T,{len(rows)},{len(rows) * 100}.0000"
    path.write_text("\n".join([title, columns, *rows, end]) + "\n", encoding="utf-8")
    return path


# -- what comes of it -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Delivery:
    """Everything sent once to a service, which has settled all of it."""
    sent = (*public_mail(), *replies(), *planted(), live_order())
    assert len({each.name for each in sent}) == len(sent)
    folder = tmp_path_factory.mktemp("corpora")
    service = ServiceProcess(folder, model, {"DSPP_CLOCK": CLOCK})
    service.command("migrate")
    service.command("holders", "import", str(holders_file(folder)))
    service.command("states", "import", str(SAMPLES / "states.csv"))
    service.start()
    try:
        said = {each.name: reply_to(service, each) for each in sent}
        service.wait_until(lambda: waiting(service) == 0, SETTLED_SECONDS, "every message to have an outcome")
    finally:
        service.stop()
    return Delivery(sent, said, stored(service), (folder / "service.log").read_text(encoding="utf-8", errors="replace"))


def reply_to(service: ServiceProcess, specimen: Specimen) -> str:
    """What the door says to one message."""
    client = smtplib.SMTP("127.0.0.1", service.smtp_port, "client.example", timeout=30)
    with closing(client):
        try:
            assert client.sendmail(specimen.mail_from, [PROGRAM], specimen.wire) == {}
        except smtplib.SMTPDataError as refusal:
            return f"{refusal.smtp_code} {refusal.smtp_error!r}"
    return "250"


def waiting(service: ServiceProcess) -> object:
    return rows(service, "SELECT count(*) FROM messages WHERE state = 'RECEIVED'")[0][0]


def stored(service: ServiceProcess) -> tuple[Stored, ...]:
    """Every message with the kinds of the letters that answer it."""
    found = rows(
        service,
        "SELECT m.raw, m.state, m.reason, (SELECT group_concat(o.kind) FROM outbox o"
        " WHERE o.conversation_id = m.conversation_id AND o.recipient != 'ir@aastrom.com') FROM messages m",
    )
    return tuple(Stored(bytes(raw), state, reason, kinds or "") for raw, state, reason, kinds in found)


def rows(service: ServiceProcess, sql: str) -> list[tuple]:  # type: ignore[type-arg]  # what a query gives is its own
    engine = create_engine(f"sqlite:///{service.folder / 'dspp.sqlite3'}", poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_every_message_is_stored_or_known_or_refused(delivery: Delivery) -> None:
    refused = {name: said for name, said in delivery.replies.items() if not said.startswith("250")}
    assert {name: said[:3] for name, said in refused.items()} == REFUSED
    raws = {each.raw for each in delivery.stored}
    known = {each.name for each in delivery.taken() if each.wire not in raws}
    assert known == KNOWN
    assert len({each.wire for each in delivery.taken()}) == len(delivery.stored) + len(known)
    assert len(delivery.sent) == len(delivery.taken()) + len(refused)
    assert len(delivery.sent) > 350


def test_the_bytes_that_are_stored_are_those_that_were_sent(delivery: Delivery) -> None:
    assert {each.raw for each in delivery.stored} <= {each.wire for each in delivery.taken()}
    assert len({each.raw for each in delivery.stored}) == len(delivery.stored)


def test_every_stored_message_has_an_outcome_and_none_has_failed(delivery: Delivery) -> None:
    states = [each.state for each in delivery.stored]
    assert set(states) <= {"ANSWERED", "AWAITING_SHAREHOLDER", "ESCALATED", "IGNORED"}
    assert all(each.reason for each in delivery.stored if each.state in ("ESCALATED", "IGNORED"))


def test_nothing_went_wrong_on_the_way(delivery: Delivery) -> None:
    assert "Traceback" not in delivery.log
    assert " ERROR " not in delivery.log
    assert " CRITICAL " not in delivery.log


def test_an_order_that_stands_only_in_a_quotation_is_not_read_back(delivery: Delivery) -> None:
    orders = [delivery.of(each) for each in delivery.taken() if each.name.startswith("order in ")]
    assert len(orders) > 70
    assert [each for each in orders if READ_BACK in each.kinds] == []
    # The check can fail: the same words as live text are read back.
    assert READ_BACK in delivery.of(live_order()).kinds


def test_no_letter_of_the_reply_corpora_is_taken_for_an_order(delivery: Delivery) -> None:
    letters = [delivery.of(each) for each in delivery.taken() if each.name.endswith((".txt", ".html", "_body"))]
    assert len(letters) > 90
    assert [each for each in letters if READ_BACK in each.kinds] == []
