"""How well messages by authors whom the model never saw are understood: each author left out in turn, by folds.

python -m benchmarks.cross_validation [--folds N] [--keep FOLDER]

Trains a model for each fold in FOLDER (a temporary one if not given), reads
what its authors wrote as the service would, and prints one evaluation over
all of the examples. Models already in FOLDER are taken as they are, so that a
change in the grammar can be measured without training again.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bot.language.calibration import folds
from bot.language.encoder import encoder_name
from bot.language.evaluation import evaluate_judged
from bot.language.examples import SHIPPED, read_folder
from bot.language.judging import judged
from bot.language.pipeline import MANIFEST, Reader, sources_of, store
from bot.language.training import fitted


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--misses", action="store_true", help="list every message read otherwise than labelled")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        rows = read_folder(SHIPPED)
        found = []
        for number, part in enumerate(folds([row.author for row in rows], options.folds)):
            place = folder / f"fold-{number}"
            if not (place / MANIFEST).exists():
                seen = [row for row in rows if row.author not in part]
                store(fitted(seen, folder / encoder_name()), place, sources=" ".join(sorted(part)))
            unseen = sources_of(place).split()  # those of a kept model, whatever the examples are now
            found += judged(Reader.load(place), [row for row in rows if row.author in unseen])
            print(f"read {', '.join(unseen)}", flush=True)
        result = evaluate_judged(found)
    print(result.to_text())
    if options.misses:
        for miss in result.misses:  # one line each, to be searched and compared
            print(miss.id, dict(miss.wanted), "->", dict(miss.got))


if __name__ == "__main__":
    main()
