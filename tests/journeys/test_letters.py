"""For every letter and refusal: somebody says something, and hears the right letter."""

from __future__ import annotations

import pytest

from storage.messages import MessageState
from tests.dialogue import Bot

ANA = "ana.perez@example.com"  # enrolled, Michigan, 1,250.5 plan shares
BOB = "bob.miller@example.com"  # a holder in Ohio, not enrolled
CAROL = "carol.ng@example.com"  # enrolled, California: closed in the sample
DAVE = "dave.kim@example.com"  # enrolled, New York: unknown in the sample
ERIN = "erin.walsh@example.com"  # enrolled, has not acknowledged the prospectus in force
HILLS = "hill.family@example.com"  # joint owners
NORA = "nora.beck@example.com"  # a trust
HUGO = "hugo.lindqvist@example.com"  # lives in Sweden
IRIS = "iris.novak@example.com"  # her own account, and one in custody for a child
JACK = "jack.osei@example.com"  # deceased
STRANGER = "somebody@elsewhere.example"

ASKS, ANSWERED, STAFF = MessageState.AWAITING_SHAREHOLDER, MessageState.ANSWERED, MessageState.ESCALATED

ANSWERS = [
    pytest.param(STRANGER, "Can people who live in New Jersey join the program?", "eligible_states/completed",
                 ANSWERED, ("New Jersey",), id="a stranger asks for a state"),
    pytest.param(STRANGER, "Is the plan offered in California?", "eligible_states/completed", ANSWERED,
                 ("California", "cannot be offered"), id="a closed state"),
    pytest.param(STRANGER, "How is the purchase price worked out and what is the discount?", "plan_info/completed",
                 ANSWERED, ("average", "3%"), id="how the price is made"),
    pytest.param(STRANGER, "What are the minimum and maximum I can invest each month?", "plan_info/completed",
                 ANSWERED, ("$250.00", "$10,000.00"), id="the limits"),
    pytest.param(STRANGER, "Please send me a copy of the prospectus.", "documents/completed", ANSWERED,
                 ("January 28, 2004", "P.O. Box 376"), id="the prospectus"),
    pytest.param(STRANGER, "How do I enroll in your stock purchase program?", "enroll/completed", ANSWERED,
                 ("$250.00", "street name", "February 18, 2004", "Continental"), id="a stranger gets the kit"),
    pytest.param(STRANGER, "How do I move my shares from street name at my broker into registered form?",
                 "transfer_shares/completed", ANSWERED, ("broker",), id="out of street name"),
    pytest.param(ANA, "I moved. How do I change my mailing address on my account?", "update_account/completed",
                 ANSWERED, ("Continental", "writing"), id="a new address"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "text", "letter", "state", "phrases"), ANSWERS)
def test_questions_are_answered(
    bot: Bot, who: str, text: str, letter: str, state: MessageState, phrases: tuple[str, ...]
) -> None:
    person = bot.person(who)
    assert person.says(text) is state
    heard = person.hears(letter)
    for phrase in phrases:
        assert phrase in heard.text


REFUSALS = [
    pytest.param(ANA, "I want to invest $249.99 this month by check.", "buy/refused", ("$250.00",), id="a cent under"),
    pytest.param(ANA, "Please buy $10,000.01 worth of stock for me.", "buy/refused", ("$10,000.00",), id="a cent over"),
    pytest.param(ANA, "Please buy $300 of stock and charge my Visa credit card.", "buy/refused",
                 ("check", "automatic deduction"), id="a card"),
    pytest.param(ANA, "Buy me $500 of shares, I will send a wire transfer.", "buy/refused", ("check",), id="a wire"),
    pytest.param(ANA, "Sell 100 of my shares if the price goes over $5.", "sell/refused", ("price",), id="a condition"),
    pytest.param(ANA, "Please sell 5,000 of my plan shares.", "sell/refused", ("more shares",), id="more than held"),
    pytest.param(ANA, "Should I buy more shares now? Do you think the stock will go up?", "investment_advice/refused",
                 ("advice",), id="advice"),
    pytest.param(ANA, "Please cancel my pending purchase order.", "cancel_order/refused", ("open order",),
                 id="no order to cancel"),
    pytest.param(ANA, "Please stop my monthly automatic deduction.", "recurring/refused", ("deduction",),
                 id="no deduction to stop"),
    pytest.param(BOB, "Please invest $400 for me this month.", "buy/refused", ("not enrolled",), id="not enrolled"),
    pytest.param(CAROL, "I would like to invest $400 this month.", "buy/refused", ("state of record",),
                 id="a closed state"),
    pytest.param(ERIN, "I would like to invest $400 this month.", "buy/refused", ("Prospectus", "acknowledge"),
                 id="the prospectus is not acknowledged"),
    pytest.param(ANA, "I would like to enroll in the program.", "enroll/refused", ("already",), id="enrolled already"),
    pytest.param(STRANGER, "Please sell the 200 shares that I hold in street name at Schwab.",
                 "sell/refused", ("street name",), id="street name"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "text", "letter", "phrases"), REFUSALS)
def test_refusals_say_what_and_how_to_mend_it(
    bot: Bot, who: str, text: str, letter: str, phrases: tuple[str, ...]
) -> None:
    person = bot.person(who)
    person.says(text)
    heard = person.hears(letter)
    for phrase in phrases:
        assert phrase in heard.text
    with bot.service.store.reading() as tx:
        assert tx.confirmations.pending(who, bot.clock.now()) == [], "a refused order waits for no code"


QUESTIONS = [
    pytest.param(ANA, "I want to buy some more shares this month.", "buy/needs_info", ("How many dollars",),
                 id="no amount"),
    pytest.param(ANA, "Please invest $500 or $600, whichever.", "buy/needs_info", ("How many dollars",),
                 id="two amounts"),
    pytest.param(ANA, "Please buy 500 shares for me.", "buy/needs_info", ("dollars",), id="shares in place of dollars"),
    pytest.param(ANA, "Please sell some of my plan shares.", "sell/needs_info", ("shares",), id="how many to sell"),
    pytest.param(ANA, "the thing with the other thing", "_shared/clarify", ("not sure",), id="not understood"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "text", "letter", "phrases"), QUESTIONS)
def test_what_is_missing_is_asked(bot: Bot, who: str, text: str, letter: str, phrases: tuple[str, ...]) -> None:
    person = bot.person(who)
    assert person.says(text) is ASKS
    heard = person.hears(letter)
    for phrase in phrases:
        assert phrase in heard.text


REFERRALS = [
    pytest.param(DAVE, "I would like to invest $400 this month.", "STATE_UNKNOWN", True, id="an unknown state"),
    pytest.param(NORA, "Please buy $1000 of stock.", "REGISTRATION_KIND", True, id="a trust"),
    pytest.param(HUGO, "I would like to enroll in the program.", "NON_US", True, id="a holder abroad"),
    pytest.param(HILLS, "Please sell all of our plan shares.", "JOINT_OWNERS", True, id="joint owners sell"),
    pytest.param(JACK, "How many shares do I have?", "DEATH", False, id="an account with a deceased hold"),
    pytest.param(ANA, "My husband passed away last month. What do I do about his shares?", "DEATH", False,
                 id="a death"),
    pytest.param(ANA, "Please sell 50 shares from my mother's account for her.", "THIRD_PARTY", True,
                 id="somebody else's account"),
    pytest.param(ANA, "I am very upset. You lost my check and nobody answers. I want to make a formal complaint.",
                 "COMPLAINT", False, id="a complaint"),
    pytest.param(ANA, "I want to talk to a real person please.", "ASKED_FOR_A_PERSON", False, id="a person"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "text", "reason", "at_risk"), REFERRALS)
def test_what_a_person_decides_is_referred(bot: Bot, who: str, text: str, reason: str, at_risk: bool) -> None:
    person = bot.person(who)
    assert person.says(text) is STAFF
    heard = person.hears("_shared/referred")
    assert "no transaction has been made" in heard.text.lower()
    with bot.service.store.reading() as tx:
        (review,) = tx.reviews.waiting()
        assert review.reason == reason
        assert (review.deadline_at is not None) == at_risk
        assert "person" in review.draft
    (notice,) = bot.letters_to("ir@aastrom.com")
    assert review.id in notice.text
    assert text not in notice.text, "a notice tells nothing of the message"


def test_courtesy_gets_no_answer(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Thank you very much for your help!")
    ana.hears_nothing()
    assert bot.letters() == []
