"""Live text told from quoted text, on letters as shareholders write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.compose import REPLY_MARKER
from bot.mail.reply_text import split

OURS = f"{REPLY_MARKER}\n\nReply YES and the code to invest $500.00.\n\nInvestor Relations"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.mark.parametrize(
    ("text", "live"),
    [
        pytest.param("Please invest $250.", "Please invest $250.", id="a plain letter"),
        pytest.param("", "", id="nothing"),
        pytest.param("YES 1234\n\n" + OURS, "YES 1234", id="our letter without marks under the answer"),
        pytest.param("YES 1234\n\n" + quoted(OURS), "YES 1234", id="our letter with marks under the answer"),
        pytest.param(
            "YES 1234\n\nOn Tue, Nov 4, 2003 at 9:00 AM Aastrom DSPP <dspp@aastrom.com> wrote:\n\n" + quoted(OURS),
            "YES 1234",
            id="attribution and our letter",
        ),
        pytest.param(
            "YES\n\n-----Original Message-----\nFrom: Aastrom DSPP\nSent: Tuesday\nSubject: Your order\n\n" + OURS,
            "YES",
            id="Outlook's divider and header",
        ),
        pytest.param(
            "YES\n________________________________\nFrom: DSPP <dspp@aastrom.com>\nSent: Tuesday, November 4, "
            "2003 9:00 AM\nTo: Ann\nSubject: Your order\n\nReply YES to invest $500.",
            "YES",
            id="Outlook's stroke, without our marker",
        ),
        pytest.param(
            "Sell nothing!\n\n> Shall we sell your 500 shares?\n\nI repeat, nothing.",
            "Sell nothing!\n\nI repeat, nothing.",
            id="an answer before and after a quotation",
        ),
        pytest.param(
            "> Do you want to invest?\nYes\n> How much?\n$500\n> By check?\nYes, by check.",
            "Yes\n\n$500\n\nYes, by check.",
            id="answers between the lines without blank lines",
        ),
        pytest.param(
            "FYI\n\nBegin forwarded message:\n\nFrom: Bob <bob@example.com>\nDate: Nov 4, 2003\n\nPlease sell all.",
            "FYI",
            id="a forwarded letter is quoted",
        ),
        pytest.param(
            "---------- Forwarded message ---------\nFrom: Bob <bob@example.com>\nDate: Nov 4, 2003\nSubject: x\n\n"
            "Please sell all.",
            "",
            id="a forwarded letter without a word",
        ),
        pytest.param(
            "On the whole I am happy.\nOn Friday I sent a check.\nPlease confirm what you wrote: is it $250?",
            "On the whole I am happy.\nOn Friday I sent a check.\nPlease confirm what you wrote: is it $250?",
            id="sentences that begin with On",
        ),
        pytest.param(
            "Please invest $500.\nOn Tue, 4 Nov 2003, Aastrom <dspp@aastrom.com> wrote:\n> hello",
            "Please invest $500.",
            id="attribution directly under the text",
        ),
        pytest.param(
            "I sent it on 3 November,\nOn Tue, 4 Nov 2003,\nAastrom <dspp@aastrom.com>\nwrote:\n> hello",
            "I sent it on 3 November,",
            id="attribution broken over three lines",
        ),
        pytest.param(
            "From: my checking account\nTo: the plan\nAmount: $300 a month",
            "From: my checking account\nTo: the plan\nAmount: $300 a month",
            id="a memo with labels is no header",
        ),
        pytest.param(
            "Please invest\n- $250 for me\n- $250 for my joint account\n\nThanks",
            "Please invest\n- $250 for me\n- $250 for my joint account\n\nThanks",
            id="a list with hyphens",
        ),
    ],
)
def test_live_text(text: str, live: str) -> None:
    parts = split(text)
    assert parts.live == live
    for line in filter(None, live.split("\n")):
        assert line not in parts.quoted.split("\n")


@pytest.mark.parametrize(
    "above",
    [
        pytest.param("Le 4 nov. 2003 à 09:00, Aastrom <dspp@aastrom.com> a écrit :", id="French"),
        pytest.param("Am 04.11.2003 um 09:00 schrieb Aastrom <dspp@aastrom.com>:", id="German"),
        pytest.param("El mar, 4 nov 2003 a las 9:00, Aastrom (<dspp@aastrom.com>) escribió:", id="Spanish"),
        pytest.param("Il giorno 4 novembre 2003 09:00, Aastrom <dspp@aastrom.com> ha scritto:", id="Italian"),
        pytest.param("Op di 4 nov. 2003 om 09:00 schreef Aastrom <dspp@aastrom.com>:", id="Dutch"),
        pytest.param("Em ter., 4 de nov. de 2003 às 09:00, Aastrom <dspp@aastrom.com> escreveu:", id="Portuguese"),
        pytest.param("W dniu 4.11.2003 o 09:00, Aastrom <dspp@aastrom.com> pisze:", id="Polish"),
        pytest.param("4 ноября 2003 г., 09:00, Aastrom <dspp@aastrom.com>:", id="Russian"),
        pytest.param("--- On Tue, 11/4/03, Aastrom <dspp@aastrom.com> wrote:", id="Yahoo"),
        pytest.param("---- On Tue, 04 Nov 2003 09:00:00 -0500 Aastrom <dspp@aastrom.com> wrote ----", id="Zoho"),
        pytest.param("Aastrom <dspp@aastrom.com> wrote on 11/04/2003 09:00:00 AM:", id="Notes"),
        pytest.param("On Tue, Nov 4, 2003 at 9:00 AM, Aastrom <\ndspp@aastrom.com> wrote:", id="Gmail, broken"),
        pytest.param(
            "From: Aastrom <dspp@aastrom.com>\nDate: Tuesday, November 4, 2003\nTo: Ann", id="header, English"
        ),
        pytest.param("*From:* Aastrom\n*Sent:* Tuesday\n*To:* Ann\n*Subject:* Order", id="header, bold"),
        pytest.param("De : Aastrom\nEnvoyé : mardi\nÀ : Ann\nObjet : Ordre", id="header, French"),
        pytest.param("Von: Aastrom\nGesendet: Dienstag\nAn: Ann\nBetreff: Auftrag", id="header, German"),
        pytest.param("-------- Original message --------", id="divider of a phone"),
        pytest.param("----- Forwarded by Ann Smith/Home on 11/04/2003 -----", id="divider of Notes"),
    ],
)
@pytest.mark.parametrize("has_marks", [True, False], ids=["marked", "unmarked"])
def test_nothing_below_a_known_mark_is_live(above: str, has_marks: bool) -> None:
    below = "Reply YES to invest $500.\n\nSell all my shares."
    parts = split(f"No thank you.\n\n{above}\n\n{quoted(below) if has_marks else below}\n")
    assert parts.live == "No thank you."
    assert "Sell all my shares." in parts.quoted


@pytest.mark.parametrize(
    ("text", "live", "signature"),
    [
        pytest.param(
            "Invest $250.\n\n-- \nAnn Smith\n12 Elm St\nAustin, TX", "Invest $250.", "Austin, TX", id="delimiter"
        ),
        pytest.param(
            "Invest $250.\n\nBest regards,\nAnn Smith\nAustin, TX",
            "Invest $250.\n\nBest regards,",
            "Austin, TX",
            id="courtesy stays, name and address go",
        ),
        pytest.param("Invest $250.\n\nSent from my iPhone", "Invest $250.", "Sent from my iPhone", id="phone"),
        pytest.param(
            "Invest $250.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>", "Invest $250.", "Get Outlook", id="app"
        ),
        pytest.param("Invest $250.\n\n-Ann Smith", "Invest $250.", "-Ann Smith", id="a dashed name"),
        pytest.param(
            "Invest $250.\n\nCONFIDENTIALITY NOTICE: This e-mail is for the intended recipient.\n\nIf you are not the "
            "intended recipient, delete it.",
            "Invest $250.",
            "intended recipient",
            id="disclaimer",
        ),
        pytest.param(
            "CAUTION: This email originated from outside the organization.\n\nInvest $250.",
            "Invest $250.",
            "CAUTION",
            id="a gateway's warning on top",
        ),
        pytest.param(
            "Invest $250.\n\nAnn Smith\nann@example.com\n(555) 346-9947",
            "Invest $250.",
            "ann@example.com",
            id="contacts",
        ),
    ],
)
def test_signatures_are_not_live(text: str, live: str, signature: str) -> None:
    parts = split(text)
    assert parts.live == live
    assert signature in parts.signature
    assert not parts.quoted
    assert not parts.doubtful


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "Invest $250.\n\nThanks,\nAnn\n\nP.S. Please do not sell anything.", id="a postscript that counts"
        ),
        pytest.param(
            "Invest $250.\n\nThanks,\nActually wait until I call you.", id="a change of mind under the courtesy"
        ),
        pytest.param("Invest $250.\n\nRegards,\nAnn\nAmount: $300", id="an amount under the name"),
        pytest.param("I sent it from my office. Sent from my bank: $500.", id="a sentence like a phone's line"),
        pytest.param("Thank you\n\nCan I sell in March?", id="thanks first"),
        pytest.param("Two things:\n----\n1. Invest $250.\n2. Send a form.", id="a stroke in the text"),
    ],
)
def test_what_may_count_is_never_signature(text: str) -> None:
    parts = split(text)
    assert [line for line in parts.live.split("\n") if line] == [line for line in text.split("\n") if line]


@pytest.mark.parametrize(
    ("text", "live", "doubt"),
    [
        pytest.param(quoted(OURS) + "\n\nYES 1234", "", "text_below_marker", id="an answer below our letter"),
        pytest.param(
            "Yes.\n\n> Reply YES and the code, and we shall invest the amount of\nmoney: $500\n> soon",
            "Yes.",
            "broken_quotation",
            id="a quoted line broken without its mark",
        ),
        pytest.param(
            "Yes.\n\nSent from my iPhone\n\nReply YES to invest $500.",
            "Yes.",
            "text_after_phone_signature",
            id="unmarked text under the phone's line",
        ),
        pytest.param(
            "Yes.\n\n-- \nAnn Smith\nPlease sell all my shares",
            "Yes.",
            "request_in_signature",
            id="a request in the signature",
        ),
        pytest.param(
            "From: Bob <bob@example.com>\nSubject: sell\n\nPlease sell all.",
            "",
            "begins_with_quotation",
            id="a letter that begins like a quoted one",
        ),
    ],
)
def test_doubt_is_told(text: str, live: str, doubt: str) -> None:
    parts = split(text)
    assert parts.live == live
    assert parts.doubtful
    assert doubt in parts.doubts


def test_the_marker_is_known_where_a_mail_program_broke_or_changed_it() -> None:
    for marker in (
        "> --- Please write your reply above\n> this line ---",
        "Please write your reply above this line",
        "*--- Please write your reply above this line ---*",
        "\u2014 Please write your reply above this line \u2014",
    ):
        assert split(f"No.\n\n{marker}\nSell all.").live == "No."


N = 200_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("On " * (N // 3), id="one line of On"),
        pytest.param("On a\n" * (N // 5), id="lines of On"),
        pytest.param("On Tue 1/1/01 a wrote:\n" * (N // 23), id="attributions"),
        pytest.param(">" * N, id="one line of marks"),
        pytest.param(">\n" * (N // 2), id="lines of marks"),
        pytest.param("\n" * N, id="blank lines"),
        pytest.param("From: x\n" * (N // 8), id="labels"),
        pytest.param("a:\n" * (N // 3), id="colons"),
        pytest.param("-- \n" * (N // 4), id="signature marks"),
        pytest.param("_" * N, id="a stroke"),
        pytest.param("CAUTION: mail " * (N // 14), id="disclaimers"),
        pytest.param("Thanks,\n" * (N // 8), id="courtesies"),
        pytest.param((REPLY_MARKER + "\n") * (N // 48), id="markers"),
        pytest.param("> " + "x" * 80 + "\nfoo\n" * (N // 90), id="broken quotations"),
    ],
)
def test_hostile_text_is_divided_in_fair_time(text: str) -> None:
    started = time.process_time()
    split(text)
    assert time.process_time() - started < 5.0


@given(st.text(alphabet=st.sampled_from("Onwrote:> -_\nFrom@.,1SentThanks$"), max_size=400))
def test_every_line_goes_to_exactly_one_part(text: str) -> None:
    parts = split(text)
    lines = sorted(line.rstrip() for line in text.split("\n") if line.strip())
    divided = [*parts.live.split("\n"), *parts.quoted.split("\n"), *parts.signature.split("\n")]
    assert sorted(line for line in divided if line.strip()) == lines


@given(st.text(st.characters(exclude_characters="\r"), max_size=300))
def test_marked_lines_are_never_live(text: str) -> None:
    marked = "\n".join(f"> {line}" for line in text.split("\n"))
    assert not split(f"Hello there\n\n{marked}").live.partition("Hello there")[2].strip()
