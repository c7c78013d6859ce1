"""What people write around a code: a yes counts, an objection and a changed mind do not."""

from __future__ import annotations

import pytest

from bot.consent import MOST_WORDS, Consent, consent, is_bare_yes, is_objection
from handlers.contract import Slots
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod, Portion

FIVE_HUNDRED = Slots(amounts=(Money.of("500"),), payment_methods=(PaymentMethod.CHECK,))


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param("", id="the code alone"),
        pytest.param(" \n .", id="a full stop"),
        pytest.param("Yes.", id="yes"),
        pytest.param("YES!!", id="shouted"),
        pytest.param("yes please go ahead", id="go ahead"),
        pytest.param("Confirmed. Thank you. Dorothy", id="signed"),
        pytest.param("Dear Sirs,\n\nI hereby confirm my order.\n\nYours truly,\nWalter Kowalski", id="a formal letter"),
        pytest.param("Here is the code you asked for:  . Thank you kindly.", id="the code you asked for"),
        pytest.param("My code is  \nGod bless", id="God bless"),
        pytest.param("Yes, that is correct, my dear.", id="my dear"),
        pytest.param("That is right, please buy the stock for me.", id="that is right"),
        pytest.param("ok. I will mail the check tomorrow morning.", id="the check is in the mail"),
        pytest.param("Okay, I agree. When will I get my statement?", id="a question beside the yes"),
        pytest.param("Yes. Is that all you need from me?", id="is that all, beside the yes"),
        pytest.param("Here's my code. Do I need to do anything else?", id="a practical question"),
        pytest.param("No problem, here you go:", id="no problem"),
        pytest.param("No changes. Please proceed.", id="no changes"),
        pytest.param("I have no further questions, proceed.", id="no further questions"),
        pytest.param("Yes. Let me know if you need anything else.", id="let me know if you need anything else"),
        pytest.param("Yes, if you have any questions call me in the evening.", id="if you have any questions"),
        pytest.param("Yes! I can't wait.", id="can't wait"),
        pytest.param("Don\u2019t worry, it is right this time.", id="don't worry"),
        pytest.param("My account no. is the one ending 4821. I confirm.", id="account no."),
        pytest.param("Sent from my iPad", id="sent from my iPad"),
        pytest.param("I found the code in your letter and I am sending it back as you told me to do.", id="chatty"),
    ],
)
def test_what_people_write_when_they_mean_yes_is_a_yes(rest: str) -> None:
    assert consent(rest, Slots(), FIVE_HUNDRED) is Consent.GIVEN


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param("No!", id="no"),
        pytest.param("NO NO NO", id="no, shouted"),
        pytest.param("No! Do not do this.", id="do not do this"),
        pytest.param("Do\nnot\nbuy anything", id="do not, broken over lines"),
        pytest.param("Please don't.", id="please don't"),
        pytest.param("please don\u2019t do it", id="a typographic apostrophe"),
        pytest.param("dont buy", id="no apostrophe at all"),
        pytest.param("I never asked for this", id="never asked"),
        pytest.param("I did not ask for this order.", id="did not ask"),
        pytest.param("I didn't order any stock", id="didn't order"),
        pytest.param("Cancel this.", id="cancel"),
        pytest.param("please CANCEL", id="cancel, shouted"),
        pytest.param("Stop.", id="stop"),
        pytest.param("nope", id="nope"),
        pytest.param("Forget it.", id="forget it"),
        pytest.param("Never mind", id="never mind"),
        pytest.param("I've changed my mind.", id="changed my mind"),
        pytest.param("I decline.", id="decline"),
        pytest.param("I can not say I like it. I cannot confirm this.", id="cannot confirm"),
        pytest.param("This is a scam", id="a scam"),
        pytest.param("FRAUD!! somebody stole my name", id="fraud"),
        pytest.param("Not now please", id="not now"),
        pytest.param("No thank you", id="no thank you"),
        pytest.param("Yes I got the code, and no, I refuse.", id="yes and no"),
        pytest.param("No problem with you people, but do not buy.", id="a courtesy and an objection"),
    ],
)
def test_a_clear_objection_drops_the_request(rest: str) -> None:
    assert consent(rest, Slots(), FIVE_HUNDRED) is Consent.WITHHELD


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param("Yes, but wait until Monday.", id="wait"),
        pytest.param("Yes, if the price is right", id="a condition"),
        pytest.param("ok unless it goes up", id="unless"),
        pytest.param("I would rather sell", id="rather"),
        pytest.param("Yes, and also send me my balance", id="also"),
        pytest.param("Make it a little less", id="less"),
        pytest.param("Change it to the trust account", id="change"),
        pytest.param("Hold this for a week", id="hold"),
        pytest.param("There is a mistake in the name", id="a mistake"),
        pytest.param("Sorry I sent the wrong code before", id="the wrong code before"),
        pytest.param("I don't know how this works", id="does not know"),
        pytest.param("I didn't see your letter until today", id="a late reader"),
        pytest.param("It isn't clear to me", id="not clear"),
        pytest.param("Is this right?", id="is this right"),
        pytest.param("What is this?", id="what is this"),
        pytest.param("Hello,\nwho ordered\nthis?", id="who ordered this, broken over lines"),
        pytest.param("Dear Sirs, should I do this?", id="should I"),
        pytest.param("maybe", id="maybe"),
        pytest.param("yes " * (MOST_WORDS + 1), id="more than we should pass over"),
    ],
)
def test_in_doubt_nothing_is_done_and_nothing_is_dropped(rest: str) -> None:
    assert consent(rest, Slots(), FIVE_HUNDRED) is Consent.CHANGED


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        pytest.param(Slots(), Consent.GIVEN, id="nothing said"),
        pytest.param(Slots(amounts=(Money.of("500.00"),)), Consent.GIVEN, id="the amount repeated"),
        pytest.param(Slots(payment_methods=(PaymentMethod.CHECK,)), Consent.GIVEN, id="the way to pay repeated"),
        pytest.param(Slots(amounts=(Money.of("550"),)), Consent.CHANGED, id="another amount"),
        pytest.param(Slots(amounts=(Money.of("500"), Money.of("50"))), Consent.CHANGED, id="a second amount"),
        pytest.param(Slots(shares=(Shares.of("500"),)), Consent.CHANGED, id="shares for dollars"),
        pytest.param(Slots(shares=(Portion.ALL,)), Consent.CHANGED, id="all of it"),
        pytest.param(
            Slots(payment_methods=(PaymentMethod.AUTOMATIC_DEDUCTION,)), Consent.CHANGED, id="another way to pay"
        ),
        pytest.param(Slots(frequencies=("monthly",)), Consent.CHANGED, id="every month"),
    ],
)
def test_a_yes_to_something_else_is_no_yes(said: Slots, verdict: Consent) -> None:
    assert consent("yes", said, FIVE_HUNDRED) is verdict


@pytest.mark.parametrize(
    ("rest", "intent", "verdict"),
    [
        pytest.param("Yes, cancel it.", "cancel_order", Consent.GIVEN, id="cancel a cancellation's order"),
        pytest.param("Please cancel my order.", "cancel_order", Consent.GIVEN, id="the request repeated"),
        pytest.param("Don't cancel it", "cancel_order", Consent.WITHHELD, id="do not cancel"),
        pytest.param("No, leave my order be", "cancel_order", Consent.WITHHELD, id="no to a cancellation"),
        pytest.param("Yes, stop the deduction", "recurring", Consent.GIVEN, id="stop a deduction"),
        pytest.param("Yes, change it", "recurring", Consent.GIVEN, id="change a deduction"),
        pytest.param("Don't stop it", "recurring", Consent.WITHHELD, id="do not stop"),
        pytest.param("I do withdraw from the plan", "withdraw", Consent.GIVEN, id="leave the plan"),
        pytest.param("Yes, cancel it.", "buy", Consent.WITHHELD, id="cancel a purchase"),
        pytest.param("Stop", "sell", Consent.WITHHELD, id="stop a sale"),
    ],
)
def test_a_yes_may_repeat_what_was_read_back(rest: str, intent: str, verdict: Consent) -> None:
    assert consent(rest, Slots(), Slots(), (intent,)) is verdict


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        pytest.param("No thank you.", True, id="no thank you"),
        pytest.param("That's wrong.", True, id="that is wrong"),
        pytest.param("Please do not do this, I have thought it over.", True, id="thought it over"),
        pytest.param("I did not ask for this.", True, id="did not ask"),
        pytest.param("cancel", True, id="cancel"),
        pytest.param("I can't find the code", False, id="cannot find the code"),
        pytest.param("There is no code in your letter", False, id="no code in the letter"),
        pytest.param("The code does not work", False, id="the code does not work"),
        pytest.param("I don't understand where to write it", False, id="does not understand"),
        pytest.param("I never received it", False, id="never received it"),
        pytest.param("No, make it $300", False, id="another amount"),
        pytest.param("No, rather the check", False, id="another way"),
        pytest.param("Why not?", False, id="a question"),
        pytest.param("No problem", False, id="no problem"),
        pytest.param("yes", False, id="yes"),
        pytest.param("", False, id="nothing"),
        pytest.param("no " * MOST_WORDS, False, id="a long story"),
    ],
)
def test_only_a_plain_no_without_a_code_drops_what_waits(text: str, objects: bool) -> None:
    assert is_objection(text) is objects


@pytest.mark.parametrize(
    ("text", "is_yes"),
    [
        pytest.param("Yes", True, id="yes"),
        pytest.param("ok go ahead", True, id="go ahead"),
        pytest.param("That's fine, thank you so much", True, id="that is fine"),
        pytest.param("I am not sure", False, id="not sure"),
        pytest.param("No, that is not correct", False, id="not correct"),
        pytest.param("Is that correct?", False, id="a question"),
        pytest.param("yes, but make it less", False, id="yes, but"),
        pytest.param("thank you", False, id="thanks alone"),
        pytest.param("", False, id="nothing"),
        pytest.param("yes " * 13, False, id="much more than a yes"),
    ],
)
def test_a_bare_yes_is_known_without_its_code(text: str, is_yes: bool) -> None:
    assert is_bare_yes(text) is is_yes
