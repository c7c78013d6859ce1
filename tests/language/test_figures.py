"""Which figures are ordered: the chances are learned from context, and believed only where they are sure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from bot.language.encoder import SIZE, Meaning
from bot.language.encoder_graph import TOKEN_LAYERS, WIDTH
from bot.language.figure_roles import Chances, is_surely_told, settled, unheard
from bot.language.figures import FIGURES, FigureReader
from bot.language.found import Found
from bot.language.readings import READING, Reading, read, with_roles
from bot.language.scores import MEANING
from bot.language.slots import slots_for
from handlers.plan.money import Money, Shares
from handlers.plan.orders import Portion

ORDERED, TOLD, OPEN = Chances(0.9, 0.05, 0.05), Chances(0.02, 0.01, 0.97), Chances(0.5, 0.1, 0.4)
COUNTED = Chances(0.02, 0.95, 0.03)


def figures(*values: int) -> list[Found[Decimal]]:
    """Figures, each ten characters after the one before."""
    return [Found(Decimal(value), 10 * at, 10 * at + 3) for at, value in enumerate(values)]


@pytest.mark.parametrize(
    ("chances", "kept"),
    [
        pytest.param((TOLD, ORDERED), [500], id="one is ordered, the other is told of"),
        pytest.param((ORDERED, ORDERED), [39, 500], id="both are ordered"),
        pytest.param((OPEN, ORDERED), [39, 500], id="of one it cannot be told"),
        pytest.param((TOLD, TOLD), [39, 500], id="neither is ordered"),
        pytest.param((TOLD,), [39, 500], id="one was not looked at"),
    ],
)
def test_rivals_are_settled_only_where_all_is_sure(chances: tuple[Chances, ...], kept: list[int]) -> None:
    roles = {10 * at: each for at, each in enumerate(chances)}
    assert [item.value for item in settled(figures(39, 500), roles)] == kept


def test_what_is_no_rival_stays() -> None:
    assert len(settled(figures(500, 500), {0: TOLD, 10: ORDERED})) == 2


@pytest.mark.parametrize(
    ("chances", "found"),
    [
        pytest.param((TOLD, ORDERED), 500, id="one is ordered, the other is told of"),
        pytest.param((OPEN, ORDERED), None, id="of one it cannot be told"),
        pytest.param((ORDERED, ORDERED), None, id="two are ordered"),
        pytest.param((TOLD, TOLD), None, id="none is ordered"),
        pytest.param((TOLD, COUNTED), None, id="one counts shares"),
        pytest.param((ORDERED,), None, id="one was not looked at"),
    ],
)
def test_an_amount_that_the_grammar_does_not_know_must_be_sure(chances: tuple[Chances, ...], found: int | None) -> None:
    roles = {10 * at: each for at, each in enumerate(chances)}
    got = unheard(figures(39, 500), roles, "amount")
    assert (got and got.value) == found


def test_no_figure_at_all_is_no_amount() -> None:
    assert unheard([], {}, "amount") is None


def test_only_a_figure_that_was_looked_at_can_be_told_of() -> None:
    assert is_surely_told({0: TOLD}, 0)
    assert not is_surely_told({0: ORDERED}, 0)
    assert not is_surely_told({}, 0)


def roles_of(text: str, chances: dict[str, Chances]) -> Reading:
    """`text` as it is read, where each written figure has its chances."""
    return with_roles(read(text), {text.index(figure): each for figure, each in chances.items()})


@pytest.mark.parametrize(
    ("text", "chances", "amounts"),
    [
        pytest.param(
            "The ticket is $39.95 there, so $1,250 of stock please.",
            {"39.95": TOLD, "$39.95": TOLD, "$1,250": ORDERED},
            [Money.of("1250")],
            id="a rival that is told of",
        ),
        pytest.param("sock 550 away for me in shares", {"550": ORDERED}, [Money.of("550")], id="an unheard verb"),
        pytest.param("sock 550 away for me in shares", {"550": OPEN}, [], id="an unheard verb, not sure"),
    ],
)
def test_a_purchase_takes_what_is_surely_ordered(text: str, chances: dict[str, Chances], amounts: list[Money]) -> None:
    slots, _ = slots_for("buy", roles_of(text, chances))
    assert list(slots.amounts) == amounts


def test_a_sale_takes_what_is_surely_counted() -> None:
    slots, spans = slots_for("sell", roles_of("flog 90 of em for me would ya", {"90": COUNTED}))
    assert slots.shares == (Shares.of("90"),)
    assert [span.slot for span in spans] == ["shares"]


def test_all_is_not_overridden_by_a_figure() -> None:
    slots, _ = slots_for("sell", roles_of("Sell all my shares, the 400 too.", {"400": COUNTED}))
    assert Portion.ALL in slots.shares


def test_a_cancelling_takes_no_figure_that_is_told_of() -> None:
    text = "tires ran me $612 so cancel my $500 order"
    roles = {text.index("$612"): TOLD, text.index("$500"): ORDERED}
    slots, _ = slots_for("cancel_order", with_roles(read(text), roles))
    assert slots.amounts == (Money.of("500"),)


# -- learning ----------------------------------------------------------------------------------------------------------

NLP = spacy.blank("en")
TEXTS = [f"{before} {figure} here" for before in ("pay", "cost") for figure in range(100, 160)]


def meaning(text: str) -> Meaning:
    """Three tokens, the second of which is the figure and shows what stands before it."""
    words = text.split()
    starts = [text.index(word) for word in words]
    chance = np.random.default_rng(len(text) + int(words[1]))
    tokens = chance.normal(size=(len(TOKEN_LAYERS), 3, WIDTH))
    tokens[:, 1] += np.random.default_rng(1 if words[0] == "pay" else 2).normal(size=WIDTH)
    offsets = np.array([(start, start + len(word)) for start, word in zip(starts, words, strict=True)], dtype=np.int32)
    return Meaning(np.zeros(SIZE, dtype=np.float32), tokens.astype(np.float16), offsets)


def lesson(text: str) -> Example:
    doc = NLP.make_doc(text)
    values = frozenset({Decimal(text.split()[1])}) if text.startswith("pay") else frozenset()
    doc.user_data |= {MEANING: meaning(text), FIGURES: (values, frozenset())}
    return Example(NLP.make_doc(text), doc)


def read_by(reader: FigureReader, text: str) -> Doc:
    doc = NLP.make_doc(text)
    doc.user_data |= {MEANING: meaning(text), READING: read(text)}
    return reader(doc)


@pytest.fixture(scope="module")
def reader() -> FigureReader:
    reader = FigureReader("figures", 0.03)
    reader.initialize(lambda: [lesson(text) for text in TEXTS])
    return reader


@pytest.mark.parametrize(("text", "is_paid"), [("pay 777 here", True), ("cost 777 here", False)])
def test_it_learns_from_what_stands_around(reader: FigureReader, text: str, is_paid: bool) -> None:
    reading: Reading = read_by(reader, text).user_data[READING]
    ((start, chances),) = reading.roles.items()
    assert start == text.index("777")
    assert (chances.amount > 0.8) == is_paid
    assert (chances.told > 0.8) != is_paid
    assert chances.amount + chances.shares + chances.told == pytest.approx(1)


def test_what_is_stored_sees_the_same(reader: FigureReader, tmp_path: Path) -> None:
    reader.to_disk(tmp_path / "figures")
    loaded = FigureReader("figures", 0.03).from_disk(tmp_path / "figures")
    text = "pay 888 here"
    assert loaded.chances(meaning(text), read(text)) == reader.chances(meaning(text), read(text))


def test_figures_that_the_encoder_did_not_read_have_no_chances(reader: FigureReader) -> None:
    text = "pay 777 here"
    far = replace(read(text), figures=(Found(Decimal(5), 300, 303),))
    assert reader.chances(meaning(text), far) == {}


def test_without_lessons_nothing_is_said() -> None:
    reader = FigureReader("figures", 0.03)
    reader.initialize(list)
    reading: Reading = read_by(reader, "pay 777 here").user_data[READING]
    assert reading.roles == {}
