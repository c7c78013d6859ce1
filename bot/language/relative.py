"""Figures that say by how much the deduction is to change, not what it is to be.

"Raise it by $50", "add $250 to my draft", "take $100 off": the new amount is
not known, and the sender is asked for it. "Raise it from 300 to 400", "make it
400", "raise my deduction, $400 from now on" name the new amount.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from bot.language.found import Found
from bot.language.text import after, before

Value = TypeVar("Value")

_ROUGHLY = r"(?: (?:an?|another|additional|extra|further|about|around|only|just|exactly))*"
_UNIT = r"\s*(?:dollars?|bucks?|usd)?\s*"
_BY_BEFORE = re.compile(rf"(?:^|[^\w-])by{_ROUGHLY}(?:,? say,?| like)? $")
_OF_A_PAYMENT = re.compile(rf"{_UNIT}(?:monthly |automatic |auto |bank )*(?:checks?|deductions?|debits?|drafts?)\b")
"""After "by $300": how it is paid."""
_VERB = (
    r"(?<!\ba )(?<!\bmy )(?<!\bthe )(?<!living )(?<!\bpay )(?<!\bgot )(?<![\w'-])"
    r"(?:increas(?:e|ing)|rais(?:e|ing)|bump(?:ing)?|boost(?:ing)?|hik(?:e|ing)|lower(?:ing)?|reduc(?:e|ing)"
    r"|decreas(?:e|ing)%s)"
)
_CHANGE = _VERB % r"|cut(?:ting)?|drop(?:ping)?|trim|shave|knock|beef|jack|scale|dial|up(?:ping)?"
_DEDUCTION = (
    r"(?:deduct\w*|debits?|drafts?|withdrawals?|draws?|monthly|auto(?!matically)\w*|payments?|contributions?|investments?|amounts?"
    r"|it|that|mine|purchases?|pull|what (?:you|is|i)\b[^.!?;]{0,30})"
)
_OWN = (
    r"(?:(?:my|our|the|this|that|what|his|her|their)"
    r"(?: (?!(?:bank|checking|savings|credit|account|acct)\b)[\w'-]+){0,4}? )?"
)
_OBJECT_BEFORE = re.compile(
    rf"{_CHANGE}(?: up| down| back)? (?:(?:my|our|the|this|that|his|her|their|your)(?: [\w'-]+){{0,5}}?|it|that|mine"
    rf"|monthly(?: [\w'-]+)?|{_DEDUCTION})(?: up| down| back)?{_ROUGHLY} $"
)
"""A verb of raising or lowering and its object, and then the figure itself."""
_ABSOLUTE = re.compile(
    r"\b(?:to|from|at|for|is|be|so|take|put|make|deduct|draw|debit|invest|set|pull|change|go|check|cheque|and|of|with)\b"
)
"""Words between the verb and the figure after which the figure is an amount after all."""
_TURNED_BEFORE = re.compile(rf"{_VERB % ''}(?: up| down| me| us)?{_ROUGHLY} $")
_MORE_BEFORE = re.compile(r"\b(?:another|an? (?:extra|additional|further)) $")
_ADDED_BEFORE = re.compile(rf"\b(?:add|adding|tack|tacking|put|pile|throw|slap)(?: on| in)?{_ROUGHLY} $")
_MORE_AFTER = re.compile(
    rf"{_UNIT}(?:(?:a|per|each|every) month |monthly |extra |more )*(?:to|onto|on top of|on) {_OWN}{_DEDUCTION}\b"
    r"(?! (?:account|bank|plan|card))"
)
_TAKEN_BEFORE = re.compile(
    r"\b(?:take|taking|cut|cutting|knock|drop|trim|shave|slice|lop|chop|subtract|get)(?: \w+)? $"
)
_OFF_AFTER = re.compile(
    rf"{_UNIT}(?:(?:a|per|each|every) month |monthly )?(?:off|from|out of|away from)(?: of)? {_OWN}{_DEDUCTION}\b"
    r"(?! (?:account|bank|plan))"
)
_COMPARED_AFTER = re.compile(
    rf"{_UNIT}(?:more|less|extra|higher|lower|bigger|smaller|larger|fewer|additional|on top)\b"
    r"(?=\s*(?:$|[.,!?;)]|(?:a|per|each|every) month|monthly|than|out|from|please|pls|starting|beginning"
    r"|to (?:my|it|the)|dollars?|bucks?))"
)
_NEW_BEFORE = re.compile(
    r"\b(?:to|making|make (?:it|that|mine|them)|makes|total(?:ing| of)?|new (?:amount|total|figure|deduction)(?: of|:)?"
    r"|be|is|at|equals)(?: an?| an even| exactly| only| just)?:?\s*$|=\s*$"
)


def is_relative(text: str, start: int, end: int) -> bool:
    """Whether the figure says by how much the deduction is to change."""
    prefix, suffix = before(text, start, 100), after(text, end, 80)
    if _BY_BEFORE.search(prefix):
        return not _OF_A_PAYMENT.match(suffix)
    turned = _OBJECT_BEFORE.search(prefix)
    if (
        (turned and not _ABSOLUTE.search(turned.group()))
        or _TURNED_BEFORE.search(prefix)
        or _MORE_BEFORE.search(prefix)
    ):
        return True
    if _ADDED_BEFORE.search(prefix) and _MORE_AFTER.match(suffix):
        return True
    if _TAKEN_BEFORE.search(prefix) and _OFF_AFTER.match(suffix):
        return True
    return bool(_COMPARED_AFTER.match(suffix))


def without_relative(text: str, found: Sequence[Found[Value]]) -> list[Found[Value]] | None:
    """`found` without the figures of change; None where one of them stands and no new amount is named."""
    kept = [item for item in found if not is_relative(text, item.start, item.end)]
    if len(kept) == len(found):
        return kept
    if kept and all(_NEW_BEFORE.search(before(text, item.start, 60)) for item in kept):
        return kept
    return None
