"""The architecture, as tests: who may import what, what the core may not do, what each intent has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.plan.refusals import RULES, SENTENCES, Refusal
from handlers.registry import all_handlers

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("handlers", "storage", "bot")
MAY_IMPORT = {
    "handlers": {"handlers"},
    "storage": {"storage", "handlers"},
    "bot": {"bot", "storage", "handlers", "templates"},
}
HOMES = {
    "sqlalchemy": ("storage/",),
    "alembic": ("storage/",),
    "jinja2": ("bot/render.py", "bot/pages.py"),
    "spacy": ("bot/language/",),
    "sklearn": ("bot/language/",),
    "aiosmtpd": ("bot/mail/smtp_in.py",),
    "aiosmtplib": ("bot/mail/courier.py",),
    "aiohttp": ("bot/app.py", "bot/web.py"),
    "exchange_calendars": ("bot/sessions.py",),
    "cryptography": ("bot/keys.py", "bot/mail/"),
    "selectolax": ("bot/mail/",),
    "dns": ("bot/mail/dns", "bot/mail/spf.py"),
    "spftrace": ("bot/mail/spf.py",),
    "dkim": ("bot/mail/dkim", "bot/mail/arc.py"),
    "nacl": ("bot/mail/dkim",),
    "idna": ("bot/mail/organization.py", "bot/mail/dns.py"),
    "publicsuffixlist": ("bot/mail/organization.py",),
    "flufl": ("bot/mail/bounces.py",),
    "pyotp": ("bot/second_factor.py",),
    "typst": ("bot/statement_pdf.py",),
}
"""Each dependency has one home."""

CORE_FORBIDDEN_NAMES = {"float", "open", "print", "input", "eval", "exec"}
CORE_FORBIDDEN_ATTRIBUTES = {"now", "utcnow", "today", "time_ns", "monotonic"}
CORE_FORBIDDEN_MODULES = {"time", "random", "os", "io", "pathlib", "socket", "asyncio", "logging", "threading"}
MOST_LINES = 400
MOST_FUNCTION_LINES = 60


def modules(*packages: str) -> list[Path]:
    return [
        path for package in packages for path in sorted((ROOT / package).rglob("*.py")) if "versions" not in path.parts
    ]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


EVERY = [pytest.param(path, id=name_of(path)) for path in modules(*PACKAGES)]
CORE = [pytest.param(path, id=name_of(path)) for path in modules("handlers")]
TESTS = [pytest.param(path, id=name_of(path)) for path in modules("tests")]


@pytest.mark.parametrize("path", EVERY)
def test_imports_go_one_way(path: Path) -> None:
    package = name_of(path).split("/")[0]
    for module in imports(tree_of(path)):
        first = module.split(".")[0]
        if first in {*PACKAGES, "tests", "benchmarks"}:
            assert first in MAY_IMPORT[package], f"{name_of(path)} may not import {module}"


@pytest.mark.parametrize("path", EVERY)
def test_each_dependency_has_one_home(path: Path) -> None:
    for module in imports(tree_of(path)):
        homes = HOMES.get(module.split(".")[0])
        assert homes is None or name_of(path).startswith(homes), f"{module} does not belong in {name_of(path)}"


@pytest.mark.parametrize("path", CORE)
def test_the_core_is_pure(path: Path) -> None:
    import sys

    tree = tree_of(path)
    for module in imports(tree):
        first = module.split(".")[0]
        assert first == "handlers" or first in sys.stdlib_module_names, f"{module} is not in the standard library"
        assert first not in CORE_FORBIDDEN_MODULES, f"{module} in the core"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            assert node.id not in CORE_FORBIDDEN_NAMES, f"line {node.lineno}: {node.id}"
        if isinstance(node, ast.Attribute):
            assert node.attr not in CORE_FORBIDDEN_ATTRIBUTES or _is_own_field(node), f"line {node.lineno}: {node.attr}"
        assert not isinstance(node, ast.Await | ast.AsyncFunctionDef), f"line {node.lineno}: asynchronous"
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"line {node.lineno}: a float"


def _is_own_field(node: ast.Attribute) -> bool:
    """`snapshot.now` and `snapshot.today` are values handed in; `datetime.now()` asks the clock."""
    return not (isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date", "time"})


@pytest.mark.parametrize("path", EVERY)
def test_modules_say_what_they_are_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), "no docstring"


@pytest.mark.parametrize("path", EVERY + TESTS)
def test_modules_stay_small(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= MOST_LINES, f"{lines} lines: make two rooms of it"


@pytest.mark.parametrize("path", EVERY)
def test_functions_fit_on_a_screen(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MOST_FUNCTION_LINES, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", EVERY)
def test_silenced_checks_name_their_code_and_reason(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if "# type: ignore" in line:
            assert re.search(r"# type: ignore\[[a-z-]+(, ?[a-z-]+)*\]\s+# \S", line), f"line {number}: {line.strip()}"
        if "# noqa" in line:
            assert re.search(r"# noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*\s+# \S", line), f"line {number}: {line.strip()}"


def test_every_refusal_has_its_sentence_and_its_rule() -> None:
    assert set(SENTENCES) == set(Refusal) == set(RULES)


INTENTS = [pytest.param(intent, id=intent) for intent in all_handlers()]


@pytest.mark.parametrize("intent", INTENTS)
def test_every_intent_has_its_letters_examples_and_test(intent: str) -> None:
    handler = all_handlers()[intent]  # type: ignore[index]
    if handler.consequential or handler.requires:
        assert (ROOT / "templates" / intent / "read_back.j2").is_file()
    folder = ROOT / "templates" / intent
    assert folder.is_dir() or intent in {"complaint", "human", "thanks"}, f"no templates/{intent}"
    label = handler.label or intent
    examples = ROOT / "bot" / "language" / "examples" / f"{label}.jsonl"
    assert examples.is_file(), f"no examples of {label}"
    assert len(examples.read_text(encoding="utf-8").splitlines()) >= 30
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "handlers").glob("test_*.py"))
    assert intent in tests, f"no test in tests/handlers names {intent}"


FORBIDDEN_TEXT = re.compile(r"/(?:work|tmp|root|home)/|index[-]url\s+http|pypi\.org/simple", re.IGNORECASE)


def test_nothing_committed_names_a_machine() -> None:
    for suffix in ("*.py", "*.md", "*.toml", "*.j2", "*.lock"):
        for path in ROOT.rglob(suffix):
            if {".venv", "var", ".git"} & set(path.relative_to(ROOT).parts) or path == Path(__file__).resolve():
                continue
            found = FORBIDDEN_TEXT.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{name_of(path)}: {found.group(0) if found else ''}"
