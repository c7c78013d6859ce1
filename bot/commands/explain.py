"""dspp explain: why a message was answered as it was."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from bot.app import Service
from bot.commands import review_files
from bot.commands.common import add_json, say, service_of
from bot.explain import explanation_of
from bot.mail.arc import ArcVerdict
from bot.mail.dns_live import LiveResolver
from bot.mail.limits import Limits
from bot.mail.parse import parse
from bot.mail.sender_checks import relays_said
from bot.message_search import messages_meant
from bot.reading import read_head
from storage.messages import InboundMessage

WHICH = (
    "its id or that of its review (dspp reviews list), the reference in our letters (DSPP-HFGNQZ, with or without"
    " DSPP-), an order number (P-2B3C4D5), or a Message-ID header, of the message or of our letter;"
    " of several that fit the latest is explained and all are listed"
)


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this command's words."""
    command = commands.add_parser("explain", help="why a message was answered as it was")
    command.add_argument("message", help=WHICH)
    command.add_argument(
        "--relays",
        action="store_true",
        help="ask the name servers what relays on its way say of it (ARC); it proves nothing",
    )
    add_json(command)
    command.set_defaults(run=_explain)


def _explain(options: argparse.Namespace) -> int:
    service = service_of(options)
    with service.store.reading() as tx:
        found = messages_meant(tx, options.message)
    if not found:
        print(
            f"dspp: nothing fits {options.message}: no message, review, reference, order or Message-ID", file=sys.stderr
        )
        return 1
    explanation = explanation_of(found[0])
    fits = _listed(found, service.plan.book.issuer.program_address)
    lines = [explanation.to_text()]
    if len(fits) > 1:
        lines = [f"{len(fits)} messages fit {options.message}; the latest is explained, another by its id:"]
        lines += ["  ".join(("   ", one["id"], one["received"], one["from"], one["subject"])) for one in fits]
        lines += ["", explanation.to_text()]
    facts: dict[str, object] = explanation.to_json() | {"fits": fits}
    attachments = parse(found[0].raw, Limits()).attachments
    facts["attachments"] = review_files.as_rows(attachments)
    if attachments:
        lines += ["", "what came with it, and was not looked into:", *review_files.as_lines(attachments)]
    if options.relays:
        relays = asyncio.run(_relays(service, found[0]))
        facts["relays"] = {"verdict": relays.reason.value, "reported": relays.reported}
        lines += ["", f"relays on its way: {relays.reason.value}", *filter(None, [relays.reported])]
    say(options, facts, "\n".join(lines))
    return 0


async def _relays(service: Service, message: InboundMessage) -> ArcVerdict:
    """What relays say that they saw. Asks name servers that strangers chose."""
    resolver = LiveResolver([(server.host, server.port) for server in service.settings.nameservers])
    try:
        return await relays_said(message.raw, resolver)
    finally:
        await resolver.aclose()


def _listed(found: Sequence[InboundMessage], program_address: str) -> list[dict[str, str]]:
    """What tells messages apart: id, time, sender and subject."""
    rows = []
    for message in found:
        head = read_head(message.raw, message.mail_from, program_address)
        rows.append(
            {
                "id": message.id,
                "received": f"{message.received_at:%Y-%m-%d %H:%M} UTC",
                "from": head.from_address or head.from_defect,
                "subject": head.subject or "(no subject)",
            }
        )
    return rows
