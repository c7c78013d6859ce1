"""How near a text is to the nearest messages that were learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.language.encoder_graph import SIZE, WIDTH
from bot.language.neighbors import NEAREST, Neighbors


def pointing(*axes: int, rest: float = 0.0) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    vector = np.full(SIZE, rest, dtype=np.float32)
    vector[:WIDTH] = 0
    for axis in axes:
        vector[axis] = 5.0
    return vector


def of(*vectors: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Neighbors:
    neighbors = Neighbors()
    neighbors.fit(list(vectors))
    return neighbors


def test_a_message_among_its_like_is_near_and_one_apart_is_not() -> None:
    neighbors = of(*[pointing(0, rest=float(number)) for number in range(NEAREST)], *[pointing(1)] * 2)
    assert neighbors.nearness(pointing(0, rest=9.0)) == pytest.approx(1.0, abs=1e-3)
    assert neighbors.nearness(pointing(2)) == pytest.approx(0.0, abs=1e-3)


def test_one_like_message_is_not_enough() -> None:
    neighbors = of(pointing(0), pointing(1), pointing(2))
    assert neighbors.nearness(pointing(0)) == pytest.approx(1 / NEAREST, abs=1e-3)


def test_of_fewer_messages_all_are_looked_at_and_of_none_nothing() -> None:
    assert of(pointing(0)).nearness(pointing(0, 1)) == pytest.approx(0.7071, abs=1e-3)
    assert of().nearness(pointing(0)) == 0.0


def test_what_is_stored_is_read_back(tmp_path: Path) -> None:
    stored, loaded = of(pointing(0), pointing(0, 1)), Neighbors()
    stored.to_disk(tmp_path / "neighbors.npz")
    loaded.from_disk(tmp_path / "neighbors.npz")
    assert loaded.nearness(pointing(0)) == stored.nearness(pointing(0))
