"""Every kind of record that the documents promise is written somewhere, and what is done once is on record once."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.app import typed_code_for
from bot.audit import exported
from bot.cli import main
from bot.language.evaluation import Evaluation
from bot.language.model_files import digest_of
from handlers.plan.accounts import Hold
from storage.audit import HOLDER, PROGRAM, AuditKind, AuditRecord
from storage.sent_files import SentFile
from storage.store import Store
from tests.bot.test_audited_acts import ANA, bot, of_kind, sealed
from tests.bot.test_examples_command import quality
from tests.bot.test_staff_commands import _letter
from tests.dialogue import Bot
from tests.storage.material import NOW, with_message

__all__ = ["bot", "quality"]

ROOT = Path(__file__).resolve().parents[2]
WRITERS = frozenset({"note", "note_each"})


def kinds_written() -> set[str]:
    """The kinds that the program's own calls of `note` name, read from its syntax trees."""
    found = set()
    for folder in ("bot", "handlers", "storage"):
        for path in (ROOT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in WRITERS:
                    found |= {
                        named.attr
                        for named in call.args
                        if isinstance(named, ast.Attribute)
                        and isinstance(named.value, ast.Name)
                        and named.value.id == AuditKind.__name__
                    }
    return found


def test_every_kind_of_record_is_written_somewhere() -> None:
    assert kinds_written() == {kind.name for kind in AuditKind}


def test_five_wrong_codes_by_mail_are_on_record_once(bot: Bot) -> None:
    store, ana = bot.service.store, bot.person(ANA)
    ana.says("Please invest $500 for me this month. I'll mail a check.", new_thread=True)
    read_back = ana.hears("_shared/confirm_request")
    for number in range(7):
        assert len(sealed(store, AuditKind.CODE_LOCKED)) == (number >= 5), number
        ana.says("2345-WXYZ", answering=read_back)
    locked = of_kind(store, AuditKind.CODE_LOCKED)
    asked = sealed(store, AuditKind.DECIDED)[0]
    assert (locked.actor, locked.subject.partition(":")[0]) == (HOLDER, "confirmation")
    assert (f"message:{locked.facts['message']}", locked.facts["through"]) == (asked.subject, "mail")
    assert read_back.code not in b"".join(exported(store)).decode()


def test_five_wrong_codes_on_the_page_are_on_record_once(bot: Bot) -> None:
    store, ana = bot.service.store, bot.person(ANA)
    ana.says("Please invest $500 for me this month. I'll mail a check.", new_thread=True)
    found = re.search(r"/confirm/([a-z2-7]{42})", ana.hears("_shared/confirm_request").lines)
    assert found is not None
    for number in range(7):
        assert len(sealed(store, AuditKind.CODE_LOCKED)) == (number >= 5), number
        typed_code_for(bot.service).typed(found[1], "2345-WXYZ", "")
    assert of_kind(store, AuditKind.CODE_LOCKED).facts["through"] == "page"


def test_a_reported_death_is_on_record_as_a_hold_on_each_account(bot: Bot) -> None:
    store, ana = bot.service.store, bot.person(ANA)
    ana.says("My husband passed away last month. What do I do about his shares?", new_thread=True)
    with store.reading() as tx:
        registrations = tx.registrations.of_email(ANA)
    held = sealed(store, AuditKind.HOLD_SET)
    assert {one.subject for one in held} == {f"registration:{one.id}" for one in registrations}
    assert len(held) == len(registrations), "what was only tried out is not on record"
    for record in held:
        assert record.facts["hold"] == Hold.DEATH_REPORTED.value
        assert record.facts["cause"].startswith(f"answer:{bot.worked_on[-1]}")


def test_a_written_file_is_on_record_with_its_digest(store: Store) -> None:
    written = SentFile("ach_debits", 3, "debits:2003-11", "x.ach", "d" * 64, 2, {"dollars": "750.00"}, NOW)
    with store.transaction() as tx:
        tx.sent_files.record(written)
    record = of_kind(store, AuditKind.FILE_WRITTEN)
    assert (record.actor, record.subject) == (PROGRAM, "file:ach_debits:3")
    assert record.facts == {
        "file": "ach_debits",
        "sequence": 3,
        "digest": "d" * 64,
        "rows": 2,
        "totals": {"dollars": "750.00"},
        "cause": "debits:2003-11",
    }


# -- staff ------------------------------------------------------------------------------------------------------------


def told(records: Sequence[AuditRecord]) -> list[tuple[str, str, object]]:
    return [(one.actor, one.subject, one.facts["command"]) for one in records]


def test_a_letter_that_staff_let_be_tried_again_is_on_record_and_one_that_is_not_is_not(opened: Store) -> None:
    _letter(opened, 1, "DEAD")
    for status in (0, 1):
        assert main(["letters", "retry", "l1", "--by", "M. Officer"]) == status
    assert told(sealed(opened, AuditKind.STAFF_ACT)) == [("staff: M. Officer", "letter:l1", "letters retry")]


def test_what_staff_teach_is_on_record_and_their_note_beside_it(opened: Store) -> None:
    _conversation, message_id = with_message(opened)
    correct = ["--intent", "sell", "--action", "execute", "--note", "Tomas Invented says so"]
    assert main(["examples", "correct", message_id, *correct, "--by", "Dana"]) == 0
    with opened.reading() as tx:
        (kept,) = tx.corrections.of_message(message_id)
    for by, status in (("Dana", 1), ("Eli", 0), ("Eli", 1)):
        assert main(["examples", "review", kept.id, "--reject", "--by", by]) == status
    corrected, judged = sealed(opened, AuditKind.STAFF_ACT)
    subject = f"correction:{kept.id}"
    assert told([corrected, judged]) == [
        ("staff: Dana", subject, "examples correct"),
        ("staff: Eli", subject, "examples review"),
    ]
    assert (judged.facts["message"], judged.facts["is_accepted"]) == (message_id, False)
    assert "Invented" not in b"".join(exported(opened)).decode()
    assert (corrected.private or {})["note"]["text"] == "Tomas Invented says so"


def test_who_lets_which_model_serve_is_on_record(
    opened: Store, folder: Path, tmp_path: Path, quality: dict[str, Evaluation]
) -> None:
    assert main(["train"]) == 0
    assert main(["train", "--out", str(tmp_path / "new"), "--seed", "1"]) == 0
    first, new = digest_of(folder / "model"), digest_of(tmp_path / "new")
    for status in (0, 1):
        assert main(["models", "promote", str(tmp_path / "new"), "--by", "Dana"]) == status
    assert main(["models", "back", "--by", "Eli"]) == 0
    promoted, put_back = sealed(opened, AuditKind.STAFF_ACT)
    assert told([promoted, put_back]) == [
        ("staff: Dana", f"model:{new}", "models promote"),
        ("staff: Eli", f"model:{first}", "models back"),
    ]
    assert (promoted.facts["replaced"], put_back.facts["replaced"]) == (first, new)


def test_a_model_is_promoted_where_there_is_no_database_yet(
    tmp_path: Path,
    quality: dict[str, Evaluation],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DSPP_STATE_DIR", str(tmp_path / "bare"))
    monkeypatch.delenv("DSPP_DATABASE_URL", raising=False)
    assert main(["train", "--out", str(tmp_path / "new")]) == 0
    assert main(["models", "promote", str(tmp_path / "new"), "--by", "Dana"]) == 0
    assert "no database yet" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.sqlite3")), "none was made for it"
