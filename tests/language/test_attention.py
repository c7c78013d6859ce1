"""The head that looks word by word: its gradients are right, it finds one word among many, and it is stored whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from thinc.api import fix_random_seed

from bot.language.attention import AttentionHead, Lesson, _gather, _gathering, _padded
from bot.language.encoder import SIZE, Meaning
from bot.language.encoder_graph import TOKEN_LAYERS, WIDTH
from bot.language.stances import ORDER

LAYERS = len(TOKEN_LAYERS)
CENTER, SCALE = np.zeros(SIZE, dtype=np.float32), np.full(SIZE, 0.01, dtype=np.float32)


def noise(length: int, seed: int) -> Meaning:
    """A text of `length` words that say nothing."""
    chance = np.random.default_rng(seed)
    return Meaning(
        chance.normal(size=SIZE).astype(np.float32),
        chance.normal(size=(LAYERS, length, WIDTH)).astype(np.float16),
        np.zeros((length, 2), dtype=np.int32),
    )


def with_word(meaning: Meaning, at: int, word: int) -> Meaning:
    """The same text with one word that says something."""
    tokens = meaning.tokens.copy()
    tokens[:, at] = np.random.default_rng(1000 + word).normal(size=WIDTH).astype(np.float16)
    return Meaning(meaning.vector, tokens, meaning.offsets)


def lessons(number: int, seed: int) -> list[Lesson]:
    """Texts of all lengths, each with a word for its label somewhere, and some with a word that orders."""
    chance = np.random.default_rng(seed)
    found = []
    for at in range(number):
        length, label, is_order = int(chance.integers(6, 40)), at % 3, bool(at % 2)
        meaning = noise(length, seed * 10_000 + at)
        first, second = chance.choice(length, 2, replace=False)
        meaning = with_word(meaning, int(first), label)
        meaning = with_word(meaning, int(second), 7 if is_order else 8)
        found.append(Lesson(meaning, (f"label {label}",), ORDER if is_order else "conditional"))
    return found


@pytest.fixture(scope="module")
def head() -> AttentionHead:
    head = AttentionHead(seed=0)
    head.fit(lessons(400, seed=1), CENTER, SCALE)
    return head


def test_one_word_is_found_wherever_it_stands(head: AttentionHead) -> None:
    right_labels, right_stances = 0, 0
    unseen = lessons(60, seed=2)
    for lesson in unseen:
        votes, stances = head.votes(lesson.meaning)
        right_labels += (head.labels[int(votes.argmax())],) == lesson.labels
        right_stances += max(stances, key=lambda one: stances[one]) == lesson.stance
    assert right_labels >= 57
    assert right_stances >= 57


def test_votes_are_log_probabilities(head: AttentionHead) -> None:
    votes, stances = head.votes(noise(9, seed=3))
    assert np.exp(votes).sum() == pytest.approx(1)
    assert np.exp(list(stances.values())).sum() == pytest.approx(1)


def test_what_fills_a_batch_is_not_looked_at() -> None:
    layer = _gathering(LAYERS)
    layer.initialize()
    short, long = noise(3, seed=4), noise(30, seed=5)
    alone, together = layer.predict([short]), layer.predict([short, long])
    assert np.allclose(alone[0], together[0], atol=1e-5)


@pytest.mark.parametrize("name", ["queries", "projections"])
def test_the_gradient_is_that_of_small_differences(name: str) -> None:
    fix_random_seed(0)
    layer = _gathering(LAYERS)
    layer.initialize()
    for each in ("queries", "projections"):  # large enough that a small difference is seen in 32 bits
        layer.set_param(each, layer.get_param(each) * 4)
    texts = [noise(5, seed=6), noise(8, seed=7)]
    towards = np.random.default_rng(8).normal(size=layer.predict(texts).shape).astype(np.float32)
    _, learn = _gather(layer, texts, True)
    learn(towards)
    gradient = np.asarray(layer.get_grad(name))
    weights = np.asarray(layer.get_param(name)).copy()
    for place in [tuple(np.random.default_rng(seed).integers(weights.shape)) for seed in range(12)]:
        told = []
        for step in (0.05, -0.05):
            moved = weights.copy()
            moved[place] += step
            layer.set_param(name, moved)  # type: ignore[arg-type]  # an array of thinc's, which says it otherwise
            told.append(float((np.asarray(layer.predict(texts), dtype=float) * towards).sum()))
        assert gradient[place] == pytest.approx((told[0] - told[1]) / 0.1, rel=0.05, abs=0.02)


def test_the_same_lessons_give_the_same_head() -> None:
    heads = [AttentionHead(seed=0) for _ in range(2)]
    for head in heads:
        head.fit(lessons(60, seed=1), CENTER, SCALE)
    first, second = (head.votes(noise(7, seed=9)) for head in heads)
    assert (first[0] == second[0]).all()
    assert first[1] == second[1]


def test_an_unknown_stance_teaches_nothing_about_stances() -> None:
    told = [Lesson(one.meaning, one.labels, None) for one in lessons(200, seed=1)]
    head = AttentionHead(seed=0)
    head.fit(told, CENTER, SCALE)
    chances = np.exp([list(head.votes(lesson.meaning)[1].values()) for lesson in lessons(20, seed=2)])
    assert chances.max() < 0.4


def test_what_is_stored_votes_as_before(head: AttentionHead, tmp_path: Path) -> None:
    head.to_disk(tmp_path / "attention")
    loaded = AttentionHead(seed=5)
    loaded.from_disk(tmp_path / "attention")
    assert loaded.labels == head.labels
    text = noise(11, seed=10)
    assert (loaded.votes(text)[0] == head.votes(text)[0]).all()
    assert loaded.votes(text)[1] == head.votes(text)[1]


def test_a_head_that_learned_nothing_says_so() -> None:
    with pytest.raises(RuntimeError, match="neither fitted nor loaded"):
        AttentionHead(seed=0).votes(noise(4, seed=11))


def test_texts_are_put_side_by_side() -> None:
    tokens, fill = _padded([noise(2, seed=12), noise(5, seed=13)])
    assert tokens.shape == (LAYERS, 2, 5, WIDTH)
    assert (fill[0, :2] == 0).all()
    assert (fill[0, 2:] < 0).all()
