"""Statements: figures that agree with the books, each sent once, and everybody who gets none by mail is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from bot.holders_import import registration_id
from bot.month import statements
from bot.month.office import StepRefused
from bot.month.statement_facts import Paper, Period, month_period, papers_of, year_period
from bot.month.statements import MailingReport, report_of, send_papers
from bot.statement_pdf import statement_pdf
from handlers.contract import ReportDeath
from handlers.plan.accounts import Hold
from handlers.plan.money import Money, Price, Shares
from handlers.plan.statement import (
    CashEntry,
    CashMovement,
    FiguresDisagree,
    Lot,
    PeriodTotals,
    RefundEntry,
    Restriction,
    RestrictionKind,
    ShareEntry,
    ShareMovement,
    Statement,
    YearSummary,
)
from storage.ledger import SHARE, UNISSUED, move, plan_account
from storage.outbox import NewLetter, OutboxState
from storage.statement_rows import StatementRows
from storage.store import Store
from tests.month.playing import Month, at, check, holder

NOVEMBER, DECEMBER, Y2003 = month_period("2003-11"), month_period("2003-12"), year_period("2003")
SENT_AT = at("2003-12-01", "09:00")
BEGUN = "plan shares held when the service began"
NOTHING = Money.of("0")


@pytest.fixture
def month(store: Store, tmp_path: Path) -> Month:
    """Five holders with a hundred shares each; nothing has moved."""
    played = Month(store, tmp_path)
    played.holders(*(holder(number) for number in range(1, 6)))
    return played


def play_november(month: Month) -> dict[str, str]:
    """Two buy, one of them too much, and one sells; the order of each by account."""
    orders = {
        "CST-30001": month.buys("CST-30001", "250"),
        "CST-30002": month.buys("CST-30002", "10000"),
        "CST-30003": month.sells("CST-30003", "40"),
    }
    month.lockbox(check("CST-30001", "250"), check("CST-30002", "10100"))
    month.lock()
    month.prices("1.12", "1.15", "1.09")
    month.to_approval()
    month.allot()
    month.issue()
    month.confirm()
    month.fills(("25", "1.20", "0.30"), ("15", "1.25", "0.20"))
    month.lockbox(day="2003-11-28")
    return orders


def paper(month: Month, account: str, period: Period, now: Any = SENT_AT) -> Paper:
    """The paper of one account. FiguresDisagree."""
    with month.store.reading() as tx:
        found = tx.registrations.by_account_number(account)
        assert found is not None
        made = papers_of(tx, month.office, period, {found.id: found}, now)[found.id]
    if isinstance(made, FiguresDisagree):
        raise made
    return made


def statement(month: Month, account: str, period: Period = NOVEMBER, now: Any = SENT_AT) -> Statement:
    made = paper(month, account, period, now)
    assert isinstance(made, Statement)
    return made


def send(month: Month, period: Period = NOVEMBER, now: Any = SENT_AT, **options: Any) -> MailingReport:
    return send_papers(month.office, period, now, **options)


def mark(month: Month, account: str, state: OutboxState, period: Period = NOVEMBER) -> None:
    """Let an account's letter stand there."""
    with month.store.transaction() as tx:
        letter = tx.outbox.for_cause(period.cause(registration_id(account)))
        assert letter is not None
        tx.outbox.lease("test", SENT_AT + timedelta(days=1), timedelta(minutes=1), 10_000)
        if state is OutboxState.SENT:
            assert tx.outbox.sent(letter.id, "test", "taken", SENT_AT)
        else:
            assert tx.outbox.dead(letter.id, "test", "refused", SENT_AT)


# -- figures ----------------------------------------------------------------------------------------------------------


def test_a_purchase_stands_with_its_price_its_lot_and_the_sums_that_follow(month: Month) -> None:
    order = play_november(month)["CST-30001"]
    found = statement(month, "CST-30001")
    bought = Shares.of("230.1178")  # 250 / 1.0864, rounded down
    sums = PeriodTotals(Money.of("250"), bought, Shares.of("0"), NOTHING, NOTHING, NOTHING, NOTHING)
    assert (found.account, found.name) == ("****0001", "Holder Number1")
    assert (found.opening_shares, found.closing_shares) == (Shares.of("0"), Shares.of("330.1178"))
    assert found.entries == (
        ShareEntry(date(2003, 11, 5), ShareMovement.MOVED_IN, Shares.of("100"), BEGUN),
        ShareEntry(
            date(2003, 11, 19), ShareMovement.PURCHASE, bought, order, Money.of("250"), Price.from_units(10_864)
        ),
    )
    assert found.cash == (CashEntry(date(2003, 11, 10), CashMovement.CHECK, Money.of("250"), order),)
    assert (found.opening_cash, found.closing_cash, found.owed) == (NOTHING, NOTHING, NOTHING)
    assert found.lots == (
        Lot(None, Shares.of("100"), None),
        Lot(date(2003, 11, 19), bought, Money.of("250")),
    )
    assert found.totals == found.year_to_date == sums
    assert found.next_month.purchase_date == date(2003, 12, 17)


def test_what_was_over_the_maximum_stands_among_the_refunds(month: Month) -> None:
    order = play_november(month)["CST-30002"]
    found = statement(month, "CST-30002")
    assert found.refunds == (RefundEntry(date(2003, 11, 19), Money.of("100"), order, None),)
    assert found.cash[0].dollars == Money.of("10100")
    assert (found.totals.invested, found.totals.refunded) == (Money.of("10000"), Money.of("100"))
    assert found.closing_shares == Shares.of("100") + Shares.of("9204.7128")


def test_a_sale_stands_with_its_fees_and_leaves_the_lot_smaller(month: Month) -> None:
    order = play_november(month)["CST-30003"]
    found = statement(month, "CST-30003")
    sold = found.entries[-1]
    fee = month.office.terms(date(2003, 11, 19)).sale_fee
    assert (sold.movement, sold.shares, sold.reference) == (ShareMovement.SALE, Shares.of("40"), order)
    assert sold.dollars == Money.of("48.75")  # 25 x 1.20 + 15 x 1.25
    assert sold.fees == Money.of("0.50") + fee
    assert sold.net == Money.of("48.25") - fee
    assert found.lots == (Lot(None, Shares.of("60"), None),)


def test_the_next_month_opens_with_what_the_last_one_closed_with(month: Month) -> None:
    play_november(month)
    before, after = statement(month, "CST-30002"), statement(month, "CST-30002", DECEMBER, at("2004-01-02"))
    assert (after.opening_shares, after.opening_cash) == (before.closing_shares, before.closing_cash)
    assert (after.entries, after.cash, after.totals.invested) == ((), (), NOTHING)
    assert after.year_to_date == before.year_to_date
    assert after.lots == before.lots


def test_a_refund_stands_again_in_the_month_in_which_its_check_was_mailed(month: Month) -> None:
    order = play_november(month)["CST-30002"]
    with month.store.transaction() as tx:
        (refund,) = tx.payments.refunds_of(registration_id("CST-30002"))
        owner = refund.registration_id
        mailed = move(f"refunds:{owner}", "refunded", "USD", refund.amount.cents)
        tx.ledger.post(f"refunded:{refund.id}", at("2003-12-03"), "refund check ordered", mailed)
    now = at("2004-01-02")
    expected = RefundEntry(date(2003, 11, 19), Money.of("100"), order, date(2003, 12, 3))
    assert statement(month, "CST-30002", DECEMBER, now).refunds == (expected,)
    assert statement(month, "CST-30002", DECEMBER, now).totals.refunded == NOTHING
    assert statement(month, "CST-30002", NOVEMBER, now).refunds[0].sent_on is None


def test_money_that_waits_stands_as_cash_and_not_as_shares(month: Month) -> None:
    month.buys("CST-30004", "500", number="2003-12", day="2003-11-14")
    month.lockbox(check("CST-30004", "500", "2003-11-14 10:00"), day="2003-11-28")
    found = statement(month, "CST-30004")
    assert (found.opening_cash, found.closing_cash) == (NOTHING, Money.of("500"))
    assert found.totals.shares_bought == Shares.of("0")


def test_shares_whose_payment_may_still_come_back_are_told_as_not_free(month: Month) -> None:
    order = play_november(month)["CST-30001"]
    with month.store.reading() as tx:
        (paid,) = tx.payments.of_registration(registration_id("CST-30001"))
    free_on = paid.return_risk_until + timedelta(days=1)
    expected = Restriction(RestrictionKind.PAYMENT_MAY_RETURN, Shares.of("230.1178"), free_on)
    last_day = at(paid.return_risk_until.isoformat())
    assert paid.order_id == order
    assert expected in statement(month, "CST-30001", now=last_day).restrictions
    assert expected not in statement(month, "CST-30001", now=at(free_on.isoformat())).restrictions


def test_a_year_s_summary_holds_the_year_and_nothing_after_it(month: Month) -> None:
    play_november(month)
    found = paper(month, "CST-30002", Y2003, at("2004-01-02"))
    assert isinstance(found, YearSummary)
    assert (found.year, found.closing_shares) == (2003, Shares.of("9304.7128"))
    assert found.totals.invested == Money.of("10000")
    assert [row.dollars for row in found.refunds] == [Money.of("100")]


# -- sending ----------------------------------------------------------------------------------------------------------


def test_whoever_something_moved_for_gets_a_letter_with_the_paper_once(month: Month) -> None:
    play_november(month)
    first = send(month)
    assert (first.due, first.queued, first.waiting, first.by_post) == (3, 3, 0, ())
    assert send(month) == first
    letters = month.letters(kind="month/statement")
    assert sorted(letter.recipient for letter in letters) == [f"holder{number}@example.com" for number in (1, 2, 3)]
    message = message_from_bytes(letters[0].raw, policy=policy.default)
    (paper_attached,) = message.iter_attachments()
    assert paper_attached.get_filename() == "statement-2003-11.pdf"
    assert bytes(paper_attached.get_content()).startswith(b"%PDF-")


def test_a_quiet_month_is_told_only_to_those_who_elected_it(month: Month) -> None:
    play_november(month)
    with month.store.transaction() as tx:
        assert StatementRows(tx.connection).elect(registration_id("CST-30005"), is_elected=True)
    assert send(month).due == 4
    quiet = statement(month, "CST-30005")
    assert quiet.totals.shares_bought == Shares.of("0")
    with month.store.transaction() as tx:
        assert StatementRows(tx.connection).elect(registration_id("CST-30005"), is_elected=False)
    month.lockbox(day="2003-12-31")
    assert send(month, DECEMBER, at("2004-01-02")).due == 0


def test_with_dry_run_nothing_is_queued(month: Month) -> None:
    play_november(month)
    before = len(month.letters())
    assert (send(month, dry_run=True).waiting, len(month.letters())) == (3, before)


def test_a_crash_between_pieces_goes_on_where_it_was(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    play_november(month)
    monkeypatch.setattr(statements, "PIECE", 1)
    made = []

    def breaks(told: Any, book: Any) -> bytes:
        made.append(told.account)
        if len(made) == 2:
            raise MemoryError("no room for another")
        return b"%PDF-1"

    monkeypatch.setattr(statements, "statement_pdf", breaks)
    with pytest.raises(MemoryError):
        send(month)
    assert len(month.letters(kind="month/statement")) == 1
    assert send(month).queued == 3
    assert len(made) == 4  # the first was not made again


def test_two_runs_at_once_send_each_statement_once(month: Month) -> None:
    play_november(month)
    with ThreadPoolExecutor(3) as runs:
        reports = [run.result() for run in [runs.submit(send, month) for _ in range(3)]]
    assert [report.is_done for report in reports] == [True] * 3
    assert len(month.letters(kind="month/statement")) == 3
    assert len(month.letters(kind="notices/cycle_needs_person")) == 1


def test_figures_that_move_while_the_paper_is_made_are_not_sent(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    play_november(month)
    owner = registration_id("CST-30001")

    def moves(told: Any, book: Any) -> bytes:
        if told.account == "****0001":
            with month.store.transaction() as tx:
                lines = move("payers:check", plan_account(owner), "USD", 30_000)
                tx.ledger.post("receipt:late", at("2003-11-28"), "check received", lines)
        return statement_pdf(told, book)

    monkeypatch.setattr(statements, "statement_pdf", moves)
    report = send(month)
    assert (report.queued, report.waiting, report.is_done) == (2, 1, False)
    assert send(month).queued == 3
    (letter,) = month.letters("holder1@", "month/statement")
    assert b"300.00" in letter.raw


def test_no_more_are_queued_than_the_outbox_may_hold(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    play_november(month)
    monkeypatch.setattr(statements, "ROOM", 2)
    assert (send(month).queued, send(month).waiting) == (2, 1)
    letters = month.letters(kind="month/statement")
    mark(month, "CST-30001" if any("holder1" in one.recipient for one in letters) else "CST-30002", OutboxState.SENT)
    report = send(month)
    assert (report.queued, report.sent, report.waiting) == (2, 1, 0)


def test_other_letters_leave_before_statements_that_were_queued_first(month: Month) -> None:
    play_november(month)
    send(month)
    with month.store.transaction() as tx:
        letter = NewLetter("zz", "answer:1", "buy", None, "<zz@x>", "ann@example.com", "b@aastrom.com", b"x")
        tx.outbox.add(letter, SENT_AT + timedelta(hours=1))
        later = SENT_AT + timedelta(hours=2)
        leased = tx.outbox.lease("a", later, timedelta(minutes=1), 10_000)
        waiting = [one for one in tx.outbox.newest(10_000) if one.kind == "month/statement"]
    assert "zz" in {one.id for one in leased}
    assert len(waiting) == 3
    with month.store.transaction() as tx:
        for one in leased:
            tx.outbox.put_back(one.id, "a", "", SENT_AT)
        others = len(leased) - 3
        first = tx.outbox.lease("b", later, timedelta(minutes=1), others)
    assert {one.kind for one in first}.isdisjoint({"month/statement"})


def test_who_cannot_be_written_to_is_named_for_the_post_or_for_staff(store: Store, tmp_path: Path) -> None:
    month = Month(store, tmp_path)
    month.holders(holder(1), holder(2, email=""), *(holder(number) for number in (3, 4, 5)))
    for number in range(1, 6):
        month.buys(f"CST-3000{number}", "250")
    month.lockbox(*(check(f"CST-3000{number}", "250") for number in range(1, 6)), day="2003-11-28")
    with store.transaction() as tx:
        dead = (ReportDeath("holder3@example.com"),)
        tx.effects.apply(dead, cause="answer:m1", now=SENT_AT, today=SENT_AT.date())
        tx.reported_holds.report(registration_id("CST-30005"), Hold.MAIL_RETURNED, "bounce:m2", SENT_AT)
    report = send(month)
    assert (report.due, report.queued) == (5, 2)
    assert (report.by_post, report.with_staff) == (("CST-30002", "CST-30005"), ("CST-30003",))
    mark(month, "CST-30004", OutboxState.DEAD)
    again = send(month)
    assert (again.came_back, again.is_done) == (1, True)
    assert again.by_post == ("CST-30002", "CST-30004", "CST-30005")


def test_one_account_whose_figures_disagree_keeps_no_other_from_its_statement(month: Month) -> None:
    play_november(month)
    owner = registration_id("CST-30002")
    with month.store.transaction() as tx:
        tx.ledger.post("allot:P-NONE", at("2003-11-20"), "", move(UNISSUED, plan_account(owner), SHARE, 1))
    report = send(month)
    assert (report.due, report.queued, report.disagreeing) == (3, 2, ("CST-30002",))
    (notice,) = month.letters(kind="notices/cycle_needs_person")
    assert b"figures disagree: 1" in notice.raw
    with pytest.raises(FiguresDisagree, match="no order of the account was allotted any"):
        paper(month, "CST-30002", NOVEMBER)


def test_staff_get_the_report_once_when_all_is_queued(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    play_november(month)
    monkeypatch.setattr(statements, "ROOM", 1)
    send(month)
    assert month.letters(kind="notices/cycle_needs_person") == []
    monkeypatch.setattr(statements, "ROOM", 10)
    send(month)
    send(month)
    (notice,) = month.letters(kind="notices/cycle_needs_person")
    assert notice.cause == "statement:2003-11"
    assert b"3 of 3 are in the mail" in notice.raw


@pytest.mark.parametrize(
    ("told_to", "now", "why"),
    [
        pytest.param("2003-11-28", at("2003-11-30", "23:59"), "2003-11 is not over", id="the month is not over"),
        pytest.param("2003-11-26", SENT_AT, "no lockbox file tells of the last", id="the bank has not told of its end"),
    ],
)
def test_nothing_is_sent_of_a_month_that_may_still_change(month: Month, told_to: str, now: Any, why: str) -> None:
    month.lockbox(day=told_to)
    with pytest.raises(StepRefused, match=why):
        send(month, now=now)


def test_the_report_says_the_same_afterwards(month: Month) -> None:
    play_november(month)
    sent = send(month)
    with month.store.reading() as tx:
        assert report_of(tx, month.office, NOVEMBER, SENT_AT) == sent


@pytest.mark.parametrize("written", ["2003", "2003-13", "november", "0000-01", ""])
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(StepRefused, match="names no month"):
        month_period(written)


@pytest.mark.parametrize("written", ["2003-11", "03", "٢٠٠٣", "1900", ""])
def test_what_is_no_year_is_refused(written: str) -> None:
    with pytest.raises(StepRefused, match="names no year"):
        year_period(written)
