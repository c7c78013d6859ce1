"""Documents: the prospectus, forms, copies of statements and tax forms: where they are and how they come by post."""

from __future__ import annotations

from handlers.contract import Completed, Handler, Intent, Outcome, Referral, Referred, Request, Snapshot

KINDS = ("prospectus", "forms", "statement", "tax_form")
"""What can be asked for, in the letter's order; each has its part of the template."""

OURS = frozenset(KINDS[:2])
"""What Investor Relations itself can mail; the rest comes from the transfer agent."""

ON_PAPER = "on_paper"
"""The topic of a message that plainly asks for paper by mail, as against "send me"."""


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Tell where the documents asked for are; the prospectus and the forms where none is named.

    What a holder wants on paper is mailed by staff, to the address of record;
    anybody else is told how to ask. Statements and tax forms go only to the
    address of record, so nothing personal is told here. An acknowledgement is a
    request of its own: here it is only told how to give one.
    """
    kinds = kinds_asked(request) or KINDS[:2]
    if ON_PAPER in request.topics and snapshot.registrations and OURS & set(kinds):
        return Referred(Referral.PAPER_COPY, {"kinds": kinds})
    facts = {
        "kinds": kinds,
        "by_post": bool({"by_post", ON_PAPER} & request.topics),
        "acknowledge": "acknowledge" in request.topics or "prospectus" in kinds,
    }
    return Completed(reply=facts)


def kinds_asked(request: Request) -> tuple[str, ...]:
    """What the message names. A "tax form" is no form of the program, and neither is a statement "form"."""
    kinds = tuple(kind for kind in KINDS if kind in request.topics)
    theirs = tuple(kind for kind in kinds if kind not in OURS)
    return tuple(kind for kind in kinds if kind != "forms") if theirs else kinds


HANDLER = Handler(Intent("documents"), decide, title="get the Prospectus, forms, a statement or a tax form")
