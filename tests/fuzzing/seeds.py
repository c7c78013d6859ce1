"""Where the fuzzer begins: messages of every kind that the service reads, small, with CRLF as they come by mail.

Those written by hand lie in `seeds`; with them go the bounces of other tests, letters that are signed and sealed, and
the public messages where they lie beside the checkout.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

from tests.fuzzing.claims import on_the_wire
from tests.fuzzing.forgeries import LETTER_WITH_PARTS, chain, genuine
from tests.mail.material import SHARED

HERE = Path(__file__).resolve().parent
WRITTEN = HERE / "seeds"
BOUNCES = HERE.parent / "mail" / "automatic_mail"
PUBLIC = ("mime/**/*.msg", "mime/**/*.raw", "replies/**/*.eml")
_MOST_BYTES = 12_000
"""Of a public message; longer ones only slow the fuzzer down."""


def seeds() -> Iterator[bytes]:
    """The messages that come with the tests."""
    for folder in (WRITTEN, BOUNCES):
        for path in sorted(folder.glob("*.eml")):
            yield on_the_wire(path.read_bytes())
    for letter in genuine():
        yield letter.head + b"\r\n" + letter.body
    yield LETTER_WITH_PARTS
    yield chain()


def write_seeds(folder: Path) -> None:
    """Write the seeds into `folder`, and the public messages where there are any."""
    folder.mkdir(parents=True, exist_ok=True)
    public = (path.read_bytes() for pattern in PUBLIC for path in sorted(SHARED.glob(pattern)))
    for raw in (*seeds(), *filter(lambda raw: len(raw) <= _MOST_BYTES, public)):
        (folder / f"seed-{sha1(raw, usedforsecurity=False).hexdigest()}").write_bytes(raw)
