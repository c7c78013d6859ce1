"""The fuzzer: raw bytes go the way of a message, from the door to what was understood, and every claim must hold.

    python -m pip install atheris==3.0.0
    python -m tests.fuzzing.raw_to_understood [libFuzzer options] [CORPUS]

Runs for ten minutes unless told (-max_total_time=1800). CORPUS is a folder that keeps what was found to reach new code;
seeds are written there first. What breaks a claim, takes over five seconds or too much memory ends the run and lies
then as crash-, timeout- or oom- in the folder it was started in; the same command with that file as the only argument
shows it again.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from zlib import crc32

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "var" / "fuzz-corpus"
OPTIONS = {
    "max_total_time": "600",
    "max_len": "20000",
    "timeout": "5",
    "rss_limit_mb": "3072",
    "dict": str(Path(__file__).with_name("words.dict")),
}
MODEL_EVERY = 64
"""One message of so many is read with the trained model, which takes a hundred times as long as all the rest."""


def arguments(given: Sequence[str]) -> tuple[list[str], Path | None]:
    """What libFuzzer is told, and the folder of the corpus; None where single files are to be shown again."""
    options = [each for each in given if each.startswith("-")]
    paths = [each for each in given if not each.startswith("-")] or [str(CORPUS)]
    named = {each.lstrip("-").partition("=")[0] for each in options}
    options += [f"-{name}={value}" for name, value in OPTIONS.items() if name not in named]
    is_to_show = bool(given) and all(Path(each).is_file() for each in paths)
    return [*options, *paths], None if is_to_show else Path(paths[0])


def main() -> None:
    """Fuzz until the time is over or a claim is broken."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["bot", "handlers"]):
        from bot.language.pipeline import Reader
        from tests.fakes import UnderstandsNothing
        from tests.fuzzing.claims import check
        from tests.fuzzing.forgeries import check_forgeries
        from tests.fuzzing.seeds import write_seeds
        from tests.trained_model import trained

    reader, nothing = Reader.load(trained()), UnderstandsNothing()

    def one_input(raw: bytes) -> None:
        # By the bytes and not by their turn, so that a finding is found again.
        chance = crc32(raw)
        understands = reader if chance % MODEL_EVERY == 0 else nothing
        check(raw, "" if chance & 0x100 else "ann@example.com", understands)
        check_forgeries(raw)

    told, corpus = arguments(sys.argv[1:])
    if corpus is not None:
        write_seeds(corpus)
    atheris.Setup([sys.argv[0], *told], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
