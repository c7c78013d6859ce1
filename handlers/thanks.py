"""Thanks: courtesy only. Recorded, not answered, so that two polite machines cannot thank each other forever."""

from __future__ import annotations

from handlers.contract import Handler, Ignored, Intent, Outcome, Request, Snapshot


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Say nothing."""
    return Ignored("courtesy")


HANDLER = Handler(Intent("thanks"), decide, title="say thank you")
