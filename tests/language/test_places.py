"""States of residence, and the many words that look like them."""

from __future__ import annotations

import pytest

from bot.language.places import address_state, states
from bot.language.readings import Region, read
from bot.language.slots import slots_for
from bot.language.text import plain
from handlers.plan.states import STATE_NAMES


def named(text: str) -> list[str]:
    return [found.value for found in states(plain(text))]


@pytest.mark.parametrize(("code", "name"), [pytest.param(*item, id=item[1]) for item in STATE_NAMES.items()])
def test_every_state_is_known_by_its_name(code: str, name: str) -> None:
    assert named(f"I live in {name}. May I take part?") == [code]
    assert named(f"is {name} on the list") == [code]


@pytest.mark.parametrize("code", [pytest.param(code, id=code) for code in STATE_NAMES])
def test_every_state_is_known_by_its_code_in_an_address(code: str) -> None:
    assert named(f"My home is in Springfield, {code} and I would like to join.") == [code]
    assert named(f"I live in {code}, may I join") == [code]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("ND ok?", ["ND"], id="a code and ok"),
        pytest.param("is sd ok for this", ["SD"], id="a lower-case code in a question"),
        pytest.param("are minn. and south dakota both on it", ["MN", "SD"], id="a short name in lower case"),
        pytest.param("im in okla. and have 9 shares", ["OK"], id="in okla."),
        pytest.param("we are in Minnisota now", ["MN"], id="misspelled"),
        pytest.param("I live in Wells, W. Va., near the Ohio line", ["WV"], id="a line between states"),
        pytest.param("Kansas City, Mo. is home, not the one in Kansas", ["MO"], id="not the one in Kansas"),
        pytest.param("I live in the city of Nevada, which is in Missouri", ["MO"], id="the city of"),
        pytest.param("I live in California. The one in Pennsylvania, that is", ["PA"], id="the one in"),
        pytest.param(
            "Twenty years in Ohio, two winters in Texas, then we came to Utah for good, and I live in Utah",
            ["UT"],
            id="stages of a life",
        ),
        pytest.param("My office is in Dover, Delaware, but my house is in Maryland", ["MD"], id="an office in a town"),
        pytest.param("CA eligible y/n", ["CA"], id="a code and eligible"),
        pytest.param("PA eligible?", ["PA"], id="a code that is a word"),
        pytest.param("Is N.J. allowed?", ["NJ"], id="with points"),
        pytest.param("Residents of N.H.", ["NH"], id="with points at the end"),
        pytest.param("I'm in N.C.", ["NC"], id="with points after in"),
        pytest.param("Will Fla. be one?", ["FL"], id="Fla."),
        pytest.param("a resident of Mich. since birth", ["MI"], id="Mich."),
        pytest.param("We live in Spooner, Wis.", ["WI"], id="Wis."),
        pytest.param("Utah.", ["UT"], id="alone"),
        pytest.param("is arizona on the allowed list", ["AZ"], id="lower case"),
        pytest.param("DOES KANSAS QUALIFY", ["KS"], id="capitals"),
        pytest.param("im in nj, can i join", ["NJ"], id="a lower-case code after in"),
        pytest.param("i live in tx", ["TX"], id="a lower-case code after live in"),
        pytest.param("can someone in Portland OR take part?", ["OR"], id="city and code"),
        pytest.param("Medford, OR or Vancouver, WA", ["OR", "WA"], id="OR and or"),
        pytest.param("OR or WA?", ["OR", "WA"], id="OR or WA"),
        pytest.param("i live in Wyoming, michigan", ["MI"], id="Wyoming, Michigan"),
        pytest.param("I live in Wyoming, Michigan, not in the state of Wyoming", ["MI"], id="not the state of Wyoming"),
        pytest.param("I live in Nevada, Missouri", ["MO"], id="Nevada, Missouri"),
        pytest.param("Arizona, New Mexico and Nevada", ["AZ", "NM", "NV"], id="a list"),
        pytest.param("Texas, Oklahoma and Kansas", ["TX", "OK", "KS"], id="a list with Oklahoma"),
        pytest.param("Is Washington D.C. a state for you", ["DC"], id="Washington D.C."),
        pytest.param("Washington (the state)", ["WA"], id="Washington the state"),
        pytest.param("I live in West Virginia", ["WV"], id="West Virginia is not Virginia"),
        pytest.param("are texans allowed in", ["TX"], id="Texans"),
        pytest.param("Will they let Hoosiers in on this?", ["IN"], id="Hoosiers"),
        pytest.param("I live in Kansas City, and the house is in Missouri", ["MO"], id="Kansas City is no state"),
        pytest.param("My work is in Ohio, I work in Ohio, but I live in Indiana", ["IN"], id="a workplace"),
        pytest.param("chartered in Delaware, but I live in Pennsylvania", ["PA"], id="a company's seat"),
        pytest.param("We live in Grand Rapids MI 49506", ["MI"], id="a code and a ZIP"),
        pytest.param("We have a house in Ohio and a condo in Florida", ["OH", "FL"], id="two homes"),
        pytest.param("does this work in N.Y.", ["NY"], id="does this work in"),
        pytest.param("n.j. here, enroll me", ["NJ"], id="small letters with points"),
        pytest.param("oregon or washington allowed", ["OR", "WA"], id="small letters and or"),
        pytest.param("does it work for dc residents", ["DC"], id="DC residents"),
        pytest.param("half our guys are in Ohio, half in W. Va. Either one out?", ["OH", "WV"], id="W. Va."),
        pytest.param("My wife Virginia and I have lived in Delaware", ["DE"], id="a wife's name"),
        pytest.param("Nevada, but not that one: mail comes to Nevada, Iowa", ["IA"], id="a namesake twice"),
        pytest.param("I live in Washington State, not the District", ["WA"], id="not the District"),
        pytest.param("I'm in Ohio. I ought to say Indiana.", ["IN"], id="a correction"),
        pytest.param(
            "Grandpa in Kansas bought it, I turned 21 in Missouri, and I live in Tennessee now", ["TN"], id="a life"
        ),
        pytest.param("I live in Ohio and my son is in Texas. Are both fine?", ["OH", "TX"], id="kin"),
        pytest.param(
            "Mr. Washington here. Washington is my NAME, I live in Hyattsville, Maryland", ["MD"], id="a namesake"
        ),
        pytest.param("Mr. Washington here, from Washington", ["WA"], id="a namesake at home"),
        pytest.param("we moved from Texas to Oregon in June", ["OR"], id="moved from"),
    ],
)
def test_states_are_read(text: str, codes: list[str]) -> None:
    assert named(text) == codes


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sell it or keep it", id="or"),
        pytest.param("put me in for 500", id="in"),
        pytest.param("hi, can you help", id="hi"),
        pytest.param("that is ok with me", id="ok and me"),
        pytest.param("oh no", id="oh"),
        pytest.param("ma and pa own stock", id="ma and pa"),
        pytest.param("my id is on file", id="id"),
        pytest.param("la la la", id="la"),
        pytest.param("as i said, de facto", id="as and de"),
        pytest.param("WRITE ME OR CALL IN THE MORNING, OK? HI", id="a message in capitals"),
        pytest.param("Please tell ME, not him", id="an emphasised me"),
        pytest.param("Sell OR hold, tell me", id="an emphasised or"),
        pytest.param("OK, enroll me", id="OK at the start"),
        pytest.param("Hi there, HI again", id="HI as a greeting"),
        pytest.param("Mr. Washington told me", id="Mr. Washington"),
        pytest.param("Ask Virginia Smith about it", id="Virginia as a name"),
        pytest.param("Dr. Georgia Lee, M.D.", id="a doctor's names"),
        pytest.param("12 Nevada Street is my old house", id="a street"),
        pytest.param("the University of Michigan", id="a university"),
        pytest.param("Detroit Edison and Ohio State University", id="a school"),
        pytest.param("P.O. Box 376", id="P.O."),
        pytest.param("write to me c/o the bank, P.S. thanks", id="P.S."),
        pytest.param(
            "please enroll me, I'm ready\n\nJim Doe\n12 Elm St\nTrenton, NJ 08601", id="an address under the name"
        ),
    ],
)
def test_what_is_no_residence_is_not_read(text: str) -> None:
    assert named(text) == []


def test_a_new_address_tells_its_state() -> None:
    text = "New address: 418 Larkspur Ct, Apt 2B, Grand Rapids, MI 49503."
    assert [found.value for found in address_state(text)] == ["MI"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("After thirty Ohio winters, our street is 12 Elm, Mesa, Arizona", ["AZ"], id="a town before it"),
        pytest.param("Do not use Florida", [], id="not to be used"),
        pytest.param("we're in Masachusetts now", ["MA"], id="misspelled"),
    ],
)
def test_a_new_address_is_told_from_other_places(text: str, codes: list[str]) -> None:
    assert [found.value for found in address_state(text)] == codes


def test_a_state_said_apart_from_the_enrollment_belongs_to_it() -> None:
    text = "Sign me into the program. Registered holder, Wisconsin."
    slots, _ = slots_for("enroll", read(text), [Region(0, 25)])
    assert slots.states == ("WI",)
    assert slots_for("enroll", read("Sign me into the program. Is Ohio open?"), [Region(0, 25)])[0].states == ()


def test_military_mail_counts_only_after_its_post_office() -> None:
    assert named("APO AE 09342") == ["AE"]
    assert named("AE was mentioned") == []
    assert address_state("New address: FPO AP 96662") == ()
