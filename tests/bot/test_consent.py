"""What people write around a code: only a yes, and nothing but a yes, counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.consent import MOST_WORDS, Consent, consent, is_bare_yes, is_objection
from handlers.contract import Slots
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod, Portion

NAMES = ("Ana Perez", "Walter J. Kowalski", "Dorothy O'Brien")
FIVE_HUNDRED = Slots(
    amounts=(Money.of("500"),), payment_methods=(PaymentMethod.CHECK,), accounts=("0012344821",), frequencies=("once",)
)
TWENTY_SHARES = Slots(shares=(Shares.of("20"),))
MONTHLY = Slots(amounts=(Money.of("50"),), frequencies=("monthly",), days_of_month=(15,))


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param("", id="the code alone"),
        pytest.param(" \n .", id="a full stop"),
        pytest.param("Yes.", id="yes"),
        pytest.param("YES!!", id="shouted"),
        pytest.param("yes please go ahead", id="go ahead"),
        pytest.param("Confirm  ", id="confirm"),
        pytest.param("My code is  ", id="my code is"),
        pytest.param("The code you sent:  ", id="the code you sent"),
        pytest.param("That is correct.", id="that is correct"),
        pytest.param("thats right", id="that's right, no apostrophe"),
        pytest.param("All correct as you wrote it.  Thank you.", id="all correct as you wrote it"),
        pytest.param("All correct as\nyou wrote it", id="broken over lines"),
        pytest.param("Confirmed. Thank you. Dorothy", id="signed in the line"),
        pytest.param("  \n\nAna", id="a first name below"),
        pytest.param("Ana Perez\n  ", id="a full name above"),
        pytest.param("My code is   Ana Perez", id="a name behind the code"),
        pytest.param("A. Perez", id="an initial and a name"),
        pytest.param("  \nA.P.", id="initials"),
        pytest.param("Yes\n\nMrs. Ana Perez", id="a title"),
        pytest.param("Yes, this is Ana Perez.", id="this is Ana"),
        pytest.param("I, Ana Perez, confirm.", id="I, Ana Perez"),
        pytest.param("Thank you kindly, Ana & Walter", id="two holders"),
        pytest.param("OK\n-- \nAna Perez\n(609) 555-0123\nana.perez@example.com", id="a signature with a telephone"),
        pytest.param("ok. Dorothy O\u2019Brien", id="an apostrophe in the name"),
        pytest.param(
            "Dear Sirs,\n\nI hereby confirm my order.\n\nYours truly,\nWalter J. Kowalski", id="a formal letter"
        ),
        pytest.param("To whom it may concern:\nI approve this purchase.\nRespectfully,\nDorothy", id="respectfully"),
        pytest.param("Here is the code you asked for:  . Thank you kindly.", id="the code you asked for"),
        pytest.param("My code is  \nGod bless", id="God bless"),
        pytest.param("Yes, that is correct, my dear.", id="my dear"),
        pytest.param("That is right, please buy the stock for me.", id="please buy the stock"),
        pytest.param("Please proceed with my purchase.", id="my purchase"),
        pytest.param("Yes, $500.00 by check", id="the amount and the way to pay repeated"),
        pytest.param("yes 500 dollars", id="dollars in words"),
        pytest.param("I agree to five hundred dollars.", id="the amount in words"),
        pytest.param("Yes, account ending in 4821", id="the last four"),
        pytest.param("My account no. 0012344821. I confirm.", id="the whole account"),
        pytest.param("No problem, here you go:", id="no problem"),
        pytest.param("No changes. Please proceed.", id="no changes"),
        pytest.param("I have no further questions, proceed.", id="no further questions"),
        pytest.param("Yes. Let me know if you need anything else.", id="let me know"),
        pytest.param("Yes! I can't wait.", id="can't wait"),
        pytest.param("Don\u2019t worry, it is right.", id="don't worry"),
        pytest.param("Yes. Have a nice Monday", id="have a nice Monday"),
        pytest.param("Good morning, confirmed. Sent from my iPhone", id="sent from my iPhone"),
        pytest.param("Hello  , I do confirm, would you please go ahead", id="would you please"),
        pytest.param("I found the code in your letter and I am sending it back as you told me to do.", id="chatty"),
        pytest.param("Sorry it took me so long. Yes.", id="sorry it took so long"),
        pytest.param("pls comfirm", id="misspelled"),
        pytest.param("I received your letter. My code is  ", id="received, and the code"),
        pytest.param("Phone: 609-555-0123\nYes", id="a telephone number, named"),
        pytest.param("That is fine with me.", id="fine with me"),
        pytest.param("Everything is correct as above", id="everything is correct"),
    ],
)
def test_what_people_write_when_they_mean_yes_is_a_yes(rest: str) -> None:
    assert consent(rest, Slots(), FIVE_HUNDRED, names=NAMES) is Consent.GIVEN


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param("No!", id="no"),
        pytest.param("NO NO NO", id="no, shouted"),
        pytest.param("Hello\nNo\nAna", id="no on its own line"),
        pytest.param("No! Do not do this.", id="do not do this"),
        pytest.param("Do\nnot\nbuy anything", id="do not, broken over lines"),
        pytest.param("Please don't.", id="please don't"),
        pytest.param("please don\u2019t do it", id="a typographic apostrophe"),
        pytest.param("dont buy", id="no apostrophe at all"),
        pytest.param("n\u200bo", id="a hidden character"),
        pytest.param("I never asked for this", id="never asked"),
        pytest.param("I did not ask for this.", id="did not ask"),
        pytest.param("I didn't order any stock", id="didn't order"),
        pytest.param("Cancel this.", id="cancel"),
        pytest.param("please CANCEL", id="cancel, shouted"),
        pytest.param("Please cancel this.", id="please cancel this"),
        pytest.param("Stop!", id="stop"),
        pytest.param("Delete", id="delete"),
        pytest.param("this is spam", id="spam"),
        pytest.param("Someone hacked my email and I got  . Call me.", id="hacked"),
        pytest.param("FRAUD!! somebody stole my name", id="fraud"),
        pytest.param("This is a scam", id="a scam"),
        pytest.param("nope", id="nope"),
        pytest.param("Forget it.", id="forget it"),
        pytest.param("Never mind", id="never mind"),
        pytest.param("I've changed my mind.", id="changed my mind"),
        pytest.param("I decline.", id="decline"),
        pytest.param("I cannot confirm this.", id="cannot confirm"),
        pytest.param("That is wrong.", id="wrong"),
        pytest.param("It isn't right", id="not right"),
        pytest.param("I'd rather not", id="rather not"),
        pytest.param("Not now please", id="not now"),
        pytest.param("No thank you", id="no thank you"),
        pytest.param("No, that is not mine", id="not mine"),
        pytest.param("Yes I got the code, and no, I refuse.", id="yes and no"),
        pytest.param("No problem with you people, but do not buy.", id="a courtesy and an objection"),
    ],
)
def test_a_clear_objection_drops_the_request(rest: str) -> None:
    assert consent(rest, Slots(), FIVE_HUNDRED, names=NAMES) is Consent.WITHHELD


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param("Yes, but wait until Monday.", id="wait"),
        pytest.param("Yes, if the price is right", id="a condition"),
        pytest.param("ok unless it goes up", id="unless"),
        pytest.param("I would rather sell", id="rather"),
        pytest.param("Yes, and also send me my balance", id="also"),
        pytest.param("Yes please, the balance", id="the balance, to a purchase"),
        pytest.param("Yes, sell", id="sell, to a purchase"),
        pytest.param("Make it a little less", id="less"),
        pytest.param("Change it to the trust account", id="change"),
        pytest.param("  use account 0020", id="another account"),
        pytest.param("Yes, account 0020", id="another account, tersely"),
        pytest.param("Yes, account 500", id="the amount is no account"),
        pytest.param("Yes, 500 shares", id="shares for dollars"),
        pytest.param("Yes, $550", id="another amount"),
        pytest.param("Yes, $500.50", id="fifty cents more"),
        pytest.param("yes, 500%", id="a percentage"),
        pytest.param("yes, five hundred fifty", id="another amount in words"),
        pytest.param("Yes  , in May", id="in May"),
        pytest.param("Yes, tomorrow", id="tomorrow"),
        pytest.param("Yes, every month", id="every month"),
        pytest.param("Yes, from my bank account", id="the bank"),
        pytest.param("Yes, all", id="all of something"),
        pytest.param("Hold this for a week", id="hold"),
        pytest.param("There is a mistake in the name", id="a mistake"),
        pytest.param("Sorry I sent the wrong code before", id="the wrong code before"),
        pytest.param("I don't know how this works", id="does not know"),
        pytest.param("It isn't clear to me", id="not clear"),
        pytest.param("What is this  ", id="what is this"),
        pytest.param("Is this right?", id="is this right"),
        pytest.param("ok is this right", id="a question without its mark"),
        pytest.param("Please confirm that this is right", id="asks us to confirm"),
        pytest.param("Yes?", id="a doubtful yes"),
        pytest.param("Hello,\nwho ordered\nthis?", id="who ordered this"),
        pytest.param("I got this  ", id="only received"),
        pytest.param("Thank you for your email. We have received it.", id="a machine's acknowledgment"),
        pytest.param("Please email me the details", id="email me"),
        pytest.param("Please phone me", id="phone me"),
        pytest.param("Please phone me at home (609) 555-0123", id="phone me at home"),
        pytest.param("Information please", id="information please"),
        pytest.param("Please correct this", id="correct as a verb"),
        pytest.param("Yes, at 500", id="a price, not an amount"),
        pytest.param("Yes, below $500", id="a limit"),
        pytest.param("Yes, I am doing this for my husband Walter", id="for another holder"),
        pytest.param("The code is wrong", id="the code is wrong"),
        pytest.param("Please confirm this to me", id="confirm it to me"),
        pytest.param("Please buy $500 and $500", id="twice the amount"),
        pytest.param("lets skip this", id="let's skip this"),
        pytest.param("I need to ask my husband first", id="my husband first"),
        pytest.param("Let me think about it", id="think about it"),
        pytest.param("too expensive", id="too expensive"),
        pytest.param("Nein, bitte nicht  ", id="German"),
        pytest.param("\u043d\u0435\u0442", id="Russian"),
        pytest.param("\N{THUMBS DOWN SIGN}", id="a thumb down"),
        pytest.param(
            "I am out of the office until Monday with limited access to email. For urgent matters call my office.\n",
            id="out of the office",
        ),
        pytest.param("I have no checks left", id="no checks left"),
        pytest.param("Found it in my spam folder, what now", id="the spam folder"),
        pytest.param("Yes. Bob", id="a name that is not the holder's"),
        pytest.param("Walter says yes to Ana in Perez", id="names that sign nothing"),
        pytest.param("maybe", id="maybe"),
        pytest.param("Yes to both", id="both of one"),
        pytest.param("yes " * (MOST_WORDS + 1), id="more than we should pass over"),
    ],
)
def test_in_doubt_nothing_is_done_and_nothing_is_dropped(rest: str) -> None:
    assert consent(rest, Slots(), FIVE_HUNDRED, names=NAMES) is Consent.CHANGED


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        pytest.param(Slots(), Consent.GIVEN, id="nothing said"),
        pytest.param(Slots(amounts=(Money.of("500.00"),)), Consent.GIVEN, id="the amount repeated"),
        pytest.param(Slots(payment_methods=(PaymentMethod.CHECK,)), Consent.GIVEN, id="the way to pay repeated"),
        pytest.param(Slots(accounts=("4821",)), Consent.GIVEN, id="the last four of the account"),
        pytest.param(Slots(accounts=("0012-344821",)), Consent.GIVEN, id="the account with a hyphen"),
        pytest.param(Slots(order_ids=("p-7k2m9qx",)), Consent.GIVEN, id="the order, in small letters"),
        pytest.param(Slots(effective_dates=("2003-12",)), Consent.GIVEN, id="the month of the date"),
        pytest.param(Slots(states=("NJ",)), Consent.GIVEN, id="the state"),
        pytest.param(Slots(amounts=(Money.of("550"),)), Consent.CHANGED, id="another amount"),
        pytest.param(Slots(amounts=(Money.of("500"), Money.of("50"))), Consent.CHANGED, id="a second amount"),
        pytest.param(Slots(shares=(Shares.of("500"),)), Consent.CHANGED, id="shares for dollars"),
        pytest.param(Slots(shares=(Portion.ALL,)), Consent.CHANGED, id="all of it"),
        pytest.param(Slots(payment_methods=(PaymentMethod.AUTOMATIC_DEDUCTION,)), Consent.CHANGED, id="another way"),
        pytest.param(Slots(frequencies=("monthly",)), Consent.CHANGED, id="every month"),
        pytest.param(Slots(accounts=("0020",)), Consent.CHANGED, id="another account"),
        pytest.param(Slots(order_ids=("S-1111111",)), Consent.CHANGED, id="another order"),
        pytest.param(Slots(days_of_month=(20,)), Consent.CHANGED, id="another day"),
        pytest.param(Slots(effective_dates=("2004-05",)), Consent.CHANGED, id="another month"),
        pytest.param(Slots(states=("PA",)), Consent.CHANGED, id="another state"),
    ],
)
def test_a_yes_to_something_else_is_no_yes(said: Slots, verdict: Consent) -> None:
    read_back = Slots(
        amounts=(Money.of("500"),),
        payment_methods=(PaymentMethod.CHECK,),
        accounts=("0012344821",),
        order_ids=("P-7K2M9QX",),
        days_of_month=(15,),
        effective_dates=("2003-12-15",),
        states=("NJ",),
    )
    assert consent("yes", said, read_back) is verdict


@pytest.mark.parametrize(
    ("rest", "read_back", "acts", "verdict"),
    [
        pytest.param("Yes, cancel it.", Slots(), ("cancel",), Consent.GIVEN, id="cancel an order"),
        pytest.param("Please cancel my order.", Slots(), ("cancel",), Consent.GIVEN, id="the cancellation repeated"),
        pytest.param(
            "Yes, cancel P-7K2M9QX", Slots(order_ids=("P-7K2M9QX",)), ("cancel",), Consent.GIVEN, id="that order"
        ),
        pytest.param(
            "Yes, cancel P-1111111", Slots(order_ids=("P-7K2M9QX",)), ("cancel",), Consent.CHANGED, id="another order"
        ),
        pytest.param("Don't cancel it", Slots(), ("cancel",), Consent.WITHHELD, id="do not cancel"),
        pytest.param("No, leave my order be", Slots(), ("cancel",), Consent.WITHHELD, id="no to a cancellation"),
        pytest.param("Stop!", Slots(), ("cancel",), Consent.CHANGED, id="stop what, the order or the cancellation"),
        pytest.param("Cancel my deduction", Slots(), ("cancel",), Consent.CHANGED, id="a deduction is no order"),
        pytest.param("Yes, stop the deduction", Slots(), ("stop",), Consent.GIVEN, id="stop a deduction"),
        pytest.param("Stop my order", Slots(), ("stop",), Consent.CHANGED, id="an order is no deduction"),
        pytest.param("Cancel it", Slots(), ("stop", "cancel", "deduction"), Consent.GIVEN, id="cancel a deduction"),
        pytest.param("Please pause it.", Slots(), ("pause",), Consent.GIVEN, id="pause a deduction"),
        pytest.param("Don't stop it", Slots(), ("stop",), Consent.WITHHELD, id="do not stop"),
        pytest.param("Stop!", MONTHLY, (), Consent.WITHHELD, id="stop, to a start"),
        pytest.param("Please start the deduction.", MONTHLY, (), Consent.GIVEN, id="start a deduction"),
        pytest.param("Yes, $50 every month on the 15th", MONTHLY, (), Consent.GIVEN, id="all of it repeated"),
        pytest.param("Yes, $50 every month on the 20th", MONTHLY, (), Consent.CHANGED, id="another day"),
        pytest.param("Yes, the purchase", MONTHLY, (), Consent.CHANGED, id="a purchase is no deduction"),
        pytest.param("Please cancel this.", Slots(), (), Consent.WITHHELD, id="cancel, to leaving"),
        pytest.param("I am leaving the program", Slots(), ("leave",), Consent.GIVEN, id="leave the program"),
        pytest.param("Please enroll me. Yes", Slots(), (), Consent.GIVEN, id="an enrollment"),
        pytest.param("The balance please", Slots(), (), Consent.GIVEN, id="a balance"),
        pytest.param("Yes, sell 20 shares", TWENTY_SHARES, (), Consent.GIVEN, id="a sale"),
        pytest.param("Yes, $20", TWENTY_SHARES, (), Consent.CHANGED, id="dollars for shares"),
        pytest.param("Yes, all", Slots(shares=(Portion.ALL,)), (), Consent.GIVEN, id="a sale of all"),
        pytest.param("Yes, half", Slots(shares=(Portion.ALL,)), (), Consent.CHANGED, id="half for all"),
        pytest.param("Yes, I live in New Jersey", Slots(states=("NJ",)), (), Consent.CHANGED, id="a sentence more"),
        pytest.param("Yes. New Jersey", Slots(states=("NJ",)), (), Consent.GIVEN, id="the state repeated"),
        pytest.param("Yes, cancel it.", FIVE_HUNDRED, (), Consent.WITHHELD, id="cancel a purchase"),
        pytest.param("Stop", TWENTY_SHARES, (), Consent.WITHHELD, id="stop a sale"),
    ],
)
def test_a_yes_may_repeat_what_was_read_back(
    rest: str, read_back: Slots, acts: tuple[str, ...], verdict: Consent
) -> None:
    assert consent(rest, Slots(), read_back, acts) is verdict


@pytest.mark.parametrize(
    ("rest", "verdict"),
    [
        pytest.param("Yes, both please.", Consent.GIVEN, id="both"),
        pytest.param("I confirm.", Consent.GIVEN, id="confirmed"),
        pytest.param("The purchase please.", Consent.CHANGED, id="one of two"),
        pytest.param("Yes to the $500", Consent.CHANGED, id="one of two, by its amount"),
        pytest.param("Yes, sell", Consent.CHANGED, id="one of two, by its verb"),
        pytest.param("by check", Consent.CHANGED, id="one of two, by its payment"),
        pytest.param("Yes, my order", Consent.CHANGED, id="which order"),
        pytest.param("Cancel that", Consent.WITHHELD, id="an objection"),
    ],
)
def test_of_several_requests_none_is_picked_out(rest: str, verdict: Consent) -> None:
    both = Slots(amounts=(Money.of("500"),), shares=(Shares.of("20"),), payment_methods=(PaymentMethod.CHECK,))
    assert consent(rest, Slots(), both, requests=2) is verdict


OUTSIDE = """husband wife later price office tomorrow instead maybe wait more less another different change transfer
move mail call phone lawyer broker daughter son money market expensive cheap afraid confused why how when who where
until before after unless except without against never hardly nothing nobody neither nor ignore remove erase junk
strange suspicious unknown stranger virus report police think consider decide discuss read-only water garden church
doctor hospital vacation holiday closed sick passed deceased trust estate nephew raise lower double increase
withdraw""".split()
INSIDE = "yes please confirm ok thank you the code is correct go ahead my dear sir that".split()


@given(st.lists(st.sampled_from(OUTSIDE), min_size=1, max_size=12), st.data())
def test_a_sentence_of_other_words_is_never_a_yes(others: list[str], data: st.DataObject) -> None:
    around = data.draw(st.lists(st.sampled_from(INSIDE), max_size=8))
    words = data.draw(st.permutations([*others, *around]))
    assert consent(" ".join(words), Slots(), FIVE_HUNDRED, names=NAMES) is not Consent.GIVEN


@given(st.text(alphabet="bcfghjkqvwxz", min_size=4, max_size=12))
def test_no_unknown_word_beside_a_yes_counts(word: str) -> None:
    assert consent(f"Yes, {word}", Slots(), FIVE_HUNDRED, names=NAMES) is not Consent.GIVEN


@given(st.integers(min_value=0, max_value=10**9).filter(lambda number: number not in (500, 4821, 12344821)))
def test_no_figure_counts_that_was_not_read_back(number: int) -> None:
    for written in (str(number), f"${number}", f"{number} dollars", f"account {number}"):
        assert consent(f"Yes, {written}", Slots(), FIVE_HUNDRED) is not Consent.GIVEN


@given(st.text(max_size=200))
def test_any_text_at_all_is_judged(text: str) -> None:
    assert consent(text, Slots(), FIVE_HUNDRED) in Consent
    assert not (is_objection(text) and is_bare_yes(text))
