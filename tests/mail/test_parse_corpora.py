"""Reading public material: every message of the test suites of other mail programs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.mail.parse import REPORT, parse
from tests.mail.material import material
from tests.mail.messages import LIMITS


@pytest.mark.parametrize("folder", ["mime4j", "enmime"])
def test_every_public_message_is_read(folder: str) -> None:
    files = [
        path
        for path in material(f"mime/{folder}").rglob("*")
        if path.suffix in (".msg", ".raw") or path.name.startswith("mbox.rlug")
    ]
    assert len(files) >= 80
    for path in files:
        raw = path.read_bytes()
        read = parse(raw, LIMITS)
        assert "parser_failure" not in read.defects, path.name
        tight = parse(raw, replace(LIMITS, mime_parts=2, mime_depth=1, header_count=3, text_characters=50))
        assert "parser_failure" not in tight.defects, path.name


def test_the_parts_of_public_messages_are_decoded_as_their_authors_expect() -> None:
    """The corpus states the decoded content of every leaf; the few that differ have no header or no proper boundary."""
    from bot.mail.charsets import decode
    from bot.mail.mime import read_parts

    def leaves(raw: bytes) -> list[bytes]:
        root, _ = read_parts(raw, LIMITS)
        found = []
        for leaf in root.leaves():
            content, _ = leaf.content()
            found.append(b"".join(content.split()))
            if leaf.content_type == "message/rfc822":
                found += leaves(content)
        return found

    right = wrong = 0
    for path in material("mime/mime4j").rglob("*.msg"):
        ours = leaves(path.read_bytes())
        ours += [decode(content, "")[0].encode() for content in ours]
        for expected in path.parent.glob(f"{path.stem}_decoded_*"):
            if expected.suffix in (".txt", ".bin"):
                is_right = b"".join(expected.read_bytes().split()) in ours
                right, wrong = right + is_right, wrong + (not is_right)
    assert right >= 150
    assert wrong <= 14


@pytest.mark.parametrize(
    "name",
    ["delayed_dsn", "multi_recipient_dsn", "simple_dsn", "simple_dsn_with_html", "dsn_with_multipart_alternative"],
)
def test_public_bounces_are_reports(name: str) -> None:
    assert parse((material("mime/enmime/dsn/testdata") / f"{name}.raw").read_bytes(), LIMITS).kind == REPORT
