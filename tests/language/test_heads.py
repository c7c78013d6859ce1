"""Linear heads and how far they are trusted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.language.calibration import Calibration, HeldOut, best_temperature, folds, probabilities
from bot.language.heads import LinearHead, TwoHeads, sparse

TEXTS = [([0], [1.0]), ([0, 2], [1.0, 0.5]), ([1], [1.0]), ([1, 2], [1.0, 0.5])] * 5
FEATURES = [(np.array(at), np.array(values)) for at, values in TEXTS]


def fitted(labels: list[str]) -> LinearHead:
    head = LinearHead(inverse_regularization=10.0, seed=0)
    head.fit(sparse(FEATURES, 3), labels, [1.0] * len(labels))
    return head


def test_a_head_learns_what_tells_the_labels_apart() -> None:
    head = fitted(["buy", "buy", "sell", "sell"] * 5)
    assert head.labels == ("buy", "sell")
    assert head.labels[int(np.argmax(head.logits(*FEATURES[0])))] == "buy"
    assert head.labels[int(np.argmax(head.logits(*FEATURES[2])))] == "sell"
    assert head.logits(*FEATURES[0]).sum() == pytest.approx(0), "of two labels one is the other turned round"


def test_a_dense_matrix_gives_what_a_sparse_one_gives() -> None:
    labels = ["buy", "other", "sell", "sell"] * 5
    matrix = sparse(FEATURES, 3)
    dense = LinearHead(inverse_regularization=10.0, seed=0)
    dense.fit(matrix.toarray(), labels, [1.0] * len(labels))
    for features in FEATURES[:4]:
        assert dense.logits(*features) == pytest.approx(fitted(labels).logits(*features), abs=0.05)


def test_a_stored_head_votes_as_it_did(tmp_path: Path) -> None:
    head = fitted(["buy", "other", "sell", "sell"] * 5)
    head.to_disk(tmp_path / "head")
    loaded = LinearHead(1.0, 0)
    loaded.from_disk(tmp_path / "head")
    assert loaded.labels == head.labels
    assert (loaded.logits(*FEATURES[1]) == head.logits(*FEATURES[1])).all()


def test_two_heads_add_their_votes() -> None:
    labels = ["buy", "buy", "sell", "sell"] * 5
    both = TwoHeads(LinearHead(10.0, 0), LinearHead(10.0, 0), 0.5)
    both.fit(sparse(FEATURES, 3), sparse(FEATURES, 3), labels, [1.0] * 20)
    alone, energy = both.apart(FEATURES[0], FEATURES[0], 1.0, 0.0)
    together, both_energies = both.votes(FEATURES[0], FEATURES[0])
    assert together == pytest.approx(alone * 1.5)
    assert both_energies == pytest.approx(energy * 2)


def test_the_temperature_that_fits_is_found() -> None:
    logits = np.array([[2.0, 0.0]] * 4)
    assert best_temperature(logits, np.array([0, 0, 0, 0])) == 0.2
    assert best_temperature(logits, np.array([0, 0, 1, 1])) == 10.0


def test_probabilities_sum_to_one_however_large_the_votes() -> None:
    assert probabilities(np.array([1000.0, 999.0, -1000.0])).sum() == pytest.approx(1)


def test_each_author_is_left_out_once_and_folds_are_of_like_size() -> None:
    authors = ["a"] * 10 + ["b"] * 6 + ["c"] * 5 + ["d"] * 1
    parts = folds(authors, 2)
    assert sorted(name for part in parts for name in part) == ["a", "b", "c", "d"]
    assert sorted(sum(authors.count(name) for name in part) for part in parts) == [11, 11]
    assert len(folds(["a", "b"], 5)) == 2


def test_calibration_rejects_one_in_twenty_of_ours_and_misses_one_in_a_hundred() -> None:
    held_out = HeldOut()
    for number in range(200):
        held_out.votes.append(np.array([number / 20, 0.0]))
        held_out.gold.append(0)
        held_out.familiarities.append(float(number))
        held_out.ours.append(True)
        held_out.order_votes.append(np.array([3.0, 0.0]))
        held_out.orders.append(number % 10 == 0)
    found = held_out.calibration()
    assert found.least_familiarity == pytest.approx(9.95)
    right = probabilities(np.array(held_out.votes) / found.temperature)[:, 0]
    assert np.mean(right < found.least_possible) == pytest.approx(0.01, abs=0.006)
    assert Calibration(**found.to_json()) == found
