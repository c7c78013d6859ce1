"""What this installation is known by."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import installation

FINGERPRINT = "secret fingerprint"
SENDERS_CHECKED = "senders are checked"


class Installation:
    """The installation table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fingerprint(self) -> str | None:
        """The fingerprint of the secret that the store was made with; None before the first one is recorded."""
        found: str | None = self._connection.execute(
            select(installation.c.value).where(installation.c.key == FINGERPRINT)
        ).scalar_one_or_none()
        return found

    def record_fingerprint(self, fingerprint: str) -> None:
        """Record the fingerprint of the secret. The first that is recorded stays."""
        self._record(FINGERPRINT, fingerprint)

    def are_senders_checked(self) -> bool:
        """Whether a process that found out who sent a message ever ran on this store."""
        found = select(installation.c.value).where(installation.c.key == SENDERS_CHECKED)
        return self._connection.execute(found).scalar_one_or_none() is not None

    def note_senders_checked(self) -> None:
        """Record that senders are checked here."""
        self._record(SENDERS_CHECKED, "yes")

    def _record(self, key: str, value: str) -> None:
        flavour = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        self._connection.execute(
            flavour.insert(installation)
            .values(key=key, value=value)
            .on_conflict_do_nothing(index_elements=[installation.c.key])
        )
