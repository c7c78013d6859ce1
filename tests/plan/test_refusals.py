"""Refusals: each has its sentence, heading and rule, and several come in order of precedence."""

from __future__ import annotations

from itertools import permutations

import pytest

from handlers.plan.refusals import RULES, SENTENCES, TITLES, Refusal, in_precedence


@pytest.mark.parametrize("refusal", list(Refusal), ids=lambda refusal: refusal.name.lower())
def test_a_refusal_has_its_sentence_heading_and_rule(refusal: Refusal) -> None:
    assert SENTENCES[refusal].endswith(".")
    assert not TITLES[refusal].endswith((".", ":"))
    assert RULES[refusal].endswith(("(PR)", "(OC)"))


def test_no_two_refusals_share_a_sentence_or_heading() -> None:
    assert len(set(SENTENCES.values())) == len(set(TITLES.values())) == len(Refusal)


def test_reasons_are_told_once_each_most_serious_first() -> None:
    expected = (Refusal.STATE_CLOSED, Refusal.PAYMENT_METHOD, Refusal.BELOW_MINIMUM)
    for order in permutations(expected):
        assert in_precedence([*order, order[0]]) == expected
    assert in_precedence([]) == ()
