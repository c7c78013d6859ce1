"""The sentence encoder: the published one, checked, alike in training and serving."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bot.language import encoder as encoding
from bot.language import intent
from bot.language.encoder import (
    DIGESTS,
    GRAPH,
    SIZE,
    TOKENIZER,
    Encoder,
    NoWeights,
    encoder_name,
    is_prepared,
    prepare,
)
from bot.language.encoder_graph import WIDTH
from bot.language.examples import Example
from bot.language.model_files import file_digests
from bot.language.training import fitted

PUBLISHED = (0.0676569, 0.0634959, 0.0487131, 0.0793050, 0.0374480)
"""How the vector of "This is an example sentence" begins in the published encoder, in full precision."""

ROWS = [
    ("please sell 200 shares for me", "sell", "execute"),
    ("sell all of my shares please", "sell", "execute"),
    ("how many shares have I got", "balance", "answer"),
    ("what is my balance of shares", "balance", "answer"),
]


@pytest.fixture(scope="module")
def encoder(model: Path) -> Encoder:
    """The encoder that the test model was trained with."""
    return Encoder(model / "dspp_intent" / "encoder")


def sentence(encoder: Encoder, text: str) -> np.ndarray:
    return encoder.meaning(text).vector[:WIDTH]


@pytest.mark.slow
def test_it_is_the_published_encoder_but_for_eight_bits(encoder: Encoder) -> None:
    vector = sentence(encoder, "This is an example sentence")
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert vector[:5] == pytest.approx(PUBLISHED, abs=0.015)


@pytest.mark.slow
def test_like_meanings_are_nearer_than_others(encoder: Encoder) -> None:
    asked = sentence(encoder, "Please sell two hundred of my shares.")
    like = sentence(encoder, "I'd like to unload 200 shs")
    other = sentence(encoder, "Is the program open to people in Ohio?")
    assert asked @ like > asked @ other + 0.2


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", " ", "x" * 10_000, "word " * 3_000, "🎉🎉", "\x00\ufffd", "東京"])
def test_any_text_has_a_vector_and_always_the_same(encoder: Encoder, text: str) -> None:
    first = encoder.meaning(text).vector
    assert first.shape == (SIZE,)
    assert np.isfinite(first).all()
    assert (first == encoder.meaning(text).vector).all()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the encoder in it."""
    folder = tmp_path_factory.mktemp("prepared") / "encoder"
    prepare(folder)
    return folder


def altered_tokenizer(folder: Path) -> None:
    """Another one, and digests that fit it."""
    (folder / TOKENIZER).write_text("{}")
    (folder / DIGESTS).write_text(json.dumps(file_digests(folder, DIGESTS)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda folder: (folder / GRAPH).write_bytes(b"half a graph"), id="a graph cut off"),
        pytest.param(lambda folder: (folder / TOKENIZER).unlink(), id="no tokenizer"),
        pytest.param(altered_tokenizer, id="another tokenizer with digests that fit"),
        pytest.param(lambda folder: (folder / DIGESTS).unlink(), id="no digests"),
        pytest.param(lambda folder: (folder / DIGESTS).write_bytes(b"\xff"), id="digests that cannot be read"),
        pytest.param(lambda folder: (folder / "more").write_text("x"), id="a file too many"),
        pytest.param(shutil.rmtree, id="no folder"),
    ],
)
def test_an_encoder_that_is_not_as_it_was_prepared_is_prepared_anew(
    spoil: Callable[[Path], object], prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, anew = tmp_path / "encoder", []
    shutil.copytree(prepared, folder)
    assert is_prepared(folder)
    spoil(folder)
    assert not is_prepared(folder)

    def again(target: Path) -> None:
        anew.append(target)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(prepared, target)

    monkeypatch.setattr(intent, "prepare", again)
    rows = [Example(f"x{n}", "a", "email", "", text, (label,), action) for n, (text, label, action) in enumerate(ROWS)]
    fitted(rows, folder)
    assert anew == [folder]
    fitted(rows, folder)
    assert anew == [folder], "the one that was prepared is taken"


@pytest.mark.slow
def test_a_wrong_encoder_is_replaced_whole(prepared: Path, tmp_path: Path) -> None:
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / GRAPH).write_bytes(b"half a graph")
    prepare(tmp_path / "encoder")
    assert is_prepared(tmp_path / "encoder")
    assert file_digests(tmp_path / "encoder", "") == file_digests(prepared, "")
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_weights_that_are_not_installed_are_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(encoding, "PACKAGE", "no_such_package_of_weights")
    with pytest.raises(NoWeights, match="run: make setup"):
        prepare(tmp_path / "encoder")
    assert list(tmp_path.iterdir()) == []


def test_weights_that_are_others_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(encoding, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(NoWeights, match="not the file we know"):
        prepare(tmp_path / "encoder")
    assert list(tmp_path.iterdir()) == []


def test_a_prepared_encoder_has_a_name_of_its_own() -> None:
    name = encoder_name()
    assert name.startswith("encoder-")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "WEIGHTS_SHA256", "0" * 64)
        assert encoder_name() != name
