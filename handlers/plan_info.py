"""Plan info: how the plan works. Every answer comes from the terms and the calendar; none estimates a price."""

from __future__ import annotations

from handlers.contract import Completed, Handler, Intent, Outcome, Request, Snapshot

TOPICS = (
    "who",
    "street_name",
    "states",
    "prospectus",
    "enroll",
    "limits",
    "aggregate",
    "payment",
    "dates",
    "price",
    "discount",
    "share_unit",
    "security",
    "fees",
    "sales",
    "refund",
    "dividends",
    "tax",
    "ira",
)
"""What is explained, in the letter's order; each has its part of the template."""

OVERVIEW = ("who", "limits", "payment", "dates", "price", "sales")
"""What is explained where the question names no topic."""

_SAME = {"non_us": "who", "not_shareholder": "who", "timed": "dates", "by_post": "prospectus", "on_paper": "prospectus"}
"""Topics shared with other intents, and what explains them."""


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Explain the topics asked of, or the whole in short."""
    asked = {"payment" if topic.startswith("pay:") else _SAME.get(topic, topic) for topic in request.topics}
    topics = tuple(topic for topic in TOPICS if topic in asked) or OVERVIEW
    return Completed(reply={"topics": topics})


HANDLER = Handler(Intent("plan_info"), decide, title="know how the program works")
