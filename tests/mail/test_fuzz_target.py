"""What the fuzzer claims of every message holds of its seeds and of random ones; and its claims can fail."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.dkim_check import check_dkim
from bot.mail.dkim_reasons import DkimReason
from bot.mail.reply_text import LiveText
from tests.fakes import UnderstandsNothing
from tests.fuzzing import claims, forgeries
from tests.fuzzing.raw_to_understood import CORPUS, arguments
from tests.fuzzing.seeds import WRITTEN, seeds, write_seeds
from tests.mail.signing import LETTER, NOW, sign

NOTHING = UnderstandsNothing()
SEEDS = tuple(seeds())
WORDS = Path(claims.__file__).with_name("words.dict")
PIECES = tuple(
    line.strip()[1:-1].encode().decode("unicode_escape").encode("latin-1")
    for line in WORDS.read_text(encoding="utf-8").splitlines()
    if line.startswith('"')
)


@pytest.mark.parametrize("raw", SEEDS, ids=range(len(SEEDS)))
@pytest.mark.parametrize("mail_from", ["", "ann@example.com"], ids=["null sender", "a sender"])
def test_every_claim_holds_of_every_seed(raw: bytes, mail_from: str) -> None:
    claims.check(raw, mail_from, NOTHING)
    forgeries.check_forgeries(raw)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)), max_size=30).map(b"".join))
def test_every_claim_holds_of_any_pieces_of_mail(raw: bytes) -> None:
    claims.check(raw, "ann@example.com", NOTHING)
    forgeries.check_forgeries(raw)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_every_claim_holds_of_seeds_that_were_changed(raw: bytes, data: st.DataObject) -> None:
    start, length = data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, 40))
    changed = raw[:start] + data.draw(st.sampled_from(PIECES)) + raw[start + length :]
    claims.check(changed, "", NOTHING)
    forgeries.check_forgeries(changed)


@pytest.mark.parametrize("place", forgeries.PLACES, ids=range(len(forgeries.PLACES)))
@settings(max_examples=40, deadline=None)
@given(piece=st.lists(st.sampled_from(PIECES), max_size=6).map(b"".join))
def test_nothing_put_around_a_signed_letter_changes_what_it_says(
    place: Callable[[bytes, forgeries.Genuine], bytes], piece: bytes
) -> None:
    for letter in forgeries.genuine():
        forged = place(claims.on_the_wire(piece), letter)
        forgeries.a_letter_that_passes_is_the_letter_that_was_signed(forged)


def test_the_signed_seeds_pass_so_that_a_forgery_has_something_to_forge() -> None:
    for letter in forgeries.genuine():
        verdicts = check_dkim(letter.head + b"\r\n" + letter.body, forgeries.KEYS, NOW, claims.LIMITS)
        assert [verdict.reason for verdict in verdicts] == [DkimReason.PASSED]
        assert "$250." in letter.words


def test_a_letter_that_its_signer_did_not_write_is_found_out() -> None:
    other = sign(LETTER.replace(b"$250", b"$950"), key=forgeries.KEY)
    with pytest.raises(AssertionError, match="a forged message passes"):
        forgeries.a_letter_that_passes_is_the_letter_that_was_signed(other)


def _all_live(text: str) -> LiveText:
    return LiveText(live=text, quoted="", doubtful=False)


def _with_a_fault(raw: bytes, *_: object) -> None:
    raise RecursionError


@pytest.mark.parametrize(
    ("place", "broken"),
    [
        pytest.param("tests.fuzzing.claims.split", _all_live, id="what is quoted is taken for live"),
        pytest.param("tests.fuzzing.claims.refusal_of", lambda *_: "", id="the door takes everything"),
        pytest.param("bot.mail.parse.single_address", lambda values: ("a@b.example", ""), id="every sender is known"),
        pytest.param("bot.mail.parse.read_parts", _with_a_fault, id="a reader fails and hides it"),
        pytest.param("tests.fuzzing.claims.dedupe_key", lambda channel, raw: f"email||{raw[:32].hex():0<64.64}",
                     id="a relay's stamp changes the key"),
        pytest.param("bot.mail.parse._CONTROLS", re.compile("(?!)"), id="control characters stay"),
    ],
)  # fmt: skip
def test_each_claim_can_fail(monkeypatch: pytest.MonkeyPatch, place: str, broken: object) -> None:
    monkeypatch.setattr(place, broken)
    messages = (*SEEDS, b"From: a@b.example\nFrom: c@d.example\n\nbell \x07\n")
    assert any(_is_broken(raw) for raw in messages)


def _is_broken(raw: bytes) -> bool:
    try:
        claims.check(raw, "", NOTHING)
    except AssertionError:
        return True
    return False


def test_a_fault_is_not_caught_for_longer_than_a_check() -> None:
    with pytest.raises(AssertionError, match="a fault was caught: it broke"), claims.no_fault_is_caught():
        logging.getLogger("bot.mail.parse").error("it %s", "broke")
    assert logging.getLogger("bot").handlers == []


@pytest.mark.parametrize(
    ("given_words", "corpus"),
    [
        pytest.param([], CORPUS, id="nothing"),
        pytest.param(["-runs=5"], CORPUS, id="an option"),
        pytest.param(["-runs=5", "here"], Path("here"), id="a folder"),
        pytest.param([str(WORDS)], None, id="a file to be shown again"),
    ],
)
def test_the_fuzzer_is_told_its_bounds(given_words: list[str], corpus: Path | None) -> None:
    told, found = arguments(given_words)
    assert found == corpus
    assert {"-timeout=5", "-rss_limit_mb=3072", "-max_len=20000", f"-dict={WORDS}"} <= set(told)
    assert told[-1] == (given_words[-1] if given_words and given_words[-1][0] != "-" else str(CORPUS))


def test_what_is_told_takes_the_place_of_what_is_usual() -> None:
    told, _ = arguments(["-max_total_time=1800", "-timeout=1"])
    assert {"-max_total_time=1800", "-timeout=1"} <= set(told)
    assert not {"-max_total_time=600", "-timeout=5"} & set(told)


def test_the_seeds_are_written_once_each_and_whole(tmp_path: Path) -> None:
    write_seeds(tmp_path)
    first = {path.name for path in tmp_path.iterdir()}
    write_seeds(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == first
    written = {path.read_bytes() for path in tmp_path.iterdir()}
    assert set(SEEDS) <= written
    assert len(SEEDS) >= len(list(WRITTEN.glob("*.eml"))) + 40
