"""dspp explain: why a message was answered as it was."""

from __future__ import annotations

import argparse
import sys

from bot.commands.common import add_json, say, service_of
from bot.explain import explanation_of


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this command's words."""
    command = commands.add_parser("explain", help="why a message was answered as it was")
    command.add_argument("message", help="its id, or that of its review")
    add_json(command)
    command.set_defaults(run=_explain)


def _explain(options: argparse.Namespace) -> int:
    with service_of(options).store.reading() as tx:
        review = tx.reviews.get(options.message)
        try:
            message = tx.messages.get(review.message_id if review else options.message)
        except LookupError:
            print(f"dspp: there is no message and no review {options.message}", file=sys.stderr)
            return 1
    explanation = explanation_of(message)
    say(options, explanation.to_json(), explanation.to_text())
    return 0
