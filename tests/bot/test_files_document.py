"""docs/files.md describes the files as they are read: its examples load, and its tables name every column."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import holders_file, states_import
from bot.exchange_files import BadFile
from bot.files.kinds import INCOMING, OUTGOING
from bot.files.layout import Layout, read_rows, write_rows
from bot.holders_import import Imported, import_holders
from bot.keys import Keys
from bot.plan import Plan
from bot.post import Post
from bot.render import Renderer
from handlers.plan.accounts import Hold, RegistrationKind
from handlers.plan.states import StateStatus
from storage.store import Store

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "files.md"
NOW = datetime(2003, 12, 1, 14, 0, tzinfo=UTC)
OF_THE_MONTH = [pytest.param(layout, id=kind) for kind, layout in {**INCOMING, **OUTGOING}.items()]


def _example(kind: str, folder: Path) -> Path:
    (example,) = re.findall(rf"^```csv {kind}\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S)
    path = folder / f"{kind}.csv"
    path.write_text(example, encoding="utf-8")
    return path


def _section(heading: str) -> str:
    return DOCUMENT.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]


def _table(heading: str) -> list[str]:
    """The first cells of the table under a heading."""
    return re.findall(r"^\| (`[^|]+?) \|", _section(heading), re.M)


def _heading(layout: Layout[Any]) -> str:
    return layout.kind.replace("_", " ").capitalize().replace("Ach ", "ACH ")


def _imports(store: Store, path: Path) -> Imported:
    plan, keys = Plan.read(None), Keys(bytes(range(32)))
    post = Post(plan, keys, Renderer(plan.book), "aastrom.com")
    return import_holders(store, plan, keys, post, path, NOW)


def test_the_holders_example_loads(store: Store, tmp_path: Path) -> None:
    assert _imports(store, _example("holders", tmp_path)) == Imported(holders=4, new=4, changed=0, departed=0)
    with store.reading() as tx:
        trust = tx.registrations.by_account_number("CST-30003")
        assert trust is not None
        assert trust.name == "Nora Beck, Trustee, Beck Family Trust"
        assert trust.holds == {Hold.LEGAL}


def test_the_states_example_loads(store: Store, tmp_path: Path) -> None:
    assert states_import.import_states(store, _example("states", tmp_path), NOW) == 3
    with store.reading() as tx:
        states = tx.states.all()
    assert [states.status("CA", day) for day in (date(2004, 2, 1), date(2004, 2, 2))] == [
        StateStatus.CLOSED,
        StateStatus.OPEN,
    ]


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        pytest.param("Holders", (*holders_file.REQUIRED, *holders_file.OPTIONAL), id="holders"),
        pytest.param("States", states_import.COLUMNS, id="states"),
    ],
)
def test_every_column_is_described(heading: str, columns: tuple[str, ...]) -> None:
    described = [name for cell in _table(heading) for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(described) == sorted(columns)


@pytest.mark.parametrize("value", [*RegistrationKind, *Hold, *StateStatus])
def test_every_value_of_a_list_is_named(value: RegistrationKind | Hold | StateStatus) -> None:
    assert f"`{value.value}`" in DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.parametrize("layout", OF_THE_MONTH)
def test_every_example_of_the_month_is_read_and_written_alike(layout: Layout[Any], tmp_path: Path) -> None:
    path = _example(layout.kind, tmp_path)
    file, rows = read_rows(path, layout)
    assert rows
    written = write_rows(tmp_path / "again.csv", layout, file.sequence, file.as_of, rows)
    if layout.kind == "fills":  # the gross of the example is shorter than the eight places that we write
        assert (tmp_path / "again.csv").read_text().replace("170.56000000", "170.56") == path.read_text()
    else:
        assert written.digest == file.digest


@pytest.mark.parametrize("layout", OF_THE_MONTH)
def test_every_column_of_the_month_is_described_in_order(layout: Layout[Any]) -> None:
    described = [name for cell in _table(_heading(layout)) for name in re.findall(r"`(\w+)`", cell)]
    assert described == list(layout.names)


@pytest.mark.parametrize("layout", OF_THE_MONTH)
def test_the_document_says_what_may_be_left_out_or_empty_and_what_is_summed(layout: Layout[Any]) -> None:
    section = " ".join(_section(_heading(layout)).split())
    assert ("May be without rows." in section) is layout.may_be_empty
    assert ("No totals." in section) is (not layout.totals)
    for column in layout.columns:
        described = re.search(rf"\| [^|]*`{column.name}`[^|]* \| ([^|]+) \|", section)
        assert described is not None
        assert ("may be left out" in described.group(1)) is column.may_be_left_out, column.name


def _spoilt(name: str, path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    match name:
        case "state":
            lines[3] = lines[3].replace(",IL,", ",XX,")
        case "taxpayer_id":
            lines[2] = lines[2].replace("000-00-3001", "000-00-301")
        case "account":
            lines[4] = lines[4].replace("CST-30003", "CST-30001")
        case "column":
            lines[1] = lines[1].replace("email", "e-mail")
        case "names":
            del lines[1]
            lines[-1] = "T,3,8650.0000"
        case "values":
            lines[5] = lines[5].removesuffix(",")
        case "count":
            del lines[5]
        case "trailer":
            del lines[6]
        case "rows":
            lines[2:] = ["T,0,0"]
        case "total":
            lines[6] = "T,4,8560.0000"
        case "csv":
            lines[5] = lines[5].replace("Hugo", '"Hugo')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    ["state", "taxpayer_id", "account", "column", "names", "values", "count", "trailer", "rows", "total", "csv"],
)
def test_the_document_quotes_the_errors_as_they_are(name: str, tmp_path: Path) -> None:
    path = _example("holders", tmp_path)
    _spoilt(name, path)
    with pytest.raises(BadFile) as bad:
        holders_file.read_holders(path, {"2003-11-04"})
    quoted = re.compile("|".join(map(_pattern, _table("When a file is refused"))))
    assert [fault for fault in bad.value.faults if not quoted.fullmatch(fault)] == []


@pytest.mark.parametrize(
    ("layout", "right", "wrong"),
    [
        pytest.param(INCOMING["checks"], "09:12:00-05:00", "09:12:00", id="an instant without offset"),
        pytest.param(INCOMING["checks"], "2003-11-05T09:15", "2003-11-06T09:15", id="a check of to-morrow"),
        pytest.param(INCOMING["checks"], "CST-30002,300.00,CAD,88", "CST-30001,250.00,USD,101", id="a check twice"),
        pytest.param(INCOMING["checks"], "T,4,11050.00", "T,4,11050.00,1", id="one total too many"),
        pytest.param(INCOMING["positions"], "T,2,1380.1178", "T,2,1380.1177", id="another total"),
        pytest.param(
            INCOMING["issuance_acknowledgement"], "9434.8306,9434.8306", "9434.8306,9434.8305", id="a contradiction"
        ),
    ],
)
def test_the_document_quotes_the_errors_of_the_month(
    layout: Layout[Any], right: str, wrong: str, tmp_path: Path
) -> None:
    path = _example(layout.kind, tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    with pytest.raises(BadFile) as bad:
        read_rows(path, layout)
    quoted = re.compile("|".join(_pattern(_shape(error)) for error in _table("When a file is refused")))
    assert [fault for fault in bad.value.faults if not quoted.fullmatch(_shape(fault))] == []


def _shape(error: str) -> str:
    """An error without the names of columns and the values that it repeats."""
    return re.sub(r"(column|total of) [a-z]\w*|'[^']*'", "", error)


def _pattern(error: str) -> str:
    """Matches an error whatever its numbers are, and whatever stands where the document has an ellipsis."""
    return re.sub(r"\d+", r"\\d+", re.escape(error.strip("`"))).replace(re.escape("..."), ".*")
