"""Logs: one line an event, with ids and names of outcomes; never a body, a balance or an address."""

from __future__ import annotations

import logging
import sys


def configure(*, verbose: bool) -> None:
    """Log to standard error: events with `verbose`, else warnings only."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # These tell peers' addresses and message envelopes.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    logging.getLogger("aiosmtplib").setLevel(logging.ERROR)
    # It tells at every look at the schema that it looks.
    logging.getLogger("alembic").setLevel(logging.WARNING)
