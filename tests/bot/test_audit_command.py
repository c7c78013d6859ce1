"""dspp audit: what was changed is found and named, what is handed out can be checked by anybody."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.audit import Break, Broken, exported, seal_all, verify
from bot.cli import main
from storage.audit import FACTS, NO_HEAD, PROGRAM, AuditKind, Head, canonical, digest_of, staff
from storage.store import Store

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
NOW = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)
REASON = "spoke with Tomas Invented"


def with_records(store: Store, count: int = 5) -> Store:
    """A store with so many sealed records, each with a private text."""
    with store.transaction() as tx:
        for number in range(1, count + 1):
            private = {"reason": f"{REASON} {number}"}
            facts = {"command": "try", "registrations": [f"r-{number % 2}"]}
            at = NOW + timedelta(days=number)
            tx.audit.note(staff("M. Officer"), AuditKind.STAFF_ACT, f"review:v{number}", facts, at, private=private)
    seal_all(store)
    return store


def unguarded(store: Store, *statements: str) -> None:
    """Do what somebody can who owns the database: the table is made anew without what guards it."""
    with store.transaction() as tx:
        tx.connection.execute(text("CREATE TABLE copied AS SELECT * FROM audit_records"))
        tx.connection.execute(text("DROP TABLE audit_records"))
        tx.connection.execute(text("ALTER TABLE copied RENAME TO audit_records"))
        for statement in statements:
            tx.connection.exec_driver_sql(statement)


def head_of(store: Store) -> Head:
    with store.reading() as tx:
        return tx.audit.head()


# -- verify -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tampering:
    """What somebody did, and what is found."""

    what: str
    number: int
    how: Broken
    statements: tuple[str, ...]
    only: str = ""
    """The database that lets it be done; empty: each."""


CHANGE = "UPDATE audit_records SET {} WHERE number = 3"


def _set(what: str, values: str, how: Broken = Broken.CHANGED, only: str = "") -> Tampering:
    return Tampering(what, 3, how, (CHANGE.format(values),), only)


TAMPERINGS = [
    _set("another actor", "actor = 'program'"),
    _set("another subject", "subject = 'review:v9'"),
    _set("another kind", "kind = 'decided'"),
    _set("another instant", "at = '2003-11-08 14:00:00.000001+00:00'", only="postgresql"),
    _set("another instant", "at = '2003-11-08 14:00:00.000001'", only="sqlite"),
    _set("another id", "id = 'x'"),
    _set("other facts", """facts = '{"command": "other"}'"""),
    _set("half a letter in the facts", r"""facts = '{"command": "\ud800"}'"""),
    _set("a digest of its own", "digest = previous"),
    _set("no digest", "digest = NULL"),
    _set("no facts", "facts = '[]'", Broken.UNREADABLE),
    _set("facts that are no JSON", "facts = '{'", Broken.UNREADABLE, only="sqlite"),
    _set("an instant that is none", "at = 'never'", Broken.UNREADABLE, only="sqlite"),
    _set("a text changed", """private = '{"reason": {"salt": "", "text": "x"}}'""", Broken.TEXT_CHANGED),
    _set("a text of another form", """private = '{"reason": "x"}'""", Broken.CHANGED),
    _set("a text taken out in silence", "private = NULL", Broken.TEXT_GONE),
    _set("no place", "number = NULL", Broken.GAP),
    Tampering("another place", 2, Broken.DOUBLED, ("UPDATE audit_records SET number = 2 WHERE number = 3",)),
    Tampering("taken out", 3, Broken.GAP, ("DELETE FROM audit_records WHERE number = 3",)),
    Tampering("the first taken out", 1, Broken.GAP, ("DELETE FROM audit_records WHERE number = 1",)),
    Tampering("one before the first", 0, Broken.CHANGED, ("UPDATE audit_records SET number = 0 WHERE number = 1",)),
    Tampering(
        "taken out, and the rest moved up",
        3,
        Broken.WRONG_PREVIOUS,
        ("DELETE FROM audit_records WHERE number = 3", "UPDATE audit_records SET number = number - 1 WHERE number > 3"),
    ),
    Tampering(
        "two swapped",
        2,
        Broken.WRONG_PREVIOUS,
        ("UPDATE audit_records SET number = 5 - number WHERE number IN (2, 3)",),
    ),
    Tampering(
        "taken out, the rest moved up and joined",
        3,
        Broken.CHANGED,
        (
            "DELETE FROM audit_records WHERE number = 3",
            "UPDATE audit_records SET previous = (SELECT digest FROM audit_records WHERE number = 2) WHERE number = 4",
            "UPDATE audit_records SET number = number - 1 WHERE number > 3",
        ),
    ),
]


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda one: f"{one.what} ({one.only})" if one.only else one.what)
def test_the_first_record_that_was_tampered_with_is_named(
    tampering: Tampering, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tampering.only not in {"", store.engine.dialect.name}:
        pytest.skip(f"only {tampering.only} lets that be stored")
    monkeypatch.setattr("bot.audit.PAGE", 2)
    with_records(store)
    unguarded(store)
    copied = verify(store, [], NOW)
    assert (copied.broken, copied.head.number) == (None, 5), "the copy itself is whole"
    with store.transaction() as tx:
        for statement in tampering.statements:
            tx.connection.exec_driver_sql(statement)
    found = verify(store, [], NOW)
    assert found.broken == Break(tampering.number, tampering.how)
    whole = tampering.number if tampering.how is Broken.DOUBLED else tampering.number - 1
    assert found.head.number == max(whole, 0)
    assert not found.is_good


def test_only_a_head_that_was_written_down_shows_that_the_end_was_cut_off(store: Store) -> None:
    head = head_of(with_records(store))
    unguarded(store, "DELETE FROM audit_records WHERE number > 3")
    assert verify(store, [], NOW).is_good
    assert verify(store, [head], NOW).broken == Break(5, Broken.CUT_TAIL)


def test_only_a_head_that_was_written_down_shows_that_all_was_made_anew(store: Store) -> None:
    early = head_of(with_records(store, 2))
    head = head_of(with_records(store, 3))
    unguarded(
        store,
        "UPDATE audit_records SET actor = 'program' WHERE number = 4",
        "UPDATE audit_records SET number = NULL WHERE number > 3",
    )
    seal_all(store)
    assert verify(store, [], NOW).is_good
    assert verify(store, [early], NOW).is_good, "what was before it is as it was"
    assert verify(store, [early, head], NOW).broken == Break(5, Broken.OTHER_HEAD)


@pytest.mark.parametrize("count", [0, 3])
def test_every_head_of_a_chain_that_grew_is_right(count: int, store: Store) -> None:
    heads = [NO_HEAD, head_of(with_records(store, count))]
    heads.append(head_of(with_records(store, 2)))
    assert verify(store, heads, NOW).is_good
    assert verify(store, [Head(0, "1" * 64)], NOW).broken == Break(0, Broken.OTHER_HEAD)
    assert verify(store, [heads[-1], Head(count + 2, "1" * 64)], NOW).broken == Break(count + 2, Broken.OTHER_HEAD)


def test_an_erased_text_is_no_break_even_before_its_reason_is_sealed(store: Store) -> None:
    with_records(store)
    with store.transaction() as tx:
        (record,) = tx.audit.page(None, 1)
        tx.audit.blank(record.id, staff("M. Officer"), "case 12", NOW)
    assert verify(store, [], NOW).is_good
    seal_all(store)
    assert verify(store, [], NOW).head.number == 6
    assert verify(store, [], NOW).is_good


def test_what_waits_for_long_is_found_and_nothing_is_sealed(store: Store) -> None:
    with store.transaction() as tx:
        tx.audit.note(PROGRAM, AuditKind.STAFF_ACT, "review:v1", {"command": "x"}, NOW)
    soon, later = verify(store, [], NOW + timedelta(minutes=59)), verify(store, [], NOW + timedelta(minutes=61))
    assert (soon.unsealed, soon.late, soon.is_good) == (1, 0, True)
    assert (later.unsealed, later.late, later.is_good) == (1, 1, False)
    assert head_of(store) == NO_HEAD


# -- the commands -----------------------------------------------------------------------------------------------------


def test_the_commands_tell_and_exit_as_the_others_do(opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "head"]) == 0
    assert capsys.readouterr().out == f"{NO_HEAD}\n"
    with_records(opened)
    assert main(["audit", "head"]) == 0
    head = capsys.readouterr().out.strip()
    assert main(["audit", "verify", "--head", head, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == {"is_good": True, "records": 5, "head": head, "unsealed": 0, "late": 0, "broken": None}
    unguarded(opened, "DELETE FROM audit_records WHERE number = 5")
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--head", head]) == 1
    assert "BROKEN at 5: the chain ends before this number" in capsys.readouterr().out
    assert main(["audit", "verify", "--head", head, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["broken"] == {"number": 5, "how": "cut_tail"}


def test_sealing_by_hand_seals_what_waits(opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    with opened.transaction() as tx:
        tx.audit.note(PROGRAM, AuditKind.STAFF_ACT, "review:v1", {"command": "x"}, NOW)
    assert main(["audit", "verify"]) == 1
    assert "1 have waited for more than an hour" in capsys.readouterr().out
    assert main(["audit", "seal", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"sealed": 1, "head": str(head_of(opened))}
    assert main(["audit", "verify"]) == 0


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["verify", "--head", "5"], id="a head without its digest"),
        pytest.param(["verify", "--head", f"5:{'G' * 64}"], id="a head whose digest is none"),
        pytest.param(["export", "--from", "0"], id="no number"),
        pytest.param(["export", "--to", "2003-11-31"], id="no day"),
        pytest.param([], id="nothing"),
    ],
)
def test_wrong_words_are_wrong_usage(words: list[str], opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit", *words])
    assert ended.value.code == 2


# -- export -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        pytest.param([], [1, 2, 3, 4, 5], id="all"),
        pytest.param(["--from", "2", "--to", "3"], [2, 3], id="between two numbers"),
        pytest.param(["--from", "2003-11-07", "--to", "2003-11-08"], [2, 3], id="between two days"),
        pytest.param(["--from", "4", "--to", "2003-11-09"], [4], id="from a number to a day"),
        pytest.param(["--about", "v4"], [4], id="about a review"),
        pytest.param(["--about", "r-0"], [2, 4], id="about a registration that the facts name"),
        pytest.param(["--about", "%"], [], id="a sign that databases take for any text"),
    ],
)
def test_what_is_asked_for_is_exported(
    words: list[str],
    numbers: list[int],
    opened: Store,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.audit.PAGE", 2)
    with_records(opened)
    assert main(["audit", "export", *words]) == 0
    told = capsys.readouterr()
    assert [json.loads(line)["number"] for line in told.out.splitlines()] == numbers
    assert told.err == f"dspp: {len(numbers)} records\n"
    assert REASON not in told.out
    assert main(["audit", "export", *words, "--texts"]) == 0
    assert capsys.readouterr().out.count(REASON) == len(numbers)


def test_a_record_that_cannot_be_read_ends_an_export(opened: Store, capsys: pytest.CaptureFixture[str]) -> None:
    with_records(opened)
    unguarded(opened, "UPDATE audit_records SET facts = '[]' WHERE number = 3")
    assert main(["audit", "export"]) == 1
    assert "dspp audit verify tells which" in capsys.readouterr().err


def checked(lines: list[bytes], folder: Path) -> subprocess.CompletedProcess[str]:
    """What the script of the document says of an export."""
    (script,) = re.findall(r"^```python audit\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S)
    (folder / "check.py").write_text(script, encoding="utf-8")
    (folder / "export.jsonl").write_bytes(b"".join(lines))
    words = [sys.executable, "-I", "check.py", "export.jsonl"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("with_texts", [False, True])
def test_a_stranger_checks_an_export_with_the_script_of_the_document(
    with_texts: bool, store: Store, tmp_path: Path
) -> None:
    with_records(store)
    with store.transaction() as tx:
        facts = {"command": "Zoë\u2028\"'\\\n\t\x7f"}
        tx.audit.note(staff("Zoë \U0001f4c8"), AuditKind.STAFF_ACT, "review:v6", facts, NOW)
    seal_all(store)
    lines = list(exported(store, with_texts=with_texts))
    done = checked(lines, tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, ["whole,", "up", "to", "6", head_of(store).digest])
    partly = checked(lines[:2] + lines[4:], tmp_path)
    assert (partly.returncode, partly.stdout.splitlines()[0]) == (0, "records 3 to 4 are not in this file")


Change = Callable[[list[bytes]], list[bytes]]


def _redigested(lines: list[bytes]) -> list[bytes]:
    """The third record changed, and its digest made anew, as a forger would."""
    record = json.loads(lines[2]) | {"actor": "nobody"}
    record.pop("digest")
    record.pop("texts")
    return [*lines[:2], canonical(record | {"digest": digest_of(canonical(record))}) + b"\n", *lines[3:]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda lines: [*lines[:2], lines[2].replace(b"M. Officer", b"D. Officer"), *lines[3:]],
            "record 3 was changed",
            id="a name changed",
        ),
        pytest.param(
            lambda lines: [*lines[:2], lines[2].replace(b"Tomas", b"Maria"), *lines[3:]],
            "record 3: its text reason was changed",
            id="a text changed",
        ),
        pytest.param(lambda lines: [lines[1], lines[0]], "record 1 does not follow record 2", id="two swapped"),
        pytest.param(lambda lines: [lines[0], lines[0]], "record 1 does not follow record 1", id="one twice"),
        pytest.param(_redigested, "record 4 does not follow record 3", id="one made anew"),
    ],
)
def test_a_stranger_sees_what_was_changed_in_an_export(
    change: Change, said: str, opened: Store, tmp_path: Path
) -> None:
    lines = list(exported(with_records(opened), with_texts=True))
    done = checked(change(lines), tmp_path)
    assert (done.returncode, done.stderr.strip()) == (1, said)


def test_the_document_names_every_kind_with_its_facts() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").split("\n## What each kind tells\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", section, re.M)
    told = {kind: tuple(re.findall(r"`(\w+)`", facts)) for kind, facts in rows}
    assert told == {kind.value: FACTS[kind] for kind in AuditKind}


def test_the_document_names_every_break() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert [one.name for one in Broken if f"`{one.name.lower()}`" not in document] == []
