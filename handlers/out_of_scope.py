"""Out of scope: what is not about the plan. Machines get silence, strangers a pointer, everything else a person."""

from __future__ import annotations

from handlers.contract import Completed, Handler, Ignored, Intent, Outcome, Referral, Referred, Request, Snapshot

SILENT = ("automatic", "bounce", "phishing", "spam", "vendor", "noise")
"""Topics that get no reply: an answer would only invite more, or start a loop. The first that fits is the reason."""

POINTED = ("patient", "press", "job", "other_company")
"""Topics that this mailbox cannot serve, and a courteous pointer can."""


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Keep silent, point elsewhere, or, where the topic is not sure, let a person look.

    A person is the safe default: it may be a shareholder's question that
    nobody foresaw, and a real one must not be lost among the spam.
    """
    for topic in SILENT:
        if topic in request.topics:
            return Ignored(topic)
    pointers = tuple(topic for topic in POINTED if topic in request.topics)
    return Completed(reply={"pointers": pointers}) if pointers else Referred(Referral.NOT_UNDERSTOOD)


HANDLER = Handler(Intent("out_of_scope"), decide, title="ask about something outside the program")
