"""What takes an order back, mocks it, or shows that it was never meant."""

from __future__ import annotations

import re

from bot.language.bearing import speaks_of
from bot.language.text import cues

_TAKEN_BACK = cues(r"""
    (?<!me )(?<!to )(?<!never )(?<!not )(?<!won't )(?<!'ll )forget (?:it|that|about it|i said|i asked|the whole) |
    (?:disregard|ignore) (?:that|this|it|the above|what i|me) |
    (?:scratch|strike) (?:that|it)(?=[.,!]?\s*(?:$|nothing|no|not|i don'?t|leave|hold|sorry)) |
    (?:just|only) kidding | (?<!not )kidding(?=,|\.|!|$) | j/?k | april fools?'? |
    (?:please|pls|kindly) (?:ignore|disregard)(?=[.,!]|$) |
    (?:do not|don'?t|dont) (?:really|actually) | not really(?=[.,!]|$) | not for real |
    (?:only|just|is) a test |
    (?:this is|it'?s|am|i'?m|just|only) (?:a )?(?:practice|practicing|practising|testing|trying
    (?: this| it)? out|playing around|joking) | fat chance | yeah,? right | as if(?=[.!?]|$) | in your dreams |
    when pigs fly | when hell freezes | (?<!said )over my dead body |
    or rather (?:don'?t|dont|not) | (?:i am|i'm|im) taking (?:it|that|this) back | my withdrawal(?=\n) | never sent |
    no (?:sale|purchase) of | idk | (?:i|we) never (?:asked|ordered|wanted|requested|said(?: to)?
    |told you|authori[sz]ed|instructed) | oh,? sure | so (?:it|they|you) can (?:drop|fall|sink|lose|crash|waste
    |tank)(?: \w+)? |
    (?:ha|he){2,} | ha,? ha | lmao | rofl | why don'?t i | or no(?=[.,!]|$) |
    (?:hmm|um|uh|wait|well|actually),? no(?=[.,!]|$) |
    (?:says|said) (?:no|not to|don'?t)(?=[.,! ]|$) |
    no(?:pe|t)? (?:this month|today|now|yet|any ?more|after all)(?=[.,!]|$) |
    (?<!wants )nothing (?:this month|today|for now|after all)(?=[.,!]|$) | maybe (?:less|more|not|half) |
    perhaps (?:less|more|not) |
    half (?:of )?that | (?:leave|let) (?:things|everything) (?:be|alone|as(?: \w+)*) |
    but (?:i'?m |am )?(?:broke|short of|can'?t|cannot|couldn'?t|could not|haven'?t|don'?t have|won'?t) |
    the last thing (?:i|we) |
    (?:no|against) (?:to )?(?:the|that|any) (?:\$? ?[\d,.]+ )?(?:dollar )?(?:purchase|sale|buy) |
    (?:refund|reverse|return|undo|dispute)(?: me)? (?:the|that|my|this) (?:\$? ?[\d,.]+ )?(?:dollar )?(?:purchase
    |sale|buy|order) |
    pretend (?:that|you|this|i|we|it|to) | make[- ]believe | as the (?:song|saying|joke) goes |
    cat on (?:the )?keyboard
""")

_SAYS_NO = (
    r"(?:(?:oh|um|uh|hmm?|well|actually|ha|but|and|or|on second thought|ps|p\.s\.)[ ,.:-]{1,4})?"
    r"(?:no(?:pe|ooo*)?|nah|naw|nay|not|nvm|never ?mind|(?:don'?t|dont|do not)(?! wait)|wait|hold (?:on|off|it|up)"
    r"|hang on|stop|psych"
    r"|sike|never)"
)
_BARE = (
    r"(?:[ ,]{1,2}(?:no|nope|way|thanks?|thank you|ty|thx|sir|ma'?am|never|ever|not|chance|dice|deal|really|yet|now"
    r"|today"
    r"|this (?:time|month)|for now|in (?:hell|your life)|on your life|a chance|please|pls|wait|don'?t|dont|do not|nvm"
    r"|never ?mind|do (?:it|that|this)|actually|i (?:don'?t|do not) think so|anymore|any more|after all|a minute"
    r"|a (?:sec|second|moment|bit|while)|lol|haha?)){0,4}"
)
_NO = re.compile(rf"\W{{0,12}}{_SAYS_NO}{_BARE}\W{{0,12}}(?:$|[.!?\n;)])", re.IGNORECASE)
"""A sentence that is nothing but a no."""
_NO_DOING = re.compile(
    r"\W{0,12}(?:(?:but|and|please|pls|so|just)[ ,]{1,2}){0,2}(?:"
    r"(?:don'?t|dont|do not|never) (?:you )?(?:(?:actually|really|yet|ever) )?(?:do|act(?: on)?|process|execute"
    r"|enter|submit"
    r"|place|proceed|carry|go ahead|go through|make)(?! (?:anything|nothing|something|any) (?:else|more|other|further))"
    r"(?= (?:it|that|this|any|until|till|unless|so|with|out|the (?:order|sale|purchase))|[.,;!]|$)"
    r"|(?:wait|hold (?:on|off|it|up|that)|hang on|sit tight),? (?:for|until|till|til|on (?:it|that|this)|before) "
    r"|(?:wait|hold) (?:till|until|for) "
    r")",
    re.IGNORECASE,
)
"""A sentence that says not to do it, or not now."""
_NO_AT_END = re.compile(
    r"(?<!\bor)(?<!\bwhy)(?<!\bif)(?:[ (*-]|\.\.|\n)(?:not|nvm|never ?mind|no way|no thanks|psych|sike|jk"
    r"|j/k)\)?\W{0,12}$",
    re.IGNORECASE,
)
"""A "not" at the end of the sentence that orders."""
_NEW_VALUE = re.compile(
    r"\W{0,12}(?:(?:just|make (?:it|that)|only|i mean|i meant|meant|rather|let'?s (?:say|make it)|say|better|sorry"
    r"|that should be"
    r"|wait|no|not|that|actually|please|sell|buy|invest|put|exactly|the other)\W+){0,6}"
    r"(?:\$ ?)?(?:\d|half|all|everything|(?:an? )?(?:hundred|thousand|dozen)|(?:one|two|three|four|five|six|seven"
    r"|eight|nine"
    r"|ten|eleven|twelve|fifteen|[a-z]{3,6}ty)\b)",
    re.IGNORECASE,
)
"""What makes of a "no" a correction: "no, 300"."""
_NOTHING = cues(r"""
    (?<!you )(?<!will )(?<!'ll )(?<!to )(?<!i )(?<!can )do nothing(?! else| at all (?:with
    |else)| more| further| with| about| beyond| except| but| other| to) | take no action(?! on| about| with) |
    nothing (?:is )?(?:to be|should be) (?:done|sold|bought)
""")
_PIECE = re.compile(r"(?:[^.!?\n]|[.](?=\d))+(?:\n(?!\n)(?=[a-z])[^.!?\n]*)?[.!?)]*")


def is_answered_no(text: str, intent: str) -> bool:
    """Whether the sentence of the act ends in a no, or the next is one and brings no new value: "Sell 200? No."."""
    if _NOTHING.search(text):
        return True
    for said in _PIECE.finditer(text):
        if not speaks_of(said.group(), intent):
            continue
        if _NO_AT_END.search(said.group()):
            return True
        answer = _NO.match(text, said.end())
        if answer and not _NEW_VALUE.match(text, answer.end()) and not _NEW_VALUE.match(text, said.end()):
            return True
        if intent != "recurring" and _NO_DOING.match(text, said.end()):  # of a deduction, waiting is a pause
            return True
    return False


def is_taken_back(text: str) -> bool:
    """Whether the text takes back, mocks or plays at what it asks for."""
    return bool(_TAKEN_BACK.search(text))
