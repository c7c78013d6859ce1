"""What nobody can do to the audit record: the database itself refuses to change, take out or replace what stands."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.audit import seal_all
from storage.store import Store, StoreUnavailable
from tests.storage.test_audit import REASON, note, noted, subjects

REFUSED = [
    pytest.param("UPDATE audit_records SET actor = 'nobody' WHERE {row}", id="change who"),
    pytest.param("UPDATE audit_records SET subject = 'message:other' WHERE {row}", id="change what about"),
    pytest.param("UPDATE audit_records SET kind = 'decided' WHERE {row}", id="change the kind"),
    pytest.param("UPDATE audit_records SET facts = '{{}}' WHERE {row}", id="change a fact"),
    pytest.param("UPDATE audit_records SET at = '2004-01-01 00:00:00.000000' WHERE {row}", id="change when"),
    pytest.param("UPDATE audit_records SET id = 'x' WHERE {row}", id="change the id"),
    pytest.param("UPDATE audit_records SET private = '{{}}' WHERE {row}", id="change a text"),
    pytest.param("DELETE FROM audit_records WHERE {row}", id="take it out"),
]


@pytest.mark.parametrize("statement", REFUSED)
@pytest.mark.parametrize("row", ["number = 1", "number IS NULL"])
def test_the_database_refuses_to_change_a_record_sealed_or_not(statement: str, row: str, store: Store) -> None:
    with store.transaction() as tx:
        note(tx, "file:a:1", reason=REASON)
    seal_all(store)
    with store.transaction() as tx:
        note(tx, "file:a:2", reason=REASON)
    with pytest.raises(StoreUnavailable, match="never changed"), store.transaction() as tx:
        tx.connection.execute(text(statement.format(row=row)))
    seal_all(store)
    assert subjects(store) == ["file:a:1", "file:a:2"]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE audit_records SET number = 9 WHERE number = 1", id="another place"),
        pytest.param("UPDATE audit_records SET number = NULL WHERE number = 1", id="no place"),
        pytest.param("UPDATE audit_records SET digest = previous WHERE number = 1", id="another digest"),
        pytest.param("UPDATE audit_records SET private = NULL, digest = previous WHERE number = 1", id="both at once"),
        pytest.param(
            "INSERT INTO audit_records (id, at, actor, kind, subject, facts, number, previous, digest)"
            " SELECT 'x', at, actor, kind, subject, facts, 2, digest, digest FROM audit_records",
            id="a record put in as sealed",
        ),
    ],
)
def test_the_database_refuses_to_change_the_chain(statement: str, store: Store) -> None:
    with store.transaction() as tx:
        note(tx, "file:a:1", reason=REASON)
    seal_all(store)
    with pytest.raises(StoreUnavailable, match="never changed"), store.transaction() as tx:
        tx.connection.execute(text(statement))


def test_the_database_refuses_to_replace_or_to_empty(store: Store) -> None:
    noted(store, "file:a:1")
    statement = "TRUNCATE audit_records"
    if store.engine.dialect.name == "sqlite":
        statement = (
            "INSERT OR REPLACE INTO audit_records (id, at, actor, kind, subject, facts)"
            " SELECT id, at, 'nobody', kind, subject, facts FROM audit_records"
        )
    with pytest.raises(StoreUnavailable, match="never changed"), store.transaction() as tx:
        tx.connection.execute(text(statement))
    assert subjects(store) == ["file:a:1"]
