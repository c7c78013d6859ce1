"""Documents: the prospectus, forms, copies of statements and tax forms: where they are and how they come by post."""

from __future__ import annotations

from handlers.contract import Completed, Handler, Intent, Outcome, Request, Snapshot

KINDS = ("prospectus", "forms", "statement", "tax_form")
"""What can be asked for, in the letter's order; each has its part of the template."""


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Tell where the documents asked for are; the prospectus and the forms where none is named.

    Statements and tax forms go only to the address of record, so nothing
    personal is told here. An acknowledgement is a request of its own: here it
    is only told how to give one.
    """
    kinds = tuple(kind for kind in KINDS if kind in request.topics) or KINDS[:2]
    facts = {
        "kinds": kinds,
        "by_post": "by_post" in request.topics,
        "acknowledge": "acknowledge" in request.topics or "prospectus" in kinds,
    }
    return Completed(reply=facts)


HANDLER = Handler(Intent("documents"), decide, title="get the Prospectus, forms, a statement or a tax form")
