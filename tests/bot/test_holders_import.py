"""A holders file is taken whole and once; a change of details holds sales and is told at the old address."""

from __future__ import annotations

import email
import email.policy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from threading import Barrier

import pytest
from jinja2 import DictLoader, TemplateNotFound
from sqlalchemy import select

from bot.exchange_files import BadFile
from bot.holders_import import Imported, import_holders
from bot.keys import Keys
from bot.plan import Plan
from bot.post import Post
from bot.render import Renderer
from handlers.plan.accounts import AccountStatus, Registration
from handlers.plan.money import Shares
from storage.outbox import OutboxMessage
from storage.store import Store
from storage.tables import metadata
from tests.databases import fresh_store
from tests.exchange import ANA, BOB, write_holders

NOW = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)
HELD_UNTIL = date(2003, 11, 20)
"""The tenth banking session after November 5, 2003; banks were closed on the 11th."""
SECRETS = ("987-65-4321", "987654321", "876543210", "44556677889", "011000015")
IR = "ir@aastrom.com"
KEYS = Keys(bytes(range(32)))
SAMPLE = Path(__file__).resolve().parents[2] / "bot" / "samples" / "holders.csv"


@dataclass(frozen=True)
class Office:
    """What an import needs, and what can be seen of it afterwards."""

    store: Store
    folder: Path
    plan: Plan

    def loads(
        self, *holders: dict[str, str], sequence: int = 1, at: datetime = NOW, total: str | None = None
    ) -> Imported:
        path = write_holders(self.folder / f"holders-{sequence}.csv", *holders, sequence=sequence, total=total)
        return self.takes(path, at)

    def takes(self, path: Path, at: datetime = NOW) -> Imported:
        post = Post(self.plan, KEYS, Renderer(self.plan.book), "aastrom.com")
        return import_holders(self.store, self.plan, KEYS, post, path, at)

    def finds(self, address: str) -> tuple[Registration, ...]:
        with self.store.reading() as tx:
            return tx.registrations.of_email(address)

    def letters(self) -> list[OutboxMessage]:
        """Letters to holders."""
        with self.store.reading() as tx:
            return [letter for letter in tx.outbox.newest(50) if letter.recipient != IR]

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        with self.store.reading() as tx:
            return {
                table.name: [tuple(row) for row in tx.connection.execute(select(table).order_by(*table.primary_key))]
                for table in metadata.sorted_tables
            }


@pytest.fixture
def office(store: Store, tmp_path: Path) -> Office:
    return Office(store, tmp_path, Plan.read(None))


def test_holders_become_registrations_with_their_accounts(office: Office) -> None:
    assert office.loads(ANA, BOB) == Imported(holders=2, new=2, changed=0, departed=0)
    (ana,), (bob,) = office.finds("ana@example.com"), office.finds("bob@example.com")
    assert (ana.account_number, ana.name, ana.state, ana.country) == ("CST-20001", "Ana Perez", "MI", "US")
    assert ana.acknowledged == {"2003-11-04"}
    assert ana.account is not None
    assert (ana.account.status, ana.account.enrolled_on) == (AccountStatus.ACTIVE, date(2003, 11, 10))
    assert ana.account.plan_shares == Shares.of("1250.5")
    assert (bob.account, bob.acknowledged, bob.sales_held_until) == (None, frozenset(), None)


def test_registrations_of_one_taxpayer_are_known_as_such(office: Office) -> None:
    office.loads(ANA, BOB | {"taxpayer_id": "987654321"})
    assert office.finds("ana@example.com")[0].taxpayer == office.finds("bob@example.com")[0].taxpayer


def test_the_shipped_sample_loads(office: Office) -> None:
    assert office.takes(SAMPLE).new == 12
    assert office.finds("ana.perez@example.com")[0].is_active


def test_plan_shares_are_opened_once(office: Office) -> None:
    office.loads(ANA)
    office.loads(ANA | {"plan_shares": "9999", "prospectus": "2004-01-28"}, sequence=2)
    (ana,) = office.finds("ana@example.com")
    assert ana.account is not None
    assert ana.account.plan_shares == Shares.of("1250.5")
    assert ana.acknowledged == {"2003-11-04"}


@pytest.mark.parametrize(
    ("second", "sequence", "says"),
    [
        pytest.param((ANA, BOB), 1, "was loaded before, at 2003-11-05 14:00 UTC as holders-1.csv", id="the same bytes"),
        pytest.param((ANA,), 1, "sequence 1 is not after the last loaded, 1", id="the same sequence"),
        pytest.param((ANA | {"kind": "person"},), 2, "line 3, column kind", id="a row out of order"),
        pytest.param((ANA, ANA), 2, "line 4, column account", id="an account twice"),
    ],
)
def test_a_file_that_is_refused_changes_nothing(
    second: tuple[dict[str, str], ...], sequence: int, says: str, office: Office
) -> None:
    office.loads(ANA, BOB)
    before = office.everything()
    path = write_holders(office.folder / "again.csv", *second, sequence=sequence)
    with pytest.raises(BadFile, match=says) as bad:
        office.takes(path, NOW + timedelta(days=1))
    assert office.everything() == before
    assert str(bad.value).startswith(f"{path}: ")


def test_an_older_file_is_refused(office: Office) -> None:
    office.loads(ANA, sequence=7)
    before = office.everything()
    with pytest.raises(BadFile, match="line 1, column 3: sequence 6 is not after the last loaded, 7"):
        office.loads(ANA, BOB, sequence=6)
    assert office.everything() == before


def test_of_a_wrong_file_nothing_is_stored(office: Office) -> None:
    before = office.everything()
    with pytest.raises(BadFile, match="the rows sum to 1800"):
        office.loads(ANA, BOB, total="1799")
    assert office.everything() == before


def test_a_notice_that_cannot_be_worded_undoes_the_whole_file(office: Office, tmp_path: Path) -> None:
    office.loads(ANA)
    before = office.everything()
    silent = Post(office.plan, KEYS, Renderer(office.plan.book, DictLoader({})), "aastrom.com")
    path = write_holders(tmp_path / "second.csv", ANA | {"email": "new@example.com"}, BOB, sequence=2)
    with pytest.raises(TemplateNotFound):
        import_holders(office.store, office.plan, KEYS, silent, path, NOW)
    assert office.everything() == before


def test_of_two_imports_at_once_one_is_refused(office: Office) -> None:
    start = Barrier(2)
    paths = [write_holders(office.folder / f"{name}.csv", ANA | {"name": name}) for name in ("one", "two")]

    def load(path: Path) -> Imported | BadFile:
        start.wait()
        try:
            return office.takes(path)
        except BadFile as fault:
            return fault

    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(load, paths))
    assert {type(result) for result in results} == {BadFile, Imported}
    assert len(office.finds("ana@example.com")) == 1


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param({"email": "new@example.com"}, "email address", id="another email address"),
        pytest.param({"email": ""}, "email address", id="no email address any more"),
        pytest.param({"address": "1 Elsewhere Road"}, "postal address", id="another street"),
        pytest.param({"city": "Flint"}, "postal address", id="another city"),
        pytest.param({"state": "OH"}, "postal address", id="another state"),
        pytest.param({"country": "CA"}, "postal address", id="another country"),
        pytest.param({"bank_account": "44556677880"}, "bank account", id="another bank account"),
        pytest.param({"bank_account": "", "bank_routing": ""}, "bank account", id="no bank account any more"),
        pytest.param(
            {"email": "new@example.com", "address": "1 Elsewhere Road", "bank_account": "44556677880"},
            "email address, postal address, bank account",
            id="everything",
        ),
    ],
)
def test_a_change_of_details_holds_sales_and_is_told_at_the_old_address(
    change: dict[str, str], what: str, office: Office
) -> None:
    office.loads(ANA, BOB)
    assert office.loads(ANA | change, BOB, sequence=2).changed == 1
    (letter,) = office.letters()
    mail = email.message_from_bytes(letter.raw, EmailMessage, policy=email.policy.SMTP)
    body = mail.get_body(("plain",))
    assert body is not None
    text = " ".join(str(body.get_content()).split())
    assert (letter.recipient, str(mail["To"])) == ("ana@example.com", "ana@example.com")
    assert f"account ****0001: {what}." in text
    assert "no sale is carried out on this account before Thursday, November 20, 2003" in text
    for untold in ("CST-20001", "new@example.com", "Elsewhere", "4455", *SECRETS):
        assert untold not in text
    with office.store.reading() as tx:
        ana, bob = tx.registrations.by_account_number("CST-20001"), tx.registrations.by_account_number("CST-20002")
    assert ana is not None
    assert bob is not None
    assert (ana.sales_held_until, bob.sales_held_until) == (HELD_UNTIL, None)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="nothing changed"),
        pytest.param({"shares": "1600"}, id="more shares"),
        pytest.param({"name": "Ana Perez-Lopez"}, id="another name"),
        pytest.param({"hold": "LOST"}, id="a hold"),
        pytest.param({"email": "ANA@example.com"}, id="the same address in capitals"),
        pytest.param({"taxpayer_id": "987654321"}, id="the taxpayer id without hyphens"),
        pytest.param({"kind": "joint"}, id="another kind"),
    ],
)
def test_other_changes_hold_nothing_and_are_told_to_nobody(change: dict[str, str], office: Office) -> None:
    office.loads(ANA)
    assert office.loads(ANA | change, sequence=2).changed == 0
    assert office.letters() == []
    assert office.finds("ana@example.com")[0].sales_held_until is None


def test_who_had_no_address_cannot_be_told_but_sales_are_held(office: Office) -> None:
    office.loads(ANA | {"email": ""})
    assert office.loads(ANA, sequence=2).changed == 1
    assert office.letters() == []
    assert office.finds("ana@example.com")[0].sales_held_until == HELD_UNTIL


def test_a_hold_outlasts_files_without_changes(office: Office) -> None:
    office.loads(ANA)
    office.loads(ANA | {"address": "1 Elsewhere Road"}, sequence=2)
    office.loads(ANA | {"address": "1 Elsewhere Road"}, sequence=3, at=NOW + timedelta(days=1))
    assert office.finds("ana@example.com")[0].sales_held_until == HELD_UNTIL
    assert len(office.letters()) == 1


def test_each_further_change_holds_anew_and_is_told_anew(office: Office) -> None:
    office.loads(ANA)
    office.loads(ANA | {"email": "second@example.com"}, sequence=2)
    office.loads(ANA | {"email": "third@example.com"}, sequence=3, at=NOW + timedelta(days=1))
    assert [letter.recipient for letter in office.letters()] == ["second@example.com", "ana@example.com"]
    assert office.finds("third@example.com")[0].sales_held_until == date(2003, 11, 21)
    assert office.finds("ana@example.com") == office.finds("second@example.com") == ()


def test_who_departed_is_no_longer_found_but_not_forgotten(office: Office) -> None:
    office.loads(ANA, BOB)
    taxpayer = office.finds("bob@example.com")[0].taxpayer
    assert office.loads(ANA, sequence=2) == Imported(holders=1, new=0, changed=0, departed=1)
    assert office.finds("bob@example.com") == ()
    with office.store.reading() as tx:
        assert [one.name for one in tx.registrations.of_taxpayers({taxpayer})] == ["Bob Miller"]


def test_who_comes_back_is_found_again(office: Office) -> None:
    office.loads(ANA, BOB)
    office.loads(ANA, sequence=2)
    assert office.loads(ANA, BOB, sequence=3) == Imported(holders=2, new=0, changed=0, departed=0)
    assert office.finds("bob@example.com")[0].sales_held_until is None


def test_who_comes_back_with_another_address_is_told_at_the_old_one(office: Office) -> None:
    office.loads(ANA, BOB)
    office.loads(ANA, sequence=2)
    office.loads(ANA, BOB | {"email": "robert@example.com"}, sequence=3)
    assert [letter.recipient for letter in office.letters()] == ["bob@example.com"]
    assert office.finds("robert@example.com")[0].sales_held_until == HELD_UNTIL


def test_a_bank_account_can_be_read_back_with_the_key_only(office: Office) -> None:
    office.loads(ANA, BOB)
    with office.store.reading() as tx:
        records = tx.registrations.records()
    assert KEYS.unseal(records["CST-20001"].bank) == "011000015 44556677889"
    assert records["CST-20002"].bank == ""


def test_no_taxpayer_id_and_no_bank_account_is_stored_in_clear(office: Office) -> None:
    office.loads(ANA, BOB)
    office.loads(ANA | {"bank_account": "99887766554", "email": "new@example.com"}, BOB, sequence=2)
    stored = repr(office.everything())
    assert "CST-20001" in stored
    assert not [secret for secret in (*SECRETS, "99887766554") if secret in stored]


def test_no_byte_of_the_database_file_tells_a_taxpayer_id_or_a_bank_account(tmp_path: Path) -> None:
    with fresh_store("sqlite", tmp_path) as store:
        office = Office(store, tmp_path, Plan.read(None))
        office.loads(ANA, BOB)
        with pytest.raises(BadFile):
            office.loads(ANA, BOB | {"kind": "person"}, sequence=2)
        written = b"".join(file.read_bytes() for file in tmp_path.glob("store.sqlite3*"))
    written += b"".join(file.read_bytes() for file in tmp_path.glob("store.sqlite3*"))
    assert b"CST-20001" in written
    assert not [secret for secret in SECRETS if secret.encode() in written]
