"""How a message puts the act it speaks of: it orders it, or why it is no order yet.

One word of a closed list for each message, learned by the attention head from
messages that people labelled. It is weighed together with the cues of
`cautions` (`grounds`), and what no cue foresees is doubted all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from handlers.contract import Caution

ORDER: Final = "order"
"""It orders the act now, though the plan's rules may refuse it or a plain fact be missing."""
NONE: Final = "none"
"""It speaks of no order at all."""
STANCES: Final = (
    ORDER, NONE, "deceased", "others", "elsewhere", "earlier", "negated", "conditional", "supposed", "unsettled",
)  # fmt: skip
"""Besides those: a holder has died; it is somebody else's account or wish; it is no matter of the plan; it is about an
order sent before, or tells of the past; it says not to; it hangs on a price, a time or an event; it asks, wishes or
supposes; it leaves open what is to be done."""

PLAIN: Final[Mapping[str, Caution]] = {
    "deceased": Caution.DECEASED,
    "others": Caution.THIRD_PARTY,
    "elsewhere": Caution.DISAGREEMENT,
    "earlier": Caution.CORRECTION,
    "negated": Caution.NEGATED,
    "conditional": Caution.CONDITIONAL,
    "supposed": Caution.HYPOTHETICAL,
    "unsettled": Caution.DISAGREEMENT,
}
"""The caution that a plain stance is reason enough for."""


def plainly(stances: Mapping[str, float], least: float, *, is_complete: bool = True) -> frozenset[Caution]:
    """The cautions that a plain stance, one of a probability of `least` or more, is reason for.

    That something is left open is no reason of its own where a detail is
    missing: that is asked for.
    """
    plain = {one for one, chance in stances.items() if one in PLAIN and chance >= least}
    return frozenset(PLAIN[one] for one in plain if is_complete or one != "unsettled")
