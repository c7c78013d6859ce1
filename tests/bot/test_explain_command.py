"""dspp explain and dspp reviews show: what staff read of a message, and how they name it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.cli import main
from handlers.contract import Referral
from storage.messages import Arrival, MessageState
from storage.reviews import OPEN, ReviewItem
from storage.store import Store
from tests.storage.material import NOW

ANA = "ana@example.com"
DECISION = {
    "decided": [
        {
            "request": {"intent": "human", "confidence": "0.00000001"},
            "outcome": {"kind": "Referred", "reason": "ASKED_FOR_A_PERSON"},
        }
    ],
    "read": {"confidence": {"buy": 1e-08}},
}


def _conversation(store: Store, *bodies: str) -> tuple[str, list[str]]:
    """The reference of a conversation, and the ids of its messages, oldest first; the last has the review r1."""
    with store.transaction() as tx:
        conversation = tx.conversations.open("email", ANA, NOW)
        ids = []
        for number, body in enumerate(bodies):
            at = NOW + timedelta(minutes=number)
            raw = f"From: {ANA}\r\nSubject: number {number}\r\nMessage-ID: <m{number}@x>\r\n\r\n{body}\r\n".encode()
            tx.messages.accept([Arrival("email", f"email|<m{number}@x>|d", raw, ANA, ("dspp@x",), "127.0.0.1", at)])
            message = tx.messages.claim("a", at, timedelta(minutes=2))
            assert message is not None
            tx.messages.finish(message.id, "a", MessageState.ANSWERED, at, conversation_id=conversation.id)
            ids.append(message.id)
        reason = Referral.ASKED_FOR_A_PERSON.name
        tx.reviews.open(ReviewItem("r1", ids[-1], conversation.id, reason, DECISION, "", None, OPEN, NOW))
    return conversation.reference, ids


def test_of_several_that_fit_all_are_listed_and_the_latest_is_explained(
    opened: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    reference, (first, second) = _conversation(opened, "Hello.", "Hello again.")
    assert main(["explain", reference.lower()]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"2 messages fit {reference.lower()}; the latest is explained, another by its id:"
    assert [line.split()[0] for line in lines[1:3]] == [second, first]
    assert lines[1].split("  ")[-3:] == ["2003-11-05 14:01 UTC", ANA, "number 1"]
    assert f"message   {second}, received" in "\n".join(lines)
    assert main(["explain", reference, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["message"] == second
    assert [one["id"] for one in report["fits"]] == [second, first]


def test_one_that_fits_is_explained_without_a_list(opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    _, (first, _) = _conversation(opened, "Hello.", "Hello again.")
    for written in (first, "<m0@x>", "m0@x"):
        assert main(["explain", written]) == 0
        assert capsys.readouterr().out.startswith(f"message   {first}, received")


def test_what_fits_nothing_is_told(opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for written in ("DSPP-222222", "P-2222222", "m0@x", "r1"):
        assert main(["explain", written]) == 1
        assert f"nothing fits {written}" in capsys.readouterr().err


def test_the_help_says_what_may_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["explain", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for way in ("its id", "review", "DSPP-", "order number", "Message-ID"):
        assert way in text


def test_a_long_message_is_shown_in_part_with_the_way_to_all_of_it(
    opened: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    _conversation(opened, "word " * 2_000 + "the end")
    assert main(["reviews", "show", "r1"]) == 0
    cut = capsys.readouterr().out
    assert "the end" not in cut
    assert "characters more: dspp reviews show r1 --whole)" in cut
    assert len(cut) < 5_000
    assert main(["reviews", "show", "r1", "--whole"]) == 0
    assert "the end" in capsys.readouterr().out
    assert main(["reviews", "show", "r1", "--json"]) == 0
    assert "the end" in json.loads(capsys.readouterr().out)["text"]


def test_a_review_is_shown_in_words_and_the_figures_are_left_to_explain(
    opened: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    _conversation(opened, "A person please.")
    assert main(["reviews", "show", "r1"]) == 0
    text = capsys.readouterr().out
    assert "human: a person decides: ASKED_FOR_A_PERSON" in text
    assert "dspp explain r1" in text
    assert "1e-08" not in text
    assert "{" not in text
