"""Where models stand: the one in service, the one before it, and the book of what replaced what.

For the place `var/model`, promoted models stand in `var/model.versions`, each
under its digest, and the link `var/model.current` names the one in service;
without the link it is what lies at the place itself. One rename of the link
is all that a change consists of, so a process that is killed leaves the model
of before or the model of after, never none. The book is written first: an
entry that the link does not bear out never happened.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

from bot.language.pipeline import BadModel, digest_of, in_service, pointer_of

BOOK: Final = "log.json"
"""Its name in the folder of versions."""


class How(Enum):
    """By what a model came into service."""

    PROMOTED = "promoted"
    BACK = "put back"
    TRAINED = "trained in place"


@dataclass(frozen=True, slots=True)
class Change:
    """One model taking the place of another."""

    how: How
    to: str
    """Digest of the one that came."""
    replaced: str
    """Digest of the one that went; empty if there was none that could be used."""
    by: str
    at: str
    """ISO, in UTC."""
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """What was measured of each, by digest."""


class Shelf:
    """The models of one place."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.versions = place.with_name(f"{place.name}.versions")
        self._pointer = pointer_of(place)

    @property
    def is_promoted(self) -> bool:
        """Whether a model of the shelf serves, and not what lies at the place itself."""
        return self._pointer.is_symlink()

    def current(self) -> str:
        """Digest of the model in service, as it was put there; empty if there is none. It may be damaged since."""
        return in_service(self.place).name if self.is_promoted else _digest(self.place)

    @property
    def is_whole(self) -> bool:
        """Whether the model in service is as it was put there."""
        return bool(_digest(in_service(self.place)))

    def was_put_back(self) -> Change | None:
        """The change by which the model in service came, if somebody went back to it."""
        current = self.current()
        latest = next((change for change in self.changes() if change.to == current), None)
        return latest if latest and latest.how is How.BACK else None

    def previous(self) -> str:
        """Digest of the model that the one in service replaced; empty if that is not known."""
        current = self.current()
        return next((change.replaced for change in self.changes() if change.to == current), "")

    def changes(self) -> list[Change]:
        """The book, newest first. BadModel if it cannot be read."""
        try:
            rows = json.loads((self.versions / BOOK).read_text(encoding="utf-8"))
            return [Change(**row | {"how": How(row["how"])}) for row in reversed(rows)]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as fault:
            raise BadModel(f"{self.versions / BOOK} cannot be read ({fault}); restore it or move it away") from fault

    def folder_of(self, digest: str) -> Path:
        """Where the model with this digest stands. BadModel if it is not here or not whole."""
        kept = self.versions / digest
        if _digest(kept) == digest:
            return kept
        if _digest(self.place) == digest:
            return self.place
        raise BadModel(f"the model {digest} is not in {self.versions} any more, or not as it was")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold off other commands that change what serves."""
        self.versions.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.versions / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def put_in_service(self, source: Path, change: Change) -> None:
        """Let the model in `source`, whose digest `change.to` is, serve; keep the replaced one beside it."""
        kept = self._keep(source, change.to)
        self._write(change)
        os.sync()  # the files are on the disk before anything names them
        fresh = self._pointer.with_name(f"{self._pointer.name}.next")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(kept.relative_to(self.place.parent))
        os.replace(fresh, self._pointer)
        self._tidy({change.to, change.replaced})

    def step_aside(self, change: Change) -> None:
        """Let the model that was just put at the place itself serve again; the promoted one stays beside it."""
        self._write(change)
        self._pointer.unlink(missing_ok=True)

    def _keep(self, source: Path, digest: str) -> Path:
        kept = self.versions / digest
        if _digest(kept) == digest:
            return kept
        fresh = Path(tempfile.mkdtemp(prefix=f"{digest}.", dir=self.versions))
        try:
            shutil.copytree(source, fresh, dirs_exist_ok=True)
            if _digest(fresh) != digest:
                raise BadModel(f"the model at {source} changed while it was taken; try again")
            shutil.rmtree(kept, ignore_errors=True)
            fresh.replace(kept)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return kept

    def _write(self, change: Change) -> None:
        rows = [asdict(one) | {"how": one.how.value} for one in (*reversed(self.changes()), change)]
        fresh = self.versions / f"{BOOK}.next"
        fresh.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        os.replace(fresh, self.versions / BOOK)

    def _tidy(self, wanted: set[str]) -> None:
        """Keep the models of `wanted` only; what lay at the place itself and serves no more joins them."""
        own = _digest(self.place)
        if own and own in wanted and _digest(self.versions / own) != own:
            with suppress(OSError):  # then it stays where it is, and is found there
                self.place.replace(self.versions / own)
        elif own:
            shutil.rmtree(self.place, ignore_errors=True)
        for folder in self.versions.iterdir():
            if folder.is_dir() and folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


def _digest(folder: Path) -> str:
    """The digest of the model in `folder`; empty if there is none that is whole."""
    try:
        return digest_of(folder)
    except (BadModel, OSError):
        return ""
