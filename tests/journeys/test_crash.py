"""Killed at any commit, the service loses nothing and does nothing twice.

Messages go through a real process that is killed (SIGKILL) just before or
just after one of its commits. The sender does what mail systems do: what was
not accepted is sent again. After a restart each message has one outcome, each
letter went out once, and what was asked stands once. Staff repeat a command
that died, and its letter goes out once.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url

from bot.codes import candidates
from bot.worker import FAILURES_AT_MOST
from tests.crash_serve import TALLY
from tests.databases import copied_postgres, migrated_postgres
from tests.forked_service import ForkedService
from tests.service_process import ANSWER_SECONDS, ServiceProcess

pytestmark = pytest.mark.slow

PROGRAM = "dspp@aastrom.com"
OFFICE = "ir@aastrom.com"
CLOCK = {"DSPP_CLOCK": "2004-02-02T09:00:00-05:00"}
DATABASES = ["sqlite", "postgresql"]

# How many commits there are to be killed at.
PURCHASE = 14
"""Of a buy and its confirmation: each is accepted, its sender looked up (claimed, kept), it is claimed, answered; its
letter leased and settled."""
ESCALATION = 8
"""Of a complaint: it is accepted, looked up in two, claimed, answered; its two letters are leased together and settled
one by one."""
PARKING = 6 + 2 * FAILURES_AT_MOST
"""Of a message that fails: it is accepted, looked up in two; claimed and failed, three times; its two letters are
leased and settled."""
ANSWER = 1
"""Of an answer by staff: the review is closed and the letter queued together."""


def kills(commits: int) -> list[object]:
    """Every commit, to die before and after."""
    return [
        pytest.param(moment, number, id=f"{moment} commit {number}")
        for number in range(1, commits + 1)
        for moment in ("before", "after")
    ]


# -- what is stored ---------------------------------------------------------------------------------------------------


def rows(service: ServiceProcess, sql: str) -> list[tuple[object, ...]]:
    """What a query finds. SQLite's file is opened to be read only: it must be found as the dead process left it."""
    file = service.folder / "dspp.sqlite3"
    url = make_url(service.environment.get("DSPP_DATABASE_URL", f"sqlite:///file:{file}?mode=ro&uri=true"))
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def is_settled(service: ServiceProcess) -> bool:
    waiting = rows(service, "SELECT count(*) FROM messages WHERE state = 'RECEIVED'")
    unsent = rows(service, "SELECT count(*) FROM outbox WHERE state != 'SENT'")
    return waiting == [(0,)] and unsent == [(0,)]


def letters_to(service: ServiceProcess, address: str) -> int:
    return sum(str(letter["To"]) == address for letter in service.letters())


# -- what is played ---------------------------------------------------------------------------------------------------


def mail(message_id: str, to: str, body: str, answering: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ana Perez <ana.perez@example.com>"
    message["To"] = to
    message["Message-ID"] = message_id
    message["Subject"] = "my order"
    message["Date"] = "Mon, 02 Feb 2004 09:00:00 -0500"
    if answering:
        message["In-Reply-To"] = answering
    message.set_content(body)
    return message


def one_answer(service: ServiceProcess, message: EmailMessage) -> EmailMessage:
    """Send until accepted, restarting the service when it is dead, and wait for the one answer."""

    def accepted() -> bool:
        if service.has_ended():
            service.start()
        return service.send(message)

    service.wait_until(accepted, ANSWER_SECONDS, "the message to be accepted")
    message_id = str(message["Message-ID"])

    def answered() -> bool:
        if service.has_ended():
            service.start()
        return bool(service.answers_to(message_id))

    service.wait_until(answered, ANSWER_SECONDS, f"an answer to {message_id}")
    return service.answers_to(message_id)[0]


def code_in(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    ((_written, code),) = candidates(str(body.get_content()))
    return code


def a_purchase(service: ServiceProcess) -> None:
    read_back = one_answer(service, mail("<ask@crash.example>", PROGRAM, "Please invest $500 by check."))
    confirm = mail("<yes@crash.example>", str(read_back["Reply-To"]), code_in(read_back), str(read_back["Message-ID"]))
    one_answer(service, confirm)


def a_complaint(service: ServiceProcess) -> None:
    one_answer(service, mail("<ask@crash.example>", PROGRAM, "I want to make a formal complaint about your service."))


def one_request(service: ServiceProcess) -> None:
    one_answer(service, mail("<ask@crash.example>", PROGRAM, "Please invest $500 by check."))


@contextmanager
def killed(service: ServiceProcess, moment: str, number: int, play: Callable[[ServiceProcess], None]) -> Iterator[None]:
    """Play with a service that is killed at a commit and restarted; the block sees it when all is settled."""
    service.start_to_die(moment, number)
    try:
        play(service)
        if number and service.starts == 1:
            service.wait_until(service.has_ended, ANSWER_SECONDS, "the service to be killed")
        if service.has_ended():
            service.start()
        service.wait_until(lambda: is_settled(service), ANSWER_SECONDS, "everything to settle")
        assert service.starts == (2 if number else 1), "it was killed once"
        yield
    finally:
        service.stop()


# -- where it is played -----------------------------------------------------------------------------------------------


@contextmanager
def new_service(kind: str, folder: Path, model: Path) -> Iterator[ForkedService]:
    """A service on a database of that kind, with the sample holders."""
    with ExitStack() as resources:
        environment = dict(CLOCK)
        if kind == "postgresql":
            environment["DSPP_DATABASE_URL"] = resources.enter_context(migrated_postgres())
        service = ForkedService(folder, model, environment)
        service.command("migrate")
        service.command("samples")
        yield service


@contextmanager
def copy_of(service: ForkedService, folder: Path) -> Iterator[ForkedService]:
    """Another service that begins where a stopped one left off."""
    shutil.copytree(service.folder, folder)
    with ExitStack() as resources:
        environment = dict(service.environment)
        if url := environment.get("DSPP_DATABASE_URL"):
            environment["DSPP_DATABASE_URL"] = resources.enter_context(copied_postgres(url))
        yield ForkedService(folder, service.model, environment)


@pytest.fixture(scope="module", params=DATABASES)
def origin(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model: Path
) -> Iterator[ForkedService]:
    """A service that has the sample holders and was never started, on each database in turn."""
    with new_service(request.param, tmp_path_factory.mktemp(request.param), model) as service:
        yield service


@pytest.fixture
def service(origin: ForkedService, tmp_path: Path) -> Iterator[ForkedService]:
    """A service of the test's own that has the sample holders."""
    with copy_of(origin, tmp_path / "state") as copy:
        yield copy


@pytest.fixture(scope="module")
def origin_with_review(origin: ForkedService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkedService]:
    """A service that has put one complaint before staff and was stopped."""
    with copy_of(origin, tmp_path_factory.mktemp("review") / "state") as copy:
        with killed(copy, "after", 0, a_complaint):
            pass
        yield copy


@pytest.fixture
def service_with_review(origin_with_review: ForkedService, tmp_path: Path) -> Iterator[ForkedService]:
    """A service of the test's own that has put one complaint before staff."""
    with copy_of(origin_with_review, tmp_path / "state") as copy:
        yield copy


# -- the tests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("play", "crashing", "commits"),
    [
        pytest.param(a_purchase, "", PURCHASE, id="a purchase"),
        pytest.param(a_complaint, "", ESCALATION, id="a complaint"),
        pytest.param(one_request, "buy", PARKING, id="a message that fails"),
    ],
)
def test_the_commits_are_those_we_kill_at(
    service: ForkedService, play: Callable[[ServiceProcess], None], crashing: str, commits: int
) -> None:
    service.crashing = crashing
    with killed(service, "after", 0, play):
        pass
    assert (service.folder / TALLY).read_text() == str(commits)


def check_purchase(service: ServiceProcess) -> None:
    states = rows(service, "SELECT state FROM messages ORDER BY state DESC")
    assert states == [("AWAITING_SHAREHOLDER",), ("ANSWERED",)]
    assert rows(service, "SELECT cause, count(*) FROM outbox GROUP BY cause HAVING count(*) > 1") == []
    assert len(service.letters()) == 2
    assert rows(service, "SELECT amount, state FROM purchase_orders") == [(50000, "AWAITING_PAYMENT")]


@pytest.mark.parametrize(("moment", "number"), kills(PURCHASE))
def test_a_purchase_is_made_once(service: ForkedService, moment: str, number: int) -> None:
    with killed(service, moment, number, a_purchase):
        check_purchase(service)


@pytest.mark.parametrize("origin", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("moment", "number"),
    [
        pytest.param("after", 2, id="while a message is read"),
        pytest.param("before", 3, id="while it is answered"),
        pytest.param("after", 4, id="while its letter is sent"),
    ],
)
def test_a_purchase_is_made_once_by_a_service_that_reads_in_a_process_of_its_own(
    service: ForkedService, moment: str, number: int
) -> None:
    alone = ServiceProcess(service.folder, service.model, service.environment)
    with killed(alone, moment, number, a_purchase):
        check_purchase(alone)


@pytest.mark.parametrize(("moment", "number"), kills(ESCALATION))
def test_a_complaint_is_put_before_staff_once_and_each_is_told_once(
    service: ForkedService, moment: str, number: int
) -> None:
    with killed(service, moment, number, a_complaint):
        ((message_id, state),) = rows(service, "SELECT id, state FROM messages")
        ((review_id, of_message, reason, standing),) = rows(
            service, "SELECT id, message_id, reason, state FROM reviews"
        )
        assert (state, of_message, reason, standing) == ("ESCALATED", message_id, "COMPLAINT", "OPEN")
        assert set(rows(service, "SELECT cause, recipient FROM outbox")) == {
            (f"answer:{message_id}", "ana.perez@example.com"),
            (f"notice:{review_id}", OFFICE),
        }
        assert (letters_to(service, "ana.perez@example.com"), letters_to(service, OFFICE)) == (1, 1)


@pytest.mark.parametrize(("moment", "number"), kills(PARKING))
def test_a_message_whose_handler_crashes_is_parked_once_for_staff_to_see(
    service: ForkedService, moment: str, number: int
) -> None:
    service.crashing = "buy"
    with killed(service, moment, number, one_request):
        ((state, failures),) = rows(service, "SELECT state, failures FROM messages")
        assert (state, failures) == ("FAILED", FAILURES_AT_MOST - 1), "and the last one parked it"
        assert rows(service, "SELECT kind FROM outbox ORDER BY kind") == [
            ("_shared/referred",),
            ("notices/review_opened",),
        ]
        assert (letters_to(service, "ana.perez@example.com"), letters_to(service, OFFICE)) == (1, 1)
        assert rows(service, "SELECT count(*) FROM purchase_orders") == [(0,)]
        (shown,) = json.loads(service.command("reviews", "list", "--json").stdout)
        review = json.loads(service.command("reviews", "show", shown["id"], "--json").stdout)
        assert "HandlerCrashed" in review["understood"]["error"]
        assert "Please invest $500 by check." in review["text"]


def review_of(service: ForkedService) -> str:
    (waiting,) = json.loads(service.command("reviews", "list", "--json").stdout)
    return str(waiting["id"])


def test_an_answer_by_staff_has_the_commits_we_kill_at(service_with_review: ForkedService) -> None:
    words = ("reviews", "answer", review_of(service_with_review), "--by", "M. Officer", "--text", "We are sorry.")
    service_with_review.command(*words, dies=("after", 0))
    assert (service_with_review.folder / TALLY).read_text() == str(ANSWER)


@pytest.mark.parametrize(("moment", "number"), kills(ANSWER))
def test_an_answer_by_staff_that_died_and_was_repeated_is_sent_once(
    service_with_review: ForkedService, moment: str, number: int
) -> None:
    service = service_with_review
    review_id = review_of(service)
    words = ("reviews", "answer", review_id, "--by", "M. Officer", "--text", "We are sorry.")
    died = service.command(*words, check=False, dies=(moment, number))
    assert died.returncode == -9
    again = service.command(*words, check=False)
    done = moment == "after"
    assert again.returncode == (1 if done else 0)
    assert ("closed already" in again.stderr) is done
    service.start()
    try:
        service.wait_until(lambda: is_settled(service), ANSWER_SECONDS, "the answer to be sent")
    finally:
        service.stop()
    assert rows(service, "SELECT state, closed_by, answer FROM reviews") == [("CLOSED", "M. Officer", "We are sorry.")]
    assert rows(service, "SELECT state FROM messages") == [("ANSWERED",)]
    replies = [letter for letter in service.answers_to("<ask@crash.example>") if "We are sorry." in letter.as_string()]
    assert len(replies) == 1
    assert len(service.answers_to("<ask@crash.example>")) == 2, "the letter that a person has it, and the answer"
