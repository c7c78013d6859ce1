"""What more writing buys: the model trained on growing parts of the examples, scored on the development messages.

python -m benchmarks.learning_curve [--parts 0.125,0.25,0.5,1]

A part is drawn by chance from every author alike. Prints macro F1 over the labels, coverage and wrong actions for each.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

from bot.language.encoder import encoder_name
from bot.language.evaluation import evaluate
from bot.language.examples import HELD_OUT, SHIPPED, read_folder, read_rows
from bot.language.pipeline import Reader, store
from bot.language.training import fitted


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--parts", default="0.125,0.25,0.5,1")
    parts = [float(part) for part in options.parse_args().parts.split(",")]
    rows, asked = list(read_folder(SHIPPED)), read_rows(HELD_OUT / "development.jsonl")
    random.Random(0).shuffle(rows)
    print("| messages | macro F1 | coverage | wrong actions |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as scratch:
        for part in parts:
            taken = rows[: round(part * len(rows))]
            place = Path(scratch) / f"model-{part}"
            store(fitted(taken, Path(scratch) / encoder_name()), place, sources="learning curve")
            found = evaluate(Reader.load(place), asked)
            print(f"| {len(taken)} | {found.macro_f1:.3f} | {found.coverage:.2f} | {found.wrong_actions} |", flush=True)


if __name__ == "__main__":
    main()
