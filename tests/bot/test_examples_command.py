"""What staff say a message asked is kept, judged by a second person, and taught; and only a model no worse serves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.language import promotion, training
from bot.language.evaluation import Evaluation
from bot.language.examples import HELD_OUT, Example, read_rows
from bot.language.pipeline import Reader, build, digest_of, in_service, sources_of
from bot.language.shelf import Shelf
from bot.learning import BadLabels, accepted_examples, labels_of
from bot.settings import Settings
from handlers.contract import Referral
from storage.messages import Arrival, MessageState
from storage.reviews import OPEN, ReviewItem
from storage.store import Store, StoreUnavailable
from tests.language.test_promotion import BEFORE, evaluation, score

NOW = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)
LEASE = timedelta(minutes=2)
WORDS = "Hello, I think it is time to let 200 of my plan shares go. My code was K7QM-2R9T."
DECISION = {
    "decided": [
        {
            "request": {
                "intent": "buy",
                "slots": {
                    "amounts": ["200.00"],
                    "shares": [],
                    "states": [],
                    "accounts": [],
                    "order_ids": [],
                    "payment_methods": [],
                    "frequencies": [],
                    "days_of_month": [],
                    "effective_dates": [],
                },
                "topics": [],
                "cautions": [],
                "confidence": "0.8",
                "spans": [],
            },
            "outcome": {"kind": "NeedsInfo", "missing": ["amount"]},
            "ids": [""],
        }
    ],
    "read": {"model": "00ff"},
}
CORRECT = ["--intent", "sell", "--action", "execute", "--slot", "shares=200", "--by", "Dana Lee"]


def message(store: Store, text: str = WORDS, subject: str = "Re: Your request", key: str = "k") -> str:
    """The id of a message that was read as a purchase and is reviewed as r1."""
    raw = f"From: ana@example.com\r\nSubject: {subject}\r\n\r\n{text}\r\n\r\n> sell everything\r\n".encode()
    with store.transaction() as tx:
        tx.messages.accept([Arrival("email", key, raw, "ana@example.com", ("dspp@x",), "127.0.0.1", NOW)])
        found = tx.messages.claim("a", NOW, LEASE)
        assert found is not None
        tx.messages.finish(found.id, "a", MessageState.ESCALATED, NOW, decision=DECISION)
        tx.reviews.open(ReviewItem(f"r{key}", found.id, None, Referral.COMPLAINT.name, {}, "", None, OPEN, NOW))
    return found.id


def corrected(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The id of the correction that `dspp examples correct` made."""
    capsys.readouterr()
    assert main(["examples", "correct", *arguments]) == 0
    return capsys.readouterr().out.split()[0]


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["examples", "list", "--json"]) == 0
    rows: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return rows


@pytest.mark.parametrize("by_review", [False, True], ids=["by message", "by review"])
def test_a_corrected_message_waits_beside_what_was_read(
    by_review: bool, opened: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    message_id = message(opened)
    made = corrected(capsys, "rk" if by_review else message_id, *CORRECT, "--note", "let go is sell")
    (row,) = listed(capsys)
    assert (row["id"], row["message"], row["corrected_by"], row["model"]) == (made, message_id, "Dana Lee", "00ff")
    assert row["read"] == [{"intent": "buy", "slots": {"amount_usd": "200.00"}, "kind": "NeedsInfo"}]
    assert row["staff_say"] == {"intents": ["sell"], "action": "execute", "slots": {"shares": "200"}}
    assert main(["examples", "list"]) == 0
    text = capsys.readouterr().out
    assert "read       buy (amount_usd 200.00)  (model 00ff)" in text
    assert "staff say  sell (shares 200): execute" in text
    assert "by Dana Lee: let go is sell" in text


def test_only_the_sender_s_own_words_are_kept_and_no_code(opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    message(opened)
    corrected(capsys, "rk", *CORRECT)
    (row,) = listed(capsys)
    assert row["subject"] == ""
    assert "let 200 of my plan shares go" in str(row["text"])
    assert "sell everything" not in str(row["text"])
    assert "K7QM" not in str(row["text"])


def test_correcting_anew_replaces_what_waits_and_keeps_who(opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    message(opened)
    first = corrected(capsys, "rk", *CORRECT)
    assert corrected(capsys, "rk", *CORRECT) == first
    second = corrected(capsys, "rk", "--intent", "withdraw", "--action", "ask", "--by", "Eli Moss")
    (row,) = listed(capsys)
    assert row["id"] == second
    assert [(one["by"], one["state"]) for one in row["earlier"]] == [("Dana Lee", "REPLACED")]  # type: ignore[attr-defined]  # a list


@pytest.mark.parametrize(
    ("slots", "says"),
    [
        pytest.param(["amount_usd"], "NAME=VALUE is wanted", id="no value"),
        pytest.param(["amount_usd="], "NAME=VALUE is wanted", id="an empty value"),
        pytest.param(["size=3"], "unknown slots", id="an unknown slot"),
        pytest.param(["amount_usd=$500"], "dollars and cents, as 500.00 is wanted", id="a sign"),
        pytest.param(["amount_usd=500"], "dollars and cents", id="no cents"),
        pytest.param(["shares=most"], "a number above 0, all or half", id="a portion we do not know"),
        pytest.param(["state=ZZ"], "a postal code", id="no state"),
        pytest.param(["day_of_month=32"], "1 to 31", id="no day"),
        pytest.param(["shares=0"], "a number above 0", id="no shares"),
        pytest.param(["shares=0.000"], "a number above 0", id="no shares, in decimals"),
        pytest.param(["effective_date=2003-13"], "2003-12", id="no month"),
        pytest.param(["effective_date=2003-02-31"], "a day or month that there is", id="a day that month has not"),
        pytest.param(["effective_date=2003-02-29"], "a day or month that there is", id="a leap day in another year"),
        pytest.param(["effective_date=--02-30"], "a day or month that there is", id="a day no year has"),
        pytest.param(["effective_date=0000-01-01"], "a day or month that there is", id="the year nought"),
        pytest.param(["payment_method=cash"], "check or automatic_deduction", id="no way to pay"),
    ],
)
def test_a_detail_in_another_form_is_not_kept(
    slots: list[str], says: str, opened: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    message(opened)
    given = [word for slot in slots for word in ("--slot", slot)]
    assert main(["examples", "correct", "rk", "--intent", "buy", "--action", "execute", *given, "--by", "Dana"]) == 2
    assert says in capsys.readouterr().err
    assert listed(capsys) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--intent", "fly", "--action", "ask"], "invalid choice: 'fly'", id="an intent"),
        pytest.param(["--intent", "buy", "--action", "run"], "invalid choice: 'run'", id="an action"),
        pytest.param(["--action", "ask"], "--intent", id="no intent"),
    ],
)
def test_a_word_outside_the_vocabulary_is_wrong_usage(
    arguments: list[str], says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["examples", "correct", "rk", *arguments, "--by", "Dana"])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_labels_keep_their_order_and_name_each_intent_once() -> None:
    labels = labels_of(["sell", "balance"], "execute", ["shares=200", "state=NJ", "shares=all"])
    assert labels.intents == ("sell", "balance")
    assert labels.slots == {"shares": ("200", "all"), "state": ("NJ",)}
    with pytest.raises(BadLabels, match="named twice"):
        labels_of(["sell", "sell"], "execute", [])


@pytest.mark.parametrize(
    ("text", "subject", "name", "says"),
    [
        pytest.param(WORDS, "", "nothing", "there is no message and no review nothing", id="no such message"),
        pytest.param("", "Re: yours", "rk", "no words of its sender's own", id="nothing but quoted text"),
    ],
)
def test_what_cannot_be_corrected_is_told(
    text: str, subject: str, name: str, says: str, opened: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    message(opened, text, subject)
    assert main(["examples", "correct", name, *CORRECT]) == 1
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("by", ["Dana Lee", "dana lee", " Dana  Lee "])
def test_who_corrected_a_message_does_not_review_it(by: str, opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    message(opened)
    made = corrected(capsys, "rk", *CORRECT)
    assert main(["examples", "review", made, "--accept", "--by", by]) == 1
    assert "Dana Lee corrected it; another person must review it" in capsys.readouterr().err
    assert len(listed(capsys)) == 1


@pytest.mark.parametrize(
    ("verdict", "taught"), [pytest.param("--accept", 1, id="accepted"), pytest.param("--reject", 0, id="rejected")]
)
def test_only_what_a_second_person_accepted_is_taught(
    verdict: str, taught: int, opened: Store, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message(opened)
    made = corrected(capsys, "rk", *CORRECT)
    settings = Settings(state_dir=folder)
    assert accepted_examples(settings) == ()
    assert main(["examples", "review", made, verdict, "--by", "Eli Moss"]) == 0
    assert listed(capsys) == []
    rows = accepted_examples(settings)
    assert len(rows) == taught
    for row in rows:
        assert (row.author, row.intents, row.action, row.slots) == ("staff", ("sell",), "execute", {"shares": ("200",)})
        assert "let 200 of my plan shares go" in row.body
    assert main(["examples", "review", made, verdict, "--by", "Eli Moss"]) == 1
    assert "does not wait any more" in capsys.readouterr().err


def test_a_message_near_one_of_the_frozen_test_may_be_rejected_only(
    opened: Store, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = next(row for row in read_rows(HELD_OUT / "test.jsonl") if 20 < len(row.body.split()) < 60)
    message(opened, twin.body.replace("\n", " ") + " Thanks again.", "")
    made = corrected(capsys, "rk", *CORRECT)
    assert main(["examples", "review", made, "--accept", "--by", "Eli"]) == 1
    assert f"it says nearly the words of {twin.id} in the frozen test" in capsys.readouterr().err
    assert accepted_examples(Settings(state_dir=folder)) == ()
    assert main(["examples", "review", made, "--reject", "--by", "Eli"]) == 0


def test_without_a_database_nothing_is_taught_and_none_is_made(tmp_path: Path) -> None:
    assert accepted_examples(Settings(state_dir=tmp_path)) == ()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "dspp.sqlite3").touch()
    assert accepted_examples(Settings(state_dir=tmp_path)) == (), "never migrated"


def test_a_database_that_does_not_answer_is_no_empty_one(tmp_path: Path) -> None:
    (tmp_path / "dspp.sqlite3").write_text("not a database at all, but long enough to be read as one" * 20)
    with pytest.raises(StoreUnavailable):
        accepted_examples(Settings(state_dir=tmp_path))


# ------------------------------------------------------ training and models


@pytest.fixture
def quality(monkeypatch: pytest.MonkeyPatch) -> dict[str, Evaluation]:
    """What the frozen test says of models, by what they were trained from; trainings are empty and quick."""
    found: dict[str, Evaluation] = {}

    def fitted(rows: Sequence[Example], _encoder: Path, seed: int, *_: object) -> object:
        nlp = build()
        nlp.meta["description"] = ", ".join([f"seed {seed}", *(row.id for row in rows if row.author == "staff")])
        return nlp

    monkeypatch.setattr(training, "fitted", fitted)
    monkeypatch.setattr(Reader, "load", lambda folder: folder)
    monkeypatch.setattr(promotion, "evaluate", lambda folder, _rows: found.get(sources_of(folder), BEFORE))
    return found


def teach(opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """One accepted correction."""
    message(opened)
    made = corrected(capsys, "rk", *CORRECT)
    assert main(["examples", "review", made, "--accept", "--by", "Eli"]) == 0


def test_what_staff_taught_is_learned_beside_the_model_in_service_and_serves_if_it_is_no_worse(
    opened: Store, folder: Path, quality: dict[str, Evaluation], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train"]) == 0
    before = digest_of(folder / "model")
    teach(opened, capsys)
    assert main(["train", "--if-needed"]) == 0
    assert "promoted: " in capsys.readouterr().out
    assert Shelf(folder / "model").previous() == before
    assert "staff-" in (in_service(folder / "model") / "meta.json").read_text()
    assert main(["train", "--if-needed"]) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_what_staff_taught_does_not_serve_if_it_makes_the_model_worse(
    opened: Store, folder: Path, quality: dict[str, Evaluation], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train"]) == 0
    teach(opened, capsys)
    extra = accepted_examples(Settings(state_dir=folder))
    quality[training.sources_digest(extra=extra)] = evaluation(*BEFORE.intents, wrong=2)
    capsys.readouterr()
    assert main(["train"]) == 1
    assert "not promoted" in capsys.readouterr().out
    assert main(["train", "--if-needed"]) == 0, "a start with the model of before is no failure"
    assert not Shelf(folder / "model").is_promoted
    assert sources_of(folder / "model") == training.sources_digest()


def test_a_model_is_promoted_refused_and_taken_back_by_command(
    folder: Path, tmp_path: Path, quality: dict[str, Evaluation], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train"]) == 0
    assert main(["train", "--out", str(tmp_path / "new"), "--seed", "1"]) == 0
    first, new = digest_of(folder / "model"), digest_of(tmp_path / "new")
    quality[sources_of(tmp_path / "new")] = evaluation(score("buy", 0.5), score("sell", 0.95), wrong=1)
    capsys.readouterr()
    assert main(["models", "promote", str(tmp_path / "new"), "--by", "Dana"]) == 1
    assert "recall of buy" in capsys.readouterr().out
    quality.clear()
    assert main(["models", "promote", str(tmp_path / "new"), "--by", "Dana"]) == 0
    assert main(["models", "promote", str(tmp_path / "new"), "--by", "Dana"]) == 1
    assert main(["models", "back", "--by", "Eli"]) == 0
    assert main(["train", "--if-needed"]) == 0
    capsys.readouterr()
    assert main(["models", "list", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["in_service"].startswith(first)
    assert report["previous"].startswith(new)
    assert [(one["how"], one["by"]) for one in report["changes"]] == [("put back", "Eli"), ("promoted", "Dana")]


def test_what_a_person_put_back_stays_until_training_is_asked_for(
    folder: Path, tmp_path: Path, quality: dict[str, Evaluation], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--seed", "1"]) == 0
    assert main(["train", "--out", str(tmp_path / "new")]) == 0
    assert main(["models", "promote", str(tmp_path / "new")]) == 0
    assert main(["models", "back", "--by", "Eli"]) == 0
    old = Shelf(folder / "model").current()
    capsys.readouterr()
    assert main(["train", "--if-needed"]) == 0
    assert f"Eli put the model {old} back" in capsys.readouterr().out
    assert Shelf(folder / "model").current() == old


def test_without_a_model_before_there_is_no_way_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "back"]) == 1
    assert "no model is known that came before" in capsys.readouterr().err
    assert main(["models", "list"]) == 1
    assert "in service  none" in capsys.readouterr().out
