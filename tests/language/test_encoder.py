"""The sentence encoder: the published one, checked, alike in training and serving."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.language import encoder as encoding
from bot.language.encoder import SIZE, Encoder, NoWeights, encoder_name, prepare
from bot.language.encoder_graph import WIDTH

PUBLISHED = (0.0676569, 0.0634959, 0.0487131, 0.0793050, 0.0374480)
"""How the vector of "This is an example sentence" begins in the published encoder, in full precision."""


@pytest.fixture(scope="module")
def encoder(model: Path) -> Encoder:
    """The encoder that the test model was trained with."""
    return Encoder(model / "dspp_intent" / "encoder")


def sentence(encoder: Encoder, text: str) -> np.ndarray:
    return encoder.vector(text)[:WIDTH]


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
    first = encoder.vector(text)
    assert first.shape == (SIZE,)
    assert np.isfinite(first).all()
    assert (first == encoder.vector(text)).all()


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
