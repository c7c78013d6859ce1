"""What this installation is known by."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import installation

FINGERPRINT = "secret fingerprint"


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
        flavour = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        self._connection.execute(
            flavour.insert(installation)
            .values(key=FINGERPRINT, value=fingerprint)
            .on_conflict_do_nothing(index_elements=[installation.c.key])
        )
