"""How a message puts the act it speaks of: it orders it, or why it is no order yet.

One word of a closed list for each message, learned by the attention head from
messages that people labelled. It weighs the cues of `cautions`: a cue that
hangs on one phrase counts less where the whole plainly orders, and what no cue
foresees is doubted all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.language.bars import Bars
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

SAID_BY: Final[Mapping[Caution, frozenset[str]]] = {
    Caution.DECEASED: frozenset({"deceased"}),
    Caution.THIRD_PARTY: frozenset({"others", "deceased"}),
    Caution.CONDITIONAL: frozenset({"conditional"}),
    Caution.HYPOTHETICAL: frozenset({"supposed", NONE, "conditional", "earlier"}),
    Caution.NEGATED: frozenset({"negated", NONE, "unsettled"}),
    Caution.PAST: frozenset({"earlier", NONE}),
}
"""The stances of a message for which a caution would be right. Those that read figures are not among them."""

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


def weighed(
    found: frozenset[Caution],
    stances: Mapping[str, float],
    bars: Bars,
    *,
    is_surely_ordered: bool,
    is_complete: bool = True,
) -> frozenset[Caution]:
    """Of the cautions whose cues were found those that count, and those that the stance alone is reason for.

    A cue counts for nothing where the message surely orders and hardly takes
    the cue's stance. That something is left open is no reason of its own where
    a detail is missing: that is asked for.
    """
    kept = {
        caution
        for caution in found
        if not is_surely_ordered or caution not in SAID_BY or _chance(caution, stances) >= bars.doubted
    }
    plain = {one for one, chance in stances.items() if one in PLAIN and chance >= bars.plain}
    return frozenset(kept | {PLAIN[one] for one in plain if is_complete or one != "unsettled"})


def _chance(caution: Caution, stances: Mapping[str, float]) -> float:
    return sum(stances.get(one, 0.0) for one in SAID_BY[caution])
