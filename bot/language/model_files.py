"""A trained pipeline as one folder of files: stored with their digests, checked against them, put in place whole.

A folder of the shelf is named after its digest (`shelf`): what lies there must
have it, so that a manifest that was rewritten along with its files is noticed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from spacy.language import Language

MANIFEST: Final = "manifest.json"
"""Names every file of a model with its digest, and what it was trained from."""
_SHELF: Final = ".versions"
_NAMED: Final = re.compile(r"[0-9a-f]{16}")


class BadModel(RuntimeError):
    """The language model is missing, incomplete, changed or of another program. Trying again does not help.

    Where the sentence ends in "run: COMMAND", that mends it.
    """


def store(nlp: Language, path: Path, sources: str) -> str:
    """Store a trained pipeline at `path` and give its digest; `sources` says what it was trained from."""
    path.mkdir(parents=True, exist_ok=True)
    nlp.to_disk(path)
    files = file_digests(path, MANIFEST)
    manifest = {"sources": sources, "files": files}
    (path / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    return _digest(files)


def digest_of(path: Path) -> str:
    """SHA-256 over the files of the model in the folder `path`, in short. BadModel if it is not there or not whole."""
    if not (path / MANIFEST).is_file():
        raise BadModel(f"there is no language model at {path}")
    try:
        named = json.loads((path / MANIFEST).read_text(encoding="utf-8"))["files"]
        found = file_digests(path, MANIFEST)
        if found != named:
            changed = sorted(name for name in {*found, *named} if found.get(name) != named.get(name))
            raise BadModel(f"the language model at {path} is not as it was trained ({', '.join(changed)})")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BadModel(f"the language model at {path} cannot be read ({fault})") from fault
    digest = _digest(found)
    if path.parent.name.endswith(_SHELF) and _NAMED.fullmatch(path.name) and path.name != digest:
        raise BadModel(f"the language model at {path} is not the one that was put there, but {digest}")
    return digest


def sources_of(path: Path) -> str:
    """What the model at `path` was trained from; empty if there is none or it is not whole."""
    try:
        path = in_service(path)
        digest_of(path)
        return str(json.loads((path / MANIFEST).read_text(encoding="utf-8"))["sources"])
    except (BadModel, OSError, ValueError, KeyError, TypeError):
        return ""


def shelf_of(place: Path) -> Path:
    """The folder in which models are kept for `place`, each under its digest."""
    return place.with_name(f"{place.name}{_SHELF}")


def pointer_of(place: Path) -> Path:
    """The link that says which of the kept models serves instead of the one at `place`."""
    return place.with_name(f"{place.name}.current")


def in_service(place: Path) -> Path:
    """The folder of the model that serves for `place`: the one that the link names, or else what lies there itself."""
    try:
        return place.parent / pointer_of(place).readlink()
    except (OSError, ValueError):  # there is no such link, or no such name
        return place


def file_digests(path: Path, but: str) -> dict[str, str]:
    """SHA-256 of every file under `path`, by its name from there, except those called `but`."""
    return {
        file.relative_to(path).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != but
    }


@contextmanager
def filling(target: Path, unless: Callable[[], bool] = lambda: False) -> Iterator[Path]:
    """An empty folder to fill, which then takes the place of `target`; if that fails, or `unless` holds, it is gone.

    Of several that fill at once the last one stays. Killed at the worst moment
    there is nothing at `target`: what serves is changed by its link instead.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    aside = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        yield fresh
        while not unless():
            try:
                fresh.rename(target)
                break
            except OSError as fault:
                if fault.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            with suppress(FileNotFoundError):  # somebody else has just moved it
                target.rename(Path(tempfile.mkdtemp(dir=aside)))
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(aside, ignore_errors=True)


def _digest(files: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
