"""What the documents say of the tests is so: those that they name exist, and the gate passes over nothing."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
NAMED = re.compile(r"`(?:tests/[\w/]*)?(test_\w+)(\.py)?`")
WRITTEN = re.compile(r"def (test_\w+)\(")


@pytest.fixture(scope="module")
def names() -> frozenset[str]:
    """Every test and every module of tests that there is; a module is named with or without its ending."""
    files = list((ROOT / "tests").rglob("test_*.py"))
    tests = {name for file in files for name in WRITTEN.findall(file.read_text(encoding="utf-8"))}
    return frozenset(tests | {file.stem for file in files})


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_a_document_names_is_there(document: Path, names: frozenset[str]) -> None:
    named = [found[1] for found in NAMED.finditer(document.read_text(encoding="utf-8"))]
    assert [name for name in named if name not in names] == []


def test_the_documents_name_tests(names: frozenset[str]) -> None:
    found = [name for document in DOCUMENTS for name, _ in NAMED.findall(document.read_text(encoding="utf-8"))]
    assert len(found) > 50, "else the test above looks for them in vain"


@pytest.mark.parametrize(("given", "seen"), [(None, "true"), ("", "true"), ("yes", "yes")])
def test_the_gate_fails_where_something_cannot_be_installed(given: str | None, seen: str, tmp_path: Path) -> None:
    """Tests that lack a program are passed over on a developer's machine, and fail where CI is set."""
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "$1 with CI=$CI"\n', encoding="utf-8")
    make.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment |= {"PATH": f"{tmp_path}:{os.environ['PATH']}"} | ({} if given is None else {"CI": given})
    done = subprocess.run([ROOT / ".ci" / "run"], env=environment, capture_output=True, text=True, timeout=30)
    assert done.stdout == f"test with CI={seen}\n"
