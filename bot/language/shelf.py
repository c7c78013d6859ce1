"""Where models stand: the one in service, the one before it, and the book of what replaced what.

For the place `var/model`, the first model lies at the place itself. Those that
take its place stand in `var/model.versions`, each under its digest, and the
link `var/model.current` names the one in service. One rename of the link is
all that a change consists of, so a process that is killed leaves the model of
before or the model of after, never none. The book is written first: an entry
that the link does not bear out never happened.
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

from bot.language.model_files import BadModel, digest_of, in_service, pointer_of, shelf_of

BOOK: Final = "log.json"
"""Its name in the folder of versions."""


class How(Enum):
    """By what a model came into service."""

    PROMOTED = "promoted"
    BACK = "put back"
    TRAINED = "trained in place"
    """Without a test: nothing was taught or promoted before it."""


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
        self.versions = shelf_of(place)
        self._pointer = pointer_of(place)

    @property
    def is_promoted(self) -> bool:
        """Whether the model in service was promoted or put back, so that only the test may replace it. BadModel."""
        arrival = self._arrival()
        return self._is_linked and (arrival is None or arrival.how is not How.TRAINED)

    @property
    def _is_linked(self) -> bool:
        return self._pointer.is_symlink()

    def current(self) -> str:
        """Digest of the model in service, as it was put there; empty if there is none. It may be damaged since."""
        return in_service(self.place).name if self._is_linked else _digest(self.place)

    @property
    def is_whole(self) -> bool:
        """Whether the model in service is as it was put there."""
        return bool(_digest(in_service(self.place)))

    def was_put_back(self) -> Change | None:
        """The change by which the model in service came, if somebody went back to it. BadModel."""
        latest = self._arrival()
        return latest if latest and latest.how is How.BACK else None

    def previous(self) -> str:
        """Digest of the model that the one in service replaced; empty if that is not known. BadModel."""
        arrival = self._arrival()
        return arrival.replaced if arrival else ""

    def whole(self) -> list[str]:
        """Digests of the model in service and the one before it, of those that are as they were put there. BadModel."""
        found = [self.current()] if self.is_whole else []
        previous = self.previous()
        return found + [previous] * (previous not in found and self.holds(previous))

    def remedy(self) -> str:
        """The command after which a model serves again, where the one in service is damaged."""
        try:
            return "dspp models back" if self.holds(self.previous()) else "dspp train"
        except BadModel:
            return "dspp train"

    def _arrival(self) -> Change | None:
        """The change by which the model in service came, if that is known."""
        current = self.current()
        return next((change for change in self.changes() if change.to == current), None)

    def holds(self, digest: str) -> bool:
        """Whether the model with this digest is here and whole."""
        return bool(digest) and _digest(self.kept(digest)) == digest

    def changes(self) -> list[Change]:
        """The book, newest first. BadModel if it cannot be read."""
        try:
            rows = json.loads((self.versions / BOOK).read_text(encoding="utf-8"))
            return [Change(**row | {"how": How(row["how"])}) for row in reversed(rows)]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as fault:
            raise BadModel(f"{self.versions / BOOK} cannot be read ({fault}); restore it or move it away") from fault

    def kept(self, digest: str) -> Path:
        """Where the model with this digest stands, or stood if it is not here or not whole."""
        folder = self.versions / digest
        return self.place if _digest(folder) != digest and _digest(self.place) == digest else folder

    def folder_of(self, digest: str) -> Path:
        """Where the model with this digest stands. BadModel if it is not here or not whole."""
        if self.holds(digest):
            return self.kept(digest)
        raise BadModel(f"the model {digest} is not in {self.versions} any more, or not as it was; promote another")

    @contextmanager
    def alone(self, what: str = "") -> Iterator[None]:
        """Hold off other commands that change what serves, or that do `what`."""
        self.versions.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.versions / f"{what}.lock").open("w") as lock:
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

    def put_first(self, source: Path) -> bool:
        """Move the model in `source` to the place itself. False if anything lies there, or serves instead of it."""
        if self._is_linked:
            return False
        os.sync()
        try:
            source.rename(self.place)
        except OSError:
            return False
        return True

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
        own = "" if self.place.is_symlink() else _digest(self.place)
        if own and own in wanted and _digest(self.versions / own) != own:
            with suppress(OSError):  # then it stays where it is, and is found there
                self.place.replace(self.versions / own)
        elif own:
            shutil.rmtree(self.place, ignore_errors=True)
        for folder in self.versions.iterdir():
            if folder.is_dir() and folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


def check(place: Path) -> str:
    """The digest of the model that serves for `place`. BadModel, with the command that mends it, if it is not whole."""
    try:
        return digest_of(in_service(place))
    except BadModel as fault:
        raise BadModel(f"{fault}; run: {Shelf(place).remedy()}") from fault


def _digest(folder: Path) -> str:
    """The digest of the model in `folder`; empty if there is none that is whole."""
    try:
        return digest_of(folder)
    except (BadModel, OSError):
        return ""
