"""Draws what an evaluation found: how honest the probabilities are, and what is taken for what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.language.examples import LABELS
from bot.language.measures import Band


def draw(folder: Path, bands: Sequence[Band], confusion: NDArray[np.int64]) -> tuple[Path, Path]:
    """Write `reliability.svg` and `confusion.svg` into `folder`, and say where they are."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "dspp"  # the same figures give the same file
    folder.mkdir(parents=True, exist_ok=True)
    reliability, confused = folder / "reliability.svg", folder / "confusion.svg"
    _reliability(reliability, bands)
    _confusion(confused, confusion)
    return reliability, confused


def _reliability(path: Path, bands: Sequence[Band]) -> None:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], linestyle="--", color="gray", label="honest")
    most = max((band.messages for band in bands), default=1)
    axes.scatter(
        [band.probability for band in bands],
        [band.right for band in bands],
        s=[20 + 180 * band.messages / most for band in bands],
        label="messages (size: how many)",
    )
    for band in bands:
        axes.annotate(
            str(band.messages), (band.probability, band.right), textcoords="offset points", xytext=(8, -10), fontsize=8
        )
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="probability claimed", ylabel="share right", title="Reliability")
    axes.legend(loc="upper left")
    _save(figure, path)


def _confusion(path: Path, table: NDArray[np.int64]) -> None:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 8))
    rows = np.maximum(table.sum(axis=1, keepdims=True), 1)
    axes.imshow(table / rows, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(LABELS)), LABELS, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(LABELS)), LABELS, fontsize=8)
    for row, column in np.argwhere(table > 0):
        dark = table[row, column] / rows[row, 0] > 0.5
        axes.text(
            column,
            row,
            str(table[row, column]),
            ha="center",
            va="center",
            fontsize=7,
            color="white" if dark else "black",
        )
    axes.set(xlabel="read as", ylabel="labelled", title="Messages that ask one thing")
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    from matplotlib import pyplot

    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
