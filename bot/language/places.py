"""States of residence: names, postal codes, "N.J." and "Fla.", never a surname, a street, a town or a plain word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

from bot.language.corrections import governing, is_corrected_by
from bot.language.found import Found
from bot.language.state_names import ABBREVIATIONS, CODE_OF_NAME, DEMONYMS
from bot.language.text import after, before
from handlers.plan.states import STATE_NAMES

MOST = 200
"""Mentions of states in one message that are looked at."""
ARMED_FORCES = {"AA", "AE", "AP"}
"""Postal codes of military mail; they stand where a state would."""

_ALSO_WORDS = frozenset("IN OR ME HI OK OH PA LA MA ID MD MS CO DE AL PR VI AS MP MT MO CT NE AR GU".split())
"""Codes that are words, titles or initials too; they count only where an address or a residence is spoken of."""
_PLAIN_LOWER = frozenset(
    "nj ny tx fl nc sc nd sd nh nm nv az ks ky mn tn wi wv wy ga il ut dc mi ca va vt ri wa".split()
)
"""Lower-case codes that are no words; they count after a word of residence."""

_NAMES = sorted([*CODE_OF_NAME, *DEMONYMS], key=len, reverse=True)
_NAME = re.compile(
    rf"(?<![\w'@.-])(?P<name>{'|'.join(re.escape(name) for name in _NAMES)})(?P<plural>s)?(?![\w@-])", re.IGNORECASE
)
_CODE = re.compile(
    rf"(?<![\w'@.&-])(?P<code>{'|'.join([*STATE_NAMES, *sorted(ARMED_FORCES)])})(?![\w'@&-])(?!\.\w)", re.IGNORECASE
)
_DOTTED = re.compile(r"(?<![\w.])(?P<first>[A-Z])\.\s?(?P<second>[A-Z])\b\.?(?!\w)(?!\.?\s?[A-Z]\.)")
_LOWER_DOTTED = re.compile(r"(?<![\w.])(?P<first>[a-z])\.(?P<second>[a-z])\.(?!\w)")
_SHORT = re.compile(
    rf"(?<![\w.])(?P<short>{'|'.join(map(re.escape, sorted(ABBREVIATIONS, key=len, reverse=True)))})\.(?!\w)"
)

_SHORT_LOWER = re.compile(
    r"(?<![\w.@])(?P<short>ariz|calif|colo|conn|fla|mich|minn|nebr|okla|penna|penn|tenn|wisc|wyo)\.(?!\w)"
    r"|\b(?:in|from|of)\s+(?P<led>wash|mass|ill|ind|tex|ore|del|mont|wis|kans|nev|ala|ark|va|ky|vt"
    r"|ga)\.(?=\s+(?:state|resident|and|or|,)|,|\?)"
)
"""The same in lower case; those that are also words only where a place is spoken of."""
_MISSPELLED = re.compile(r"(?:\b(?:in|of|from|to|state|into|near)\s+|,\s+)(?P<name>[A-Za-z]{7,14})(?![\w'@-])")
_LONG_NAMES = tuple(name.lower() for name in STATE_NAMES.values() if len(name) >= 6 and " " not in name)
_SAME_NAME = 0.88
"""How alike a misspelled name and the name of a state are at least, of 1."""
_RESIDENCE_BEFORE = re.compile(
    r"\b(?:live[sd]?|living|lives|reside\w*|resident\w*|domicil\w*|home|house|moved?|moving|state|from|in|of"
    r"|into|to|at|near|outside|we're|i'm|im|am|are|is|for|does|will|and|or|both|allow|accept)\s*(?:in|of|to|is"
    r"|the state of|at)?\s*(?:the\s+)?[\"'(]?$"
)
_STATE_QUESTION_AFTER = re.compile(
    r"[\"')]?\s*(?:(?:is|are|be)\s+)?(?:ok\b|okay|eligible|allowed|residents?|included|covered|qualif\w*|open"
    r"|on the list|in the (?:plan|program)|y/n|\?)"
)
_STRICT_RESIDENCE_BEFORE = re.compile(
    r"\b(?:live|living|lives|reside|residing|resident|residents|domiciled|state|moved|moving|home is|house is"
    r"|folks)\s+(?:in|of|to|from)\s*$|\bin\s*$|\bstate of\s*$|\bresident:?\s*$"
)
_CITY_BEFORE = re.compile(r"(?:^|[\s,])[A-Z][a-z]+(?:\s+[A-Z][a-z]+)?(?P<comma>,)?\s+$")
_LISTED_AFTER = re.compile(r"(?:\s+(?:or|and|vs?\.?|&)\s+|\s*[,/]\s*)[A-Z]{2}\b")
_ZIP_AFTER = re.compile(r",?\.?\s+\d{5}(?:-\d{4})?\b")
_NOT_A_PLACE_AFTER = re.compile(
    r"\s+(?:st\b|street|ave\b|avenue|rd\b|road|blvd|lane|ln\b|drive|dr\b|court|ct\b|terrace|city rd|city\b"
    r"|state (?:university|college|bank)|university|mutual|corp|rule\b|time\b|bank\b|edison|number|law\b|county\b"
    r"|(?:state )?(?:line|border)\b|winters?\b|summers?\b|energy|electric|power|gas\b|bell\b|fuel|pacific|loan\b)"
)
_NOT_A_PLACE_BEFORE = re.compile(
    r"\b(?:mr|mrs|ms|miss|dr|aunt|uncle|wife|husband|daughter|sister|mother|name is|named|called|enrollment of"
    r"|george|martha|denzel|col|capt|sister|university of|bank of|port of|lake"
    r"|fort|mount|u\. of|u of)\.?\s*$"
)
_NOT_RESIDENCE_BEFORE = re.compile(
    r"\b(?:(?<!this )(?<!it )(?<!that )(?<!plan )(?<!program )work(?:s|ing|ed)?(?: over the line)?(?: is)? in"
    r"|(?:job|office|plant|school|college|barn|shop|business|employer)(?:'s| is| are| was)? in(?: [\w ]{1,20},)?"
    r"|at school in"
    r"|chartered in|incorporated in|born in|used to live in|barn is in|(?:broker|agent"
    r"|lawyer) in(?: [\w ]{1,20},)?|"
    r"uncle in(?: [\w ]{1,20},)?|he was in|winter place in|not in|not in the state of|not the state of"
    r"|leave for|(?:moved|moving|relocated|came|come)(?: here| over| up| down| back)? from"
    r"|formerly|ground we farm is across the road in|hospital in|bank in|disputed|relatives in"
    r"|not the (?:one|other one|city|town) in|(?:do not|don't|dont|never) use|vacation in|trip to|postmark\w* (?:from"
    r"|in)|rest is in"
    r"|outside(?: of)?|not a resident of|no longer (?:at|in)|compan(?:y|ies) in|number in|by way of|(?<!why )not"
    r"|line between(?: [\w ]{1,20} and)?)\s+(?:the\s+)?(?:state\s+of\s+)?$"
)
_PERSONAL = {"virginia", "georgia", "washington", "carolina"}


_NAMESAKE = re.compile(
    r"\b(?:(?:mr|mrs|ms|miss|dr)\.?|(?:sur|last |first |family )?name(?: is|:)|called) "
    rf"(?P<titled>{'|'.join(_PERSONAL)})\b"
    rf"|\b(?P<owned>{'|'.join(_PERSONAL)}) is (?:my|our|his|her|the) (?:\w+ )?(?:sur)?name\b",
    re.IGNORECASE,
)
"""A person named like a state; then the name alone is no place elsewhere either."""


@dataclass(frozen=True, slots=True)
class _Mention:
    code: str
    start: int
    end: int
    is_name: bool


def _mentions(text: str) -> Iterator[_Mention]:
    namesakes = {(match["titled"] or match["owned"]).lower() for match in _NAMESAKE.finditer(text)}
    shouting = sum(map(str.isupper, text)) > max(12, sum(map(str.islower, text)))
    for match in _NAME.finditer(text):
        name = match["name"].lower()
        if (match["plural"] and name not in DEMONYMS) or (
            name in namesakes and not re.search(r"\b(?:in|from|of)\s*$", before(text, match.start(), 12))
        ):
            continue
        if _is_place(text, match.start(), match.end(), name):
            yield _Mention(CODE_OF_NAME.get(name) or DEMONYMS[name], match.start(), match.end(), True)
    for match in _CODE.finditer(text):
        if _is_code(text, match.start(), match.end(), match["code"], shouting):
            yield _Mention(match["code"].upper(), match.start(), match.end(), False)
    for match in _DOTTED.finditer(text):
        code = match["first"] + match["second"]
        prefix = before(text, match.start(), 30)
        if code in STATE_NAMES and (
            code not in _ALSO_WORDS
            or re.search(r"\b(?:in|of|from|state)\s*$", prefix)
            or (code != "MD" and re.search(r"[a-z],\s*$", prefix))
        ):
            yield _Mention(code, match.start(), match.end(), False)
    for match in _LOWER_DOTTED.finditer(text):
        code = (match["first"] + match["second"]).upper()
        if code in STATE_NAMES and code not in _ALSO_WORDS:
            yield _Mention(code, match.start(), match.end(), False)
    for match in _SHORT_LOWER.finditer(text):
        name = "short" if match["short"] else "led"
        yield _Mention(ABBREVIATIONS[match[name].capitalize()], match.start(name), match.end(name), False)
    for match in _MISSPELLED.finditer(text):
        meant = get_close_matches(match["name"].lower(), _LONG_NAMES, 1, _SAME_NAME)
        if meant and _is_place(text, match.start("name"), match.end("name"), meant[0]):
            yield _Mention(CODE_OF_NAME[meant[0]], match.start("name"), match.end("name"), True)
    for match in _SHORT.finditer(text):
        long_enough = len(match["short"]) > 3 or re.search(
            r",\s*$|\b(?:in|of|will|from|for)\s*$|\b(?:residence|state)\s?:\s*$", before(text, match.start(), 20)
        )
        if long_enough:
            yield _Mention(ABBREVIATIONS[match["short"]], match.start(), match.end(), False)


def _is_place(text: str, start: int, end: int, name: str) -> bool:
    prefix, suffix = text[max(0, start - 30) : start].lower(), after(text, end, 30)
    if _NOT_A_PLACE_BEFORE.search(prefix) or _NOT_A_PLACE_AFTER.match(suffix):
        return False
    if name in _PERSONAL:
        if re.match(r" [A-Z][a-z]", text[end : end + 3]) or re.search(
            r"[A-Z][a-z]+\.? $", text[max(0, start - 12) : start]
        ):
            return bool(re.search(r"\b(?:in|from|of)\s*$", prefix))
        return text[start].isupper() or bool(re.search(r"\b(?:in|from|of|to|is|does|or|and)\s*$", prefix))
    return name != "maine" or text[start].isupper() or bool(re.search(r"\b(?:in|from|of|is)\s*$", prefix))


def _is_code(text: str, start: int, end: int, code: str, shouting: bool) -> bool:
    prefix, suffix = before(text, start, 30), after(text, end, 30)
    if _ZIP_AFTER.match(text[end : end + 12]) and (code.isupper() or code.istitle()):
        return True
    if code in ARMED_FORCES:
        return bool(re.search(r"\b[afd]po,?\s*$", prefix))
    if not code.isupper():
        return code in _PLAIN_LOWER and bool(
            _STRICT_RESIDENCE_BEFORE.search(prefix)
            or (
                re.search(r"\b(?:for|are|let|about)\s*$", prefix)
                and re.match(r"\s+(?:residents?|people|folks)\b", suffix)
            )
            or (
                _STATE_QUESTION_AFTER.match(suffix)
                and re.fullmatch(r"\s*(?:(?:hi|hello|hey),?\s+)?(?:(?:is|and|what about|how about)\s+)?", prefix)
            )
        )
    if code in ARMED_FORCES or code.lower() in {"aa", "ae", "ap"}:
        return False
    city = _CITY_BEFORE.search(text[max(0, start - 40) : start])
    if city and city["comma"]:
        return not shouting or code not in _ALSO_WORDS
    if code not in _ALSO_WORDS:
        return not shouting or bool(_RESIDENCE_BEFORE.search(prefix)) or not prefix.strip()
    if not shouting and _LISTED_AFTER.match(text[end : end + 10]):
        return True
    if shouting:
        return bool(re.search(r"\b(?:live in|reside in|resident of|state of)\s*$", prefix))
    if city and not re.search(r"(?:^|[.!?]\s+|\n)[A-Z][a-z]+\s+$", text[max(0, start - 40) : start]) and code != "OK":
        return True
    if code == "OK":
        return bool(re.search(r"\b(?:in|resident of|live in)\s*$", prefix))
    if re.search(r"\b(?:in|resident of|residents of|state of|state is|live in|from)\s*$", prefix):
        return True
    return (
        not prefix.strip()
        and bool(re.match(r"\s*(?:eligible|residents?|allowed|qualif|covered|ok\b|\?|$)", suffix))
        and code not in {"HI", "ME", "OR", "IN", "OH"}
    )


_TOWNS = frozenset(
    {
        "wyoming", "nevada", "indiana", "delaware", "oregon", "california", "washington", "virginia", "kansas city",
        "michigan city", "florida", "iowa",
    }
)  # fmt: skip
"""Towns of other states that are named like a state."""


def _drop_towns(text: str, mentions: list[_Mention]) -> list[_Mention]:
    """Without a town named like a state before its state: of "Wyoming, Michigan" only Michigan stays."""
    kept = []
    for at, mention in enumerate(mentions):
        following = mentions[at + 1] if at + 1 < len(mentions) else None
        name = text[mention.start : mention.end].lower()
        if following and name in _TOWNS and re.fullmatch(r",?\s{1,2}", text[mention.end : following.start]):
            third = mentions[at + 2] if at + 2 < len(mentions) else None
            if not third or not re.fullmatch(r",?\s(?:and|or|&)\s", text[following.end : third.start]):
                continue
        kept.append(mention)
    return kept


_SIGNED = re.compile(r"^(?:thanks|thank you|regards|sincerely|best|cheers|yours)\b.*\b[A-Z]{2}\.?$", re.IGNORECASE)
"""A closing line with a name and a place: "Thanks, Ann Lee, Asheville NC"."""


def _signature_start(text: str) -> int:
    """Where the closing lines with a name and an address begin; the end of the text if there are none."""
    lines = text.rstrip().split("\n")
    at = len(lines)
    while (
        at > 1
        and len(lines) - at < 6
        and lines[at - 1].strip()
        and len(lines[at - 1]) < 70
        and not re.search(r"[?!]\s*$|\b(?:i|we|my|please|is|are)\b", lines[at - 1].lower())
    ):
        at -= 1
    if at == 0 or at == len(lines):
        return len(text)
    block = "\n".join(lines[at:])
    if len(lines) - at == 1 and _SIGNED.search(block):
        return len(text.rstrip()) - len(block)
    if not re.search(r"\b\d{5}(?:-\d{4})?\b|^[A-Z][\w. ]+,\s*[A-Z]{2}\.?$", block, re.MULTILINE):
        return len(text)
    return len(text.rstrip()) - len(block)


_OWN_RESIDENCE = re.compile(
    r"\b(?:i|we|i'?m|we'?re|me|parents and me)(?:'ve| have| am| are| both| now| do| also| currently| still| then"
    r"| all| only| really)*"
    r"\s*(?:live[sd]?|living|reside|residing|sleep|vote(?! with)|domiciled|make (?:my|our) home|in|from|out in|over in"
    r"|here in|down in"
    r"|up in|moved)\b"
    r"|\bresidents? (?:of|in|here in)\b|\b(?:state of residence|residence|home|house|home of record|home state|domicile"
    r"|state|residences)\s?"
    r"(?:is|are|:)|\b(?:(?:my|our) (?:wife|husband|son|daughter|brother|sister|mother|father|mom|dad|parents"
    r"|folks|aunt|uncle"
    r"|cousin|nephew|niece|friend|kid|twin|boy|girl|child|children|grandson|granddaughter|in-laws|guy)s?)\b[\w ']{0,15}"
    r"\b(?:is in|are in|lives?|living|resides?|in|is|are)\s*(?:in\s*)?$"
)
_RESIDENT_AFTER = re.compile(r"\s+(?:residents?|people|folks|citizens?|here\b)")
_ASKED = re.compile(
    r"\?|\b(?:eligib\w+|allow\w*|permit\w*|cover\w*|offered|available|includ\w+|shut out|on the list|on your list"
    r"|take part"
    r"|participat\w+|let (?:people|folks|us|me|them)|qualif\w+|accept\w*|ok\b|okay|closed|excluded|barred|let in"
    r"|open to)"
)


def _is_to_the_point(text: str, mention: _Mention) -> bool:
    """Whether the sentence asks about the state or says that somebody lives there, rather than tells of it."""
    prefix, suffix = before(text, mention.start, 160), after(text, mention.end, 120)
    if _RESIDENT_AFTER.match(suffix) or _OWN_RESIDENCE.search(prefix):
        return True
    return bool(_ASKED.search(suffix) or _ASKED.search(prefix))


_TOWN_SAID = re.compile(
    r"\b(?:town|city|village)\b(?:[^.!?]{0,20}\b(?:named|called)\s*$|\s+of\s*$)|\bmy\s*$", re.IGNORECASE
)
_THE_ONE_IN = re.compile(r"(?<!not )\bthe one in\s*$")
"""Before the state that a town named like another one lies in: "I live in Indiana. The one in Pennsylvania"."""
_STAGE_BEFORE = re.compile(r"\b(?:years|winters|summers|seasons|decades)\s+in\s*$")
"""Before a stage of life, where another place is the residence."""


def _without_namesakes(text: str, mentions: list[_Mention]) -> list[_Mention]:
    """Without towns named like a state, wherever else in the message they are spoken of."""
    kept = _drop_towns(text, mentions)
    kept_at = {one.start for one in kept}
    towns = {one.code for one in mentions if one.start not in kept_at} - {one.code for one in kept if not one.is_name}
    for earlier, one in zip([None, *mentions], mentions, strict=False):
        if earlier and earlier.code != one.code and _THE_ONE_IN.search(before(text, one.start, 40)):
            towns.add(earlier.code)
        name = text[one.start : one.end].lower()
        said = re.match(r"\s+is (?:the|a) (?:town|city)\b", after(text, one.end, 30))
        if name in _TOWNS and (
            said or (_TOWN_SAID.search(before(text, one.start, 40)) and re.search("town|city", text.lower()))
        ):
            towns.add(one.code)
    rest = [one for one in kept if one.code not in towns]
    return rest or kept


def states(text: str) -> tuple[Found[str], ...]:
    """The states named as places to live, each once, in order of appearance.

    Where some are named as somebody's residence or asked about and others as a
    workplace, a school, a company's seat or a stage of life, the others are
    left out. The sender's own correction governs.
    """
    ends = _signature_start(text)
    mentions: list[_Mention] = []
    for mention in sorted(_mentions(text), key=lambda mention: (mention.start, -mention.end))[:MOST]:
        if not mentions or mention.start >= mentions[-1].end:
            mentions.append(mention)
    living = [
        one
        for one in _without_namesakes(text, mentions)
        if one.start < ends
        and (
            _LIVING_THERE_AFTER.match(after(text, one.end, 40))
            or not _NOT_RESIDENCE_BEFORE.search(before(text, one.start, 70))
        )
    ]
    if len({one.code for one in living}) > 1:
        living = [one for one in living if not _STAGE_BEFORE.search(before(text, one.start, 40))] or living
        pointed = {
            one.code
            for one, earlier in zip(living, [None, *living[:-1]], strict=True)
            if _is_to_the_point(text, one) or (earlier and is_corrected_by(text, earlier.end, one.start))
        }
        pointed |= {
            one.code
            for one, later in pairwise(living)
            if later.code in pointed and _JOINED.fullmatch(text, one.end, later.start)
        }
        living = [one for one in living if one.code in pointed] or living
    return governing(text, [Found(one.code, one.start, one.end) for one in living])


_JOINED = re.compile(r"[.,]?\s+(?:and|or|&)\s+|,\s+")
"""Between two states of which the same is said: "conn. and rhode island"."""
_LIVING_THERE_AFTER = re.compile(r"\s*[(,]?\s*where (?:i|we) (?:also )?live")
_OLD_BEFORE = re.compile(
    r"\b(?:old|former|formerly|previous|from|left|leaving|instead of|not|used to|tried|was|were|been)\b[^.!?]{0,80}$"
)
_NEW_BEFORE = re.compile(r"\b(?:new|to|now|moved to|send|mail|write|henceforth|is|at|follow)\b[^.!?]{0,120}$")


def address_state(text: str) -> tuple[Found[str], ...]:
    """The state of a new address in `text`: one with a ZIP code rather than one without, none of an old address.

    A military post office is an address and no residence.
    """
    mentions: list[_Mention] = []
    for mention in sorted(_mentions(text), key=lambda mention: (mention.start, -mention.end))[:MOST]:
        if not mentions or mention.start >= mentions[-1].end:
            mentions.append(mention)
    found = [
        mention
        for mention in _without_namesakes(text, mentions)
        if mention.code not in ARMED_FORCES and not _NOT_RESIDENCE_BEFORE.search(before(text, mention.start, 70))
    ]

    def rank(mention: _Mention) -> tuple[bool, bool, bool]:
        prefix = before(text, mention.start, 140)
        old, new = _OLD_BEFORE.search(prefix), _NEW_BEFORE.search(prefix)
        is_old = old is not None and (new is None or new.start() < old.start())
        is_after_a_town = bool(re.search(r"[A-Z][a-z]+,\s*$", text[max(0, mention.start - 20) : mention.start]))
        return is_old, not _ZIP_AFTER.match(text[mention.end : mention.end + 12]), not is_after_a_town

    best = min(found, key=rank, default=None)
    return () if best is None else (Found(best.code, best.start, best.end),)
