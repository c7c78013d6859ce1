"""What people quote follows from its cause, and is known for a number wherever it stands."""

from __future__ import annotations

from collections import Counter

import pytest

from storage.ids import PLAIN_LETTERS, quotable, spelled
from storage.store import Store
from tests.storage.material import NOW, TODAY, holder, purchase, sale, with_holders

CAUSES = [f"confirmed:{number}:1:1" for number in range(20_000)]


def test_an_order_number_holds_a_letter_and_a_digit() -> None:
    numbers = [quotable(cause, 7) for cause in CAUSES]
    assert [number for number in numbers if number.isalpha() or number.isdigit()] == []
    assert any(spelled(cause, 7).isalpha() for cause in CAUSES), "else this shows nothing"


def test_the_same_cause_has_the_same_number_and_others_have_others() -> None:
    assert [quotable(cause, 7) for cause in CAUSES[:50]] == [quotable(cause, 7) for cause in CAUSES[:50]]
    assert len({quotable(cause, 7) for cause in CAUSES}) == len(CAUSES)


def test_every_character_stands_about_as_often_in_every_place() -> None:
    numbers = [quotable(cause, 7) for cause in CAUSES]
    for place in range(7):
        counted = Counter(number[place] for number in numbers)
        assert counted.keys() == set(PLAIN_LETTERS)
        digits = [count for letter, count in counted.items() if letter.isdigit()]
        letters = [count for letter, count in counted.items() if letter.isalpha()]
        for counts in (digits, letters):
            assert max(counts) < 1.3 * min(counts)


@pytest.mark.parametrize("seed", ["a", "b", "c", "d"])
def test_a_number_that_was_quotable_before_stays(seed: str) -> None:
    plain = spelled(seed, 7)
    assert (quotable(seed, 7) == plain) is not (plain.isalpha() or plain.isdigit())


def test_no_order_is_given_a_number_that_reads_like_a_word(store: Store) -> None:
    with_holders(store, holder(1))
    wordy = [cause for cause in CAUSES if spelled(f"{cause}:1", 7).isalpha()][:20]
    with store.transaction() as tx:
        for number, cause in enumerate(wordy):
            effect = sale() if number % 2 else purchase()
            (order_id,) = tx.effects.apply((effect,), cause=cause, now=NOW, today=TODAY)
            assert any(character.isdigit() for character in order_id)
