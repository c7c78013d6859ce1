"""The model as one directory: stored, loaded, checked; and the parts it is made of."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import spacy

from bot.language.clauses import clauses
from bot.language.examples import SHIPPED
from bot.language.features import FEATURIZERS, TfIdf, character_grams, normalized, word_grams
from bot.language.intent import NAME, IntentClassifier
from bot.language.model_files import MANIFEST, BadModel, file_digests
from bot.language.pipeline import Reader, build
from bot.language.promotion import measured
from bot.language.subjects import message_text, own_subject
from bot.language.text import is_disguised, plain
from bot.language.training import train
from bot.language.words import Words

MESSAGES = (
    "Please invest $500 for me this month.",
    "sell half of my shares, and how many have I got?",
    "stop the monthly deduction",
    "is N.J. open?",
    "thank you!",
)


@pytest.fixture
def small_examples(tmp_path: Path) -> Path:
    """One in fifty of the examples, so that a training takes seconds."""
    folder = tmp_path / "examples"
    folder.mkdir()
    for path in sorted(SHIPPED.glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()[::50]
        (folder / path.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_loaded_model_reads_as_the_one_that_was_stored(model: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "copy")
    first, second = Reader.load(model), Reader.load(tmp_path / "copy")
    assert first.digest == second.digest
    for text in MESSAGES:
        assert first.understand("", text) == second.understand("", text)


@pytest.mark.slow
def test_a_stored_pipeline_loads_with_spacy_alone(model: Path) -> None:
    nlp = spacy.load(model)
    assert nlp.pipe_names == ["sentencizer", "dspp_slots", "dspp_intent", "dspp_figures", "dspp_decide"]
    doc = nlp("Please invest $500 for me.")
    assert max(doc.cats, key=lambda label: doc.cats[label]) == "buy"
    assert sum(doc.cats.values()) == pytest.approx(1)


@pytest.mark.slow
def test_a_stored_pipeline_loads_where_nothing_of_ours_was_imported(model: Path) -> None:
    code = (
        "import spacy, sys; assert not any(name.startswith('bot') for name in sys.modules); "
        f"doc = spacy.load({str(model)!r})('sell 200 shares'); "
        "sys.exit(max(doc.cats, key=doc.cats.get) != 'sell')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=120, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_reading_needs_no_scikit_learn(model: Path) -> None:
    code = (
        "import sys; from bot.language.pipeline import Reader; "
        f"Reader.load({str(model)!r}).understand('', 'sell 200 shares'); "
        "sys.exit('sklearn' in sys.modules or 'scipy.sparse' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0


def test_a_missing_model_names_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="run: dspp train"):
        Reader.load(tmp_path / "nowhere")


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda folder: (folder / "dspp_intent" / "settings.json").write_text("{}"), id="a changed file"),
        pytest.param(lambda folder: (folder / "dspp_intent" / "intents-form.npz").unlink(), id="a missing file"),
        pytest.param(lambda folder: (folder / "extra.txt").write_text("x"), id="a file too many"),
        pytest.param(lambda folder: (folder / MANIFEST).write_text("no"), id="a damaged manifest"),
        pytest.param(lambda folder: (folder / MANIFEST).write_text("[]"), id="a manifest of another form"),
    ],
)
def test_a_model_that_was_tampered_with_is_not_loaded(model: Path, tmp_path: Path, spoil: object) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    spoil(folder)  # type: ignore[operator]  # each row's function takes the folder
    with pytest.raises(BadModel, match="run: dspp train"):
        Reader.load(folder)


def other_calibration(folder: Path) -> None:
    settings = folder / "dspp_intent" / "settings.json"
    settings.write_text(settings.read_text().replace("temperature", "warmth"))


def cut_graph(folder: Path) -> None:
    graph = folder / "dspp_intent" / "encoder" / "encoder.onnx"
    graph.write_bytes(graph.read_bytes()[:100_000])


def fewer_weights(folder: Path) -> None:
    standard = folder / "dspp_intent" / "standard.npz"
    np.savez_compressed(standard, center=np.zeros(7), scale=np.ones(7))


OF_OTHER_CODE = [
    pytest.param(other_calibration, id="a field was renamed"),
    pytest.param(cut_graph, id="a graph is cut off"),
    pytest.param(fewer_weights, id="loads, but cannot read"),
]


@pytest.mark.slow
@pytest.mark.parametrize("change", OF_OTHER_CODE)
def test_a_whole_model_of_other_code_names_its_remedy(
    change: Callable[[Path], None], model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    change(folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"] = file_digests(folder, MANIFEST)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(BadModel, match=r"cannot be used \(.*run: dspp train"):
        Reader.load(folder)
    with pytest.raises(BadModel):
        measured(folder, [])


@pytest.mark.slow
def test_training_is_repeatable_and_only_when_needed(small_examples: Path, tmp_path: Path) -> None:
    """All in one folder, so that the sentence encoder is built once."""
    said: list[str] = []
    first = train(tmp_path / "a", seed=3, examples_dir=small_examples, report=said.append)
    second = train(tmp_path / "b", seed=3, examples_dir=small_examples)
    assert first.digest == second.digest
    assert first.examples > 90
    assert said
    again = train(tmp_path / "a", seed=3, examples_dir=small_examples, if_needed=True)
    assert (again.was_needed, "nothing to do" in str(again)) == (False, True)
    assert train(tmp_path / "a", seed=4, examples_dir=small_examples, if_needed=True).was_needed


def test_features_are_swappable_by_the_config() -> None:
    nlp = spacy.blank("en")
    component = nlp.add_pipe(NAME, config={"features": {"words": 1.0}})
    assert isinstance(component, IntentClassifier)
    assert set(FEATURIZERS) == {"words", "characters", "cues"}


def test_tfidf_weighs_rare_grams_more_and_has_length_one() -> None:
    features = TfIdf(word_grams, least_texts=1)
    features.fit(["sell shares", "buy shares", "sell all"])
    indices, values = features.transform("sell shares now")
    assert len(indices) == len(values) == 3
    assert np.sqrt(np.sum(values**2)) == pytest.approx(1)
    assert list(indices) == sorted(indices)
    unknown, nothing = features.transform("zebra")
    assert (len(unknown), len(nothing)) == (0, 0)


def test_grams_are_words_pairs_and_runs_of_characters() -> None:
    assert list(word_grams("Sell 200 shares!")) == ["sell", "0", "shares", "!", "sell 0", "0 shares", "shares !"]
    assert list(character_grams("ab")) == [" ab", "ab ", " ab "]
    assert normalized("Invest $1,250.00 NOW") == "invest $0 now"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("Sell 200 shares. Thank you.", ["Sell 200 shares.", "Thank you."], id="sentences"),
        pytest.param(
            "cancel P-4471 and give me 400 dollars worth",
            ["cancel P-4471", "give me 400 dollars worth"],
            id="joined requests",
        ),
        pytest.param("My wife and I sell shares", ["My wife and I sell shares"], id="an and within a request"),
        pytest.param("1. Stop it please\n2. Sell 125 shares", ["Stop it please", "Sell 125 shares"], id="a list"),
        pytest.param("Mr. Smith wants it", ["Mr. Smith wants it"], id="a title is no end"),
    ],
)
def test_clauses_are_the_parts_that_may_ask(text: str, parts: list[str]) -> None:
    doc = build().get_pipe("sentencizer")(build().make_doc(text))
    assert [clause.of(text) for clause in clauses(doc)] == parts


@pytest.mark.parametrize("text", ["Mr. Smith said: sell 1,000.50!\n\nThanks  a lot", "$" * 500, "a" * 500, "", " x "])
def test_no_character_is_lost_among_words(text: str) -> None:
    assert Words(spacy.blank("en").vocab)(text).text == text


@pytest.mark.parametrize(
    "subject",
    [
        "Re: x",
        "RE[2]: x",
        "Antwort: x",
        "RV: x",
        "R: x",
        "Odp: x",
        "回复：x",
        "[EXTERNAL] Re: x",
        "[a] [b] FWD: x",
        "Vs: x",
    ],
)
def test_the_subject_of_an_answer_is_somebody_elses(subject: str) -> None:
    assert own_subject(subject) == ""


@pytest.mark.parametrize("subject", ["Report: sales", "Recurring: stop", "I want out", "[urgent] sell", "Reinvest 500"])
def test_a_subject_that_only_begins_like_an_answers_is_its_senders(subject: str) -> None:
    assert own_subject(subject) == subject


@pytest.mark.parametrize(
    ("subject", "live", "text"),
    [
        pytest.param("Buy order", "500 please", "Buy order\n\n500 please", id="the sender's own subject"),
        pytest.param("Re: Your request", "500 please", "500 please", id="a reply's subject"),
        pytest.param("FW: note", "500 please", "500 please", id="a forward's subject"),
        pytest.param("sell all", "", "sell all", id="only a subject"),
        pytest.param("", "sell\ud800", "sell\ufffd", id="half a character"),
    ],
)
def test_the_text_that_is_read(subject: str, live: str, text: str) -> None:
    assert message_text(subject, live) == text


def test_plain_text_keeps_its_length() -> None:
    text = "\u201cI\u2019d\u201d like \u00a0$500\u2026 \u200b\uff15 ½ \t x"
    assert len(plain(text)) == len(text)
    assert plain(text).startswith('"I\'d" like  $500.')


@pytest.mark.parametrize(
    ("text", "disguised"),
    [
        pytest.param("sell all", False, id="plain"),
        pytest.param("caf\u00e9 \u201cquoted\u201d", False, id="accents and quotes"),
        pytest.param("привет", False, id="another script by itself"),
        pytest.param("s\u0435ll", True, id="a mixed word"),
        pytest.param("\u202e005$", True, id="reordered"),
        pytest.param("\uff15\uff10\uff10", True, id="wide digits"),
    ],
)
def test_a_disguise_is_seen(text: str, disguised: bool) -> None:
    assert is_disguised(text) is disguised


def test_the_manifest_names_every_file(small_examples: Path, tmp_path: Path) -> None:
    train(tmp_path / "m", examples_dir=small_examples)
    named = json.loads((tmp_path / "m" / MANIFEST).read_text(encoding="utf-8"))["files"]
    present = {path.relative_to(tmp_path / "m").as_posix() for path in (tmp_path / "m").rglob("*") if path.is_file()}
    assert set(named) == present - {MANIFEST}
