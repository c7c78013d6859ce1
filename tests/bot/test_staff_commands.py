"""What staff can do from the command line about letters given up, messages that failed, and a secret that is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import main
from handlers.contract import Referral
from storage.messages import Arrival, MessageState
from storage.outbox import NewLetter
from storage.reviews import OPEN, ReviewItem
from storage.store import Store

NOW = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)
LEASE = timedelta(minutes=2)


def _letter(store: Store, number: int, state: str = "QUEUED", cause: str = "") -> None:
    with store.transaction() as tx:
        letter = NewLetter(
            f"l{number}", cause or f"c{number}", "buy", None, f"<{number}@x>", "ana@example.com", "b@x", b"the code"
        )
        tx.outbox.add(letter, NOW + timedelta(seconds=number))
        if state != "QUEUED":
            tx.outbox.lease("a", NOW + timedelta(minutes=1), LEASE, 99)
            getattr(tx.outbox, state.lower())(letter.id, "a", f"5{number}0 no", NOW)


def _review(store: Store, state: MessageState) -> str:
    """The id of a message that ended in a state, with the review r1."""
    with store.transaction() as tx:
        tx.messages.accept([Arrival("email", "k", b"raw", "ana@example.com", ("dspp@x",), "127.0.0.1", NOW)])
        message = tx.messages.claim("a", NOW, LEASE)
        assert message is not None
        tx.messages.finish(message.id, "a", state, NOW, reason="ValueError: no")
        tx.reviews.open(ReviewItem("r1", message.id, None, Referral.FAILED.name, {}, "", None, OPEN, NOW))
    return message.id


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        pytest.param([], ["l3", "l1"], id="those not sent"),
        pytest.param(["--state", "DEAD"], ["l1"], id="those given up"),
        pytest.param(["--state", "SENT"], ["l2"], id="those sent"),
    ],
)
def test_letters_are_listed_without_what_is_in_them(
    options: list[str], shown: list[str], opened: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    _letter(opened, 1, "DEAD")
    _letter(opened, 2, "SENT")
    _letter(opened, 3)
    assert main(["letters", "list", *options]) == 0
    text = capsys.readouterr().out
    assert [line.split()[0] for line in text.splitlines()] == shown
    assert main(["letters", "list", *options, "--json"]) == 0
    printed = capsys.readouterr().out
    assert [row["id"] for row in json.loads(printed)] == shown
    assert "the code" not in text + printed


def test_a_letter_given_up_is_tried_again(opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    _letter(opened, 1, "DEAD")
    assert main(["letters", "retry", "l1"]) == 0
    with opened.transaction() as tx:
        assert [one.attempts for one in tx.outbox.lease("b", NOW, LEASE, 9)] == [1]
    assert main(["letters", "retry", "l1"]) == 1
    assert main(["letters", "retry", "l9"]) == 1
    assert "no letter l9 that was given up" in capsys.readouterr().err


def test_a_failed_message_is_worked_on_again_and_can_be_answered(opened: Store) -> None:
    message_id = _review(opened, MessageState.FAILED)
    _letter(opened, 1, cause=f"answer:{message_id}")
    assert main(["reviews", "retry", "r1", "--by", "Dana"]) == 0
    with opened.transaction() as tx:
        review = tx.reviews.get("r1")
        assert review is not None
        assert (review.state, review.closed_by) == ("CLOSED", "Dana")
        again = tx.messages.claim("b", NOW, LEASE)
        assert again is not None
        assert (again.id, again.failures) == (message_id, 0)
        assert not tx.outbox.has(f"answer:{message_id}")
    _letter(opened, 2, cause=f"answer:{message_id}")
    assert main(["reviews", "retry", "r1"]) == 1, "the review is closed"


@pytest.mark.parametrize("state", [MessageState.ESCALATED, MessageState.ANSWERED])
def test_only_a_message_that_failed_is_worked_on_again(
    state: MessageState, opened: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    message_id = _review(opened, state)
    assert main(["reviews", "retry", "r1"]) == 1
    assert "did not fail" in capsys.readouterr().err
    with opened.reading() as tx:
        assert tx.messages.get(message_id).state is state
        assert len(tx.reviews.waiting()) == 1


CORRECT = ["--intent", "sell", "--action", "execute"]


@pytest.mark.parametrize(
    ("by", "says"),
    [
        pytest.param("M" * 129, "longer than 128 characters", id="a name without end"),
        pytest.param("M\udcff", "given as by holds characters that are no text", id="half a letter"),
        pytest.param("M\0", "given as by holds characters that are no text", id="a NUL"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["examples", "correct", "r1", *CORRECT], id="correct"),
        pytest.param(["examples", "review", "c1", "--accept"], id="review"),
        pytest.param(["models", "promote", "new"], id="promote"),
        pytest.param(["models", "back"], id="back"),
        pytest.param(["reviews", "retry", "r1"], id="retry"),
        pytest.param(["holders", "release", "CST-1", "--reason", "x"], id="release"),
    ],
)
def test_a_name_that_no_database_keeps_is_wrong_usage(
    command: list[str], by: str, says: str, opened: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    _review(opened, MessageState.FAILED)
    try:
        status: object = main([*command, "--by", by])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert says in capsys.readouterr().err
    with opened.reading() as tx:
        assert len(tx.reviews.waiting()) == 1


def test_a_name_of_the_greatest_length_is_kept(opened: Store) -> None:
    _review(opened, MessageState.FAILED)
    assert main(["reviews", "retry", "r1", "--by", f" {'M' * 128} "]) == 0
    with opened.reading() as tx:
        review = tx.reviews.get("r1")
    assert review is not None
    assert review.closed_by == "M" * 128


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["examples", "correct", "r1", *CORRECT, "--by", "Dana", "--note", "half \udcff"], id="a note"),
        pytest.param(["examples", "correct", "r1", *CORRECT, "--by", "Dana", "--slot", "state=\udcff"], id="a detail"),
        pytest.param(["examples", "correct", "half \udcff", *CORRECT, "--by", "Dana"], id="an id"),
        pytest.param(["letters", "retry", "half \udcff"], id="a letter"),
        pytest.param(["explain", "half \udcff"], id="a message"),
        pytest.param(["holders", "release", "CST-1", "--by", "Dana", "--reason", "half \udcff"], id="a reason"),
    ],
)
def test_words_that_are_no_text_are_wrong_usage(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert "holds characters that are no text; write it in UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize(
    "lost", [pytest.param(True, id="lost and made anew"), pytest.param(False, id="another put in its place")]
)
def test_a_secret_that_is_not_the_store_s_stops_every_command(
    lost: bool, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = folder / "secret.key"
    own = secret.read_text()
    secret.unlink()
    if not lost:
        secret.write_text("ab" * 32)
        secret.chmod(0o600)
    for command in (["migrate"], ["samples"], ["reviews", "list"], ["letters", "list"]):
        assert main(command) == 1, command
        assert "made with another secret" in capsys.readouterr().err
    secret.write_text(own)
    assert main(["letters", "list"]) == 0


@pytest.mark.parametrize(
    ("lost", "says"),
    [
        pytest.param(True, "is gone", id="gone"),
        pytest.param(False, "was made with another secret", id="another put in its place"),
    ],
)
def test_doctor_tells_that_the_secret_is_not_the_store_s(
    lost: bool, says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--json"])
    before = {(one["what"], one["verdict"]) for one in json.loads(capsys.readouterr().out)}
    assert ("secret", "fault") not in before
    secret = folder / "secret.key"
    secret.unlink()
    if not lost:
        secret.write_text("ab" * 32)
        secret.chmod(0o600)
    assert main(["doctor", "--json"]) == 1
    faults = [
        one for one in json.loads(capsys.readouterr().out) if (one["what"], one["verdict"]) == ("secret", "fault")
    ]
    assert [says in one["says"] for one in faults] == [True]
    assert str(secret) in faults[0]["remedy"]
    assert secret.exists() is not lost, "doctor changes nothing"
