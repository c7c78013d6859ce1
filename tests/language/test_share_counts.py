"""How many shares a message means to sell or to move."""

from __future__ import annotations

import pytest

from bot.language.readings import read
from bot.language.slots import slots_for
from bot.language.specimen import in_label_words
from handlers.contract import Intent, Request


def counted(text: str, intent: str = "sell") -> str | list[str] | None:
    slots, _ = slots_for(intent, read(text))
    return in_label_words([Request(Intent(intent), slots)]).get("shares")


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        pytest.param("sell 200 shares", "200", id="figures"),
        pytest.param("sell two hundred shares", "200", id="words"),
        pytest.param("Sell two hundred (200) shares", "200", id="words and figures"),
        pytest.param("sell 1,125 shares", "1125", id="a comma"),
        pytest.param(
            "eleven hundred twenty-five (1,125) shares held for me in the Program be sold", "1125", id="formal"
        ),
        pytest.param("sell 12.375 shares", "12.375", id="a fraction"),
        pytest.param("pls sell 118.2047 shs from my dspp acct", "118.2047", id="shs and four places"),
        pytest.param("need to unload 150 sh next sale date", "150", id="sh"),
        pytest.param("sell 75 shrs", "75", id="shrs"),
        pytest.param("sell 40 Aastrom shares", "40", id="Aastrom shares"),
        pytest.param("sell 40 of my plan shares", "40", id="of my plan shares"),
        pytest.param("sell 300 of my shares at the next sale date", "300", id="of my shares"),
        pytest.param("Sell a hundred of my shares", "100", id="a hundred of"),
        pytest.param("sell one share", "1", id="one share"),
        pytest.param("Please dispose of 25 shares", "25", id="dispose of"),
        pytest.param("liquidate 800 of the shares", "800", id="liquidate"),
        pytest.param("sell 800", "800", id="bare after sell"),
        pytest.param("Sell four hundred twenty-five (425) on the February date", "425", id="bare words and figures"),
        pytest.param("75 of them, thank you dear", "75", id="of them, alone"),
        pytest.param("sell 200 of em", "200", id="of em"),
        pytest.param("300 please", "300", id="an answer"),
        pytest.param("sell a dozen shares", "12", id="a dozen"),
        pytest.param("sell ten and a half shares", "10.5", id="and a half"),
        pytest.param("sell 2k shares", "2000", id="k"),
        pytest.param("sell everything", "all", id="everything"),
        pytest.param("Sell all my shares in the plan.", "all", id="all my shares"),
        pytest.param("sell it all", "all", id="it all"),
        pytest.param("sell them all please", "all", id="them all"),
        pytest.param("sell all of it", "all", id="all of it"),
        pytest.param("please sell every share I have", "all", id="every share"),
        pytest.param("get rid of every last share I've got", "all", id="every last share"),
        pytest.param("sell the whole lot", "all", id="the whole lot"),
        pytest.param("liquidate my entire position", "all", id="entire position"),
        pytest.param("liquidate 100% of my dspp shs", "all", id="100 %"),
        pytest.param("Sell everything I own", "all", id="everything I own"),
        pytest.param("cash me out", "all", id="cash me out"),
        pytest.param("sell half", "half", id="half"),
        pytest.param("sell half of my shares", "half", id="half of my shares"),
        pytest.param("I would like half of my plan shares sold", "half", id="half sold"),
        pytest.param("sell half my position", "half", id="half my position"),
        pytest.param("sell half of em", "half", id="half of em"),
        pytest.param("sell one half of my holdings", "half", id="one half"),
        pytest.param("sell all 500 shares", "500", id="all of a number is the number"),
        pytest.param("Acct 0012-88391. Sell 420 shs. Typo, I meant 240!!", "240", id="a typo corrected"),
        pytest.param("sell 100 shares, make that 150", "150", id="make that"),
        pytest.param("Sell 100 shares. No wait, sell half of my shares.", "half", id="a number corrected to half"),
        pytest.param("I own 500 shares. Sell 200 shares.", "200", id="held and sold"),
        pytest.param("I have 1,012.375 shares, please sell 12.375 shares", "12.375", id="shown and sold"),
        pytest.param("sell 400 of my shares and keep the rest", "400", id="the rest is kept"),
        pytest.param("sell 300 shares or 400 shares, you choose", ["300", "400"], id="rivals"),
        pytest.param("sell 100. or 200", ["100", "200"], id="bare rivals"),
        pytest.param("sell two hundred (300) shares", ["200", "300"], id="words against figures"),
        pytest.param("sell my remaining 120 shares", "120", id="the remaining"),
        pytest.param("sell the 50 shares that I bought in May", "50", id="those bought"),
        pytest.param("I would like to part with 90 shares", "90", id="part with"),
        pytest.param("sell fifty out of my 300 shares", "50", id="out of what is held"),
        pytest.param("sell 100 to 150 shares", ["100", "150"], id="a range"),
        pytest.param(
            "cert 2050 for 600 sh is in my drawer. sell 200 of the plan ones", ["600", "200"], id="a bare rival"
        ),
        pytest.param("Instead of selling 300 shares, sell 120 shares", "120", id="instead of selling"),
        pytest.param("I need 500 shares sold by Friday", "500", id="needed sold"),
        pytest.param("sell 500 @ 1.30", "500", id="beside a price"),
        pytest.param("sell 300 at 2.10 or better", "300", id="at a price"),
        pytest.param("sell 150, sorry, 175 i mean", "175", id="a bare correction"),
        pytest.param("sell 200 whenever u feel its best", "200", id="whenever"),
        pytest.param("my wife wants 100 of hers sold", "100", id="of hers sold"),
        pytest.param("FORTY FIVE SHARES SOLD PLEASE", "45", id="shares sold"),
        pytest.param("get rid of that .437 of a share", "0.437", id="a fraction of a share"),
        pytest.param("Qty ............. 212.75", "212.75", id="a form's line"),
        pytest.param("sell 50 shares. oops dropped a zero, 500", "500", id="a zero dropped"),
        pytest.param("change the sale from 200 shs to 250", "250", id="from to"),
        pytest.param("sell a hunderd an ten shars", "110", id="misspelled"),
        pytest.param("sell half. u know what sell the lot", "all", id="half, then the lot"),
        pytest.param("dump half", "half", id="dump half"),
        pytest.param("sell whatever shares I have left with you", "all", id="whatever I have"),
        pytest.param("Everything she had with you should be sold", "all", id="everything she had"),
        pytest.param("I have 800 Aastrom with you. Please sell them.", "800", id="them"),
        pytest.param("Sell 300 of my 1,200 shares", "300", id="a number of the number held"),
        pytest.param("sell two hundred of my six hundred shares", "200", id="the same in words"),
        pytest.param("Kindly part with 250 of Gerrit's old shares", "250", id="of a person's"),
        pytest.param("I direct that all of Leon's shares be sold", "all", id="all of a person's"),
        pytest.param("sell 100 shares and then another 50", ["100", "50"], id="and then another"),
        pytest.param("let 75 go", "75", id="let go"),
        pytest.param("sell all my shares but do it by Friday", "all", id="a but that spares none"),
        pytest.param("Sell 800 shares. It takes a $15 charge, I hear", "800", id="what it takes corrects nothing"),
    ],
)
def test_shares_to_sell_are_read(text: str, shares: str | list[str]) -> None:
    assert counted(text) == shares


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("i want to sell some of my stock", id="some"),
        pytest.param("sell a third of my shares", id="a third"),
        pytest.param("sell 25% of my shares", id="a percentage"),
        pytest.param("sell most of my shares", id="most"),
        pytest.param("sell some of the 500 shares I have", id="some of a number"),
        pytest.param("I own 500 shares and want to sell", id="only what is held"),
        pytest.param("That's all. Please sell shares", id="that is all"),
        pytest.param("I am all set to sell", id="all set"),
        pytest.param("after all these years I want to sell shares", id="after all"),
        pytest.param("sell a couple hundred shares", id="a couple hundred"),
        pytest.param("sell $500 worth", id="dollars worth"),
        pytest.param("sell shares, it took half an hour to find you", id="half an hour"),
        pytest.param("sell 0 shares", id="none"),
        pytest.param("sell 1'500 shares", id="an apostrophe inside"),
        pytest.param("sell 1, 000 shares", id="a blank after the comma"),
        pytest.param("sell 1 1/2 thousand shares", id="one and a half in figures"),
        pytest.param("sell to hundred shares", id="to for two"),
        pytest.param("sell 500? nah 200", id="a correction by nah"),
        pytest.param("sell 1.23456 shares", id="five places"),
        pytest.param("half the maple came down, so I want to sell shares", id="half of something else"),
        pytest.param("another firm sold my whole account; I want to sell a few shares", id="what was sold before"),
        pytest.param("sell ５00 shares", id="a digit of another script"),
        pytest.param("sell \u202e002 shares", id="reordered digits"),
        pytest.param("sell all but 100 shares", id="all but a number"),
        pytest.param("sell all my shares except 100", id="all except a number"),
        pytest.param("sell everything except for fifty shares", id="everything except for"),
        pytest.param("sell every share but ten", id="every share but"),
    ],
)
def test_what_is_no_count_of_shares_to_sell_is_not_read(text: str) -> None:
    assert counted(text) is None


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        pytest.param("I would like to give 100 shares to my granddaughter", "100", id="a gift"),
        pytest.param("I'd like an actual certificate for 100 of my plan shares", "100", id="a certificate"),
        pytest.param("have 600 shares issued out to us in certificate form", "600", id="issued"),
        pytest.param("I should like her to have fifty of my shares", "50", id="to have"),
        pytest.param("I've 4,000 there, I would move 500 into my own name", "500", id="to move, beside what is held"),
        pytest.param(
            "my broker's holding 900 of my shares, I want just 200 of em put in my own name", "200", id="just some"
        ),
        pytest.param("I want to give all 600 to my nephew", "600", id="all of a number"),
        pytest.param("put half of mine in my husbands name", "half", id="half of mine"),
        pytest.param("Want half my plan shares sent over to my account at Schwab.", "half", id="half my plan shares"),
        pytest.param("all of our shares have to be retitled", "all", id="all of our shares"),
        pytest.param("Another 50 I'd like to give my sister", "50", id="another"),
        pytest.param("give each one hundred shares, three hundred in all", "300", id="in all"),
        pytest.param("how to DRS 300 from etrade", "300", id="DRS"),
        pytest.param("certificate for one hundred shares to my house", "100", id="a certificate for"),
    ],
)
def test_shares_to_move_are_read(text: str, shares: str) -> None:
    assert counted(text, "transfer_shares") == shares


def test_a_purchase_by_number_keeps_its_number() -> None:
    assert counted("I would like to purchase one hundred more shares", "buy") == "100"
