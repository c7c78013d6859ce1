"""What an order hangs on: a price or a time, which the plan refuses, or something else, which is asked about.

"If it hits $2" and "on Ash Wednesday exactly" are limit and timed orders.
"If my wife agrees" leaves open whether the order is given. "If you can" and
"if it is not too late" are courtesy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.language.bearing import speaks_of
from bot.language.disagreements import MONTHS
from bot.language.limit_prices import names_a_price
from bot.language.postponements import OFF_TO_LATER, leaves_open
from bot.language.text import cues

SENTENCE = re.compile(r"(?:[^.!?\n]|\.(?=\d))+(?:\n(?!\n)(?:[^.!?\n]|\.(?=\d))+)*[.!?]*")
"""A sentence as people write them: it may run over a line's end."""

_COURTESY = cues(r"""
    if (?:you(?:'d| would| could| can(?! get| sell| find)| will| might| may)|you(?: all| folks| just| ever| still)*[ ]
    (?:please|kindly|need|want|have|had|prefer|like|require|must|mind|don'?t mind|do not mind|wish|think i|get the[ ]
    chance|see fit to)
    |u (?:can|could|would|want|need)|ya (?:can|could|would)
    |there(?:'s| is| are|'re)? (?:a choice|more|any|a (?:form|way|paper|fee|charge|problem|question|black mark)
    |something|anything
    |questions?|papers?|still|time|an?y? problems?|is|else|enough)
    |(?:(?:it|that|this)(?:'s| is| isn'?t
    |s| be| was| were| would be)? |is )?(?:not |no |at all |still |even )?(?:too (?:late
    |much|early)|possible|all right|alright|okay|ok|allowed|permitted|convenient|feasible|(?:any |great |big )?trouble
    |agreeable|in time)
    |i(?:'ve| have| still have|'ve got| got| do have| hold| own)? (?:enough|that many|as many|so many|may|might|could
    |make
    |have to|must|can|am|read|remember|recall|forgot|forget|make something|'?m not)
    |i'?m (?:not )?(?:too late|able|in time|doing|right|reading)
    |need(?:ed)? be|necessary|needed|required|any|anything|so|not|that'?s the word|that matters|time permits
    |is (?:papers|to)|only|something|they'?re|separate|the (?:form|signature|address|office|mails?)
    |(?:this|that|it) (?:is (?:right|correct|clear|ok|okay|all right|how)|was|isn'?t|comes|reaches|finds|works|pleases
    |suits)
    |(?:it|that|they|this|my order|the order) (?:hasn'?t|has not|hasnt|haven'?t|have not|can be|can still be|comes out
    |matters|helps|makes|could|still can)
    |we (?:may|might|can|could|need|must)|they still|she only|your|of use|one (?:is|must|has)|the (?:mails?|carrier
    |mailman|post|postman|roads?|weather)|memory serves|all goes well)
""")
"""An "if" that only asks kindly, or that the handlers look after themselves."""
_WHETHER = cues(r"""
    (?:wonder(?:ing)?|ask(?:ing|ed|s)?|know|tell me|see|sure|find out|say|check|question(?: is)?|confirm|curious|matter
    |care|even|as|what|better|best) if | if not | if only | if any
""")
_PRICED = cues(rf"""
    pric\w+ | stock | astm | market | nasdaq | average | avg | clos(?:es?|ing) | peaked | bottomed | cents | limit |
    (?:a|per) share | ticker | cheap\w* | high(?:er|est)? | low(?:er|est)? |
    (?:touch|hit|reach|dip|drop|fall|climb)\w* (?:to |at |under |below |above |over )*(?:\$|\d|a|an|one|two|three|four
    |five|ten)
    | \$ ?\d?\d(?:\.\d+)?(?![\d,]) | \d?\.\d\d | (?:under|over|below|above) (?:a|one|two|three|four|five) (?:dollars?
    |bucks?)
    | worth it | goes? (?:up|down|higher|lower) | the (?:company|trial|fda|shares|{MONTHS})
""")
_LIMIT = cues(r"""
    (?:when|whenever|once|after|until|as soon as|the moment|the minute|the second|the day) (?:it|the price|the stock
    |price
    |stock|astm|shares|aastrom) (?:is|gets?|hits?|goes|reach\w*|drops?|falls?|rises?|climbs?|dips?|touch\w*
    |cross\w*|trades?|comes? (?:to|up|down|back|under|over|below|above)|breaks?|closes?|doubles?|recovers?|peaks?
    |bottoms?|turns?|moves?|looks?|has|'s) |
    when the (?:price|market) (?:is|looks|seems|gets) (?:right|good|best|ripe|better|high|low) |
    when(?:ever)? (?:it|the price|the stock)(?:'s| is| looks| seems) (?:best|good|right|high|low|cheap
    |cheaper) | you (?:folks )?(?:decide|pick|choose) the (?:price|amount) |
    think(?:s)? (?:it'?s |the price is |it has )?(?:peaked|bottomed) |
    think (?:the )?price is (?:best|right|good) | limit (?:order|price|of|at|\d|\$) |
    (?:set|put|place|with) a limit | stop[- ]?(?:loss|limit|order) | gtc | good (?:till|til|until) cancel\w* |
    or (?:better|above|higher|less|lower|best offer|best price) | at that or less | at market or |
    not (?:for )?(?:less|lower|more|higher) than \$?[\d.]+ |
    but not (?:a penny )?(?:over|under|above|below|for less|less|more) |
    (?:no|nothing) (?:less|lower|more|higher|under|below|above|over) (?:than )?\$?\d?\.?\d+ |
    (?:below|under|above|over|beneath|at or (?:below|above|under|over)) \$? ?\d?\d?\.\d+(?! ?(?:percent|%)) |
    (?<!was )(?<!were )(?<!was well )(?:below|under|above|over) (?:\$ ?\d{1,2}|(?:one|two|three|four|five
    |a) (?:dollars?|bucks?))(?: (?:a
    |per) share)?(?! ?[\d,]) |
    (?:hits|reaches|gets (?:up |down |back )?to|goes (?:up |down |back )?to|drops to|falls to|rises to
    |climbs to) \$? ?\d+(?:\.\d+)? |
    should (?:the (?:stock|price|shares|market)|astm|aastrom|shares|prices) |
    should (?:the|it|that|this|my)(?: \w+){0,3} (?:hit|reach|rise|fall|drop|climb|dip|exceed)(?: \w+){0,3} |
    otherwise (?:skip|let|leave|don'?t|do not|hold|wait|forget|no) |
    anything higher | at the (?:best|highest|lowest) price | best price |
    wait (?:for|until|till) (?:the|it|a) (?:price|dip|drop|low|peak|high|right|rebound) | for the right price |
    stays? (?:above|below|under|over) | comes in (?:under|below|at) |
    (?:limit|@|(?<!its )(?<!it's )(?<!is )(?<!was )at) \d?\.\d\d |
    (?:nothing|not(?: a share)?) (?:under|below|less than|beneath) (?:a|an|one|two|three|four|five|\$?\d) |
    (?<!started on astm )(?:sell|sold|buy|go|only|shares|stock|it) at (?:a|one|two|three|four|five) (?:dollars?|bucks?
    |ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|[a-z]+-five)(?! (?:hundred|thousand))(?: \w+)?
""")
_HANGING = cues(r"""
    if(?! (?:[.,;]|ever you)) \w+(?: \w+)? | only (?:if|when|once|at|below|under|above|in case) |
    (?<!you )(?<!as )(?<!form )(?<!was )(?<!is )(?<!be )provided(?: that)? (?:it|the|my|our|you|there|your|i|we|he|she
    |that)
    | providing that | unless(?! there) | in case (?:it|the) | as long as (?:it|the) | assuming |
    (?<!not )depend(?:s|ing|ent)? (?:on|upon) | contingent (?:on|upon) | subject to (?:the|a|my|our|his|her) |
    (?:when(?:ever)?|whichever|whatever|any) ?(?: ?\w+){0,2} (?:you|u|ya)(?: \w+){0,2} (?:think|thinks|feel|believe
    |judge|see fit|deem|like
    |consider|figure|reckon)(?: \w+){0,8} |
    (?:use|using|at|upon|on|trust) (?:your|ur) (?:best |own |good )?(?:judge?ment|discretion) |
    leave the (?:day|date|time|timing|moment|price|amount)(?: \w+){0,3}? to (?:you|your)(?: \w+)? |
    at (?:your|the company'?s) discretion | when the (?:time|moment) (?:is|looks|seems) (?:right|good|best|ripe) |
    you (?:folks )?(?:decide|pick|choose) (?:when|the (?:time|day|moment)) |
    think (?:the )?time is (?:best|right|good) |
    whenever (?:you(?! can|'re able| are able| get)|it(?! occurred)|the)(?: \w+){0,4} | best time |
    when (?:and|n) if(?: \w+){0,3} |
    should (?:the|it|that|this|my)(?: \w+){0,3} (?:get|go|come|clear|arrive)(?: \w+){0,3} |
    hold (?:it|them|the money|my money|off)?(?: and)? (?:till|until|and buy when)(?: \w+){0,3} |
    (?:when|once|after|as soon(?: as)?) (?:my|the|our) (?:refund|bonus|loan|tax|settlement|house
    |insurance)(?: \w+){0,3} (?:comes?|gets?|arrives?|clears?|closes?|pays?|is|goes) |
    (?:once|as soon(?: as)?) (?:my|our|the|he|she|they|it|i'?m|i am|i have|i get)(?: \w+){1,3} |
    until (?:i|we|it|the price|the stock) (?:hits?|have|has|reach\w*|own|gets?(?! back| home| out| well)) |
    in the event(?! of my) | on condition | (?<!for )(?:so|as) long as (?:i|we|my|he|she|they|there)(?! have been| need
    | can remember|'ve been| was) | pending (?:my|the|his|her)
""")
_IN_THE_PLAN = cues(r"""
    (?:once|as soon as|after) (?:i'?m|i am|we'?re|we are|i have|i've|my enrol?lment|the form|my form
    |the account)(?: \w+)?[ ](?:in|enrol?led
    |joined|signed up|a (?:member|participant)|in|done|set up|complete|open|through)
""")
"""Steps on the way into the plan, no conditions of anybody's."""
_CONSEQUENCE = re.compile(r",|\b(?:i'?ll|we'?ll|then)\b", re.IGNORECASE)
_UNDOING = cues(r"""
    forget | skip | don'?t | dont | do not | leave | hold | wait | cancel | keep | otherwise | go ahead | do it | let |
    it | order | purchase | sale
""")
_TELLS = cues(r"""
    say so | (?:tell|call|ring|phone|write|send|ask|notify) (?:me|us) | let (?:me|us) know | advise | drop me a |
    i'?ll[ ]
    (?:tell|write|call|send|sign|fill|let you) | you'?ll hear | shout | holler
""")
"""What somebody asks to be told if something is amiss, or will tell."""
_LATER = cues(rf"""
    next (?:{MONTHS}|year|week|spring|summer|fall|autumn|winter|quarter) | tomorrow |
    (?<!put )in (?:a|one|two|three|four|five|six|\d\d?) (?:weeks?|months?|years?) | in 20(?!00|01|02|03)\d\d |
    on (?:ash|good|holy|maundy|palm|easter|christmas|new|election|memorial|labor|columbus)(?: \w+)? exactly |
    (?:at the |the |by the )?(?:end|middle|beginning) of (?:{MONTHS}|the year|next) |
    later (?:this|in the) (?:month|year|spring|summer|fall|winter) | after (?:the )?(?:{MONTHS}) |
    {OFF_TO_LATER}
""")
"""Times that no slot holds; an order for one of them is not an order for now."""
_PAYING = cues(r"""
    checks? | cheque | mail(?:ed|ing)? | post(?:ed|ing)? | envelope | letter | forms? | arrive\w* | reach\w* | due |
    bursar | baby | tuition | rent | leav(?:e|es|ing) | back | wedding | surgery
""")
"""What comes later without the order's coming later: the check that pays it, or the reason for it."""
_HEAD = 12
"""A condition that begins the next sentence stands within so many characters of the act's own."""
_HARMLESS_INTENTS = frozenset({"cancel_order", "enroll"})
"""Only their own sentences are looked at, for they harm nobody."""
_REACH = 90


def is_conditional(text: str, intent: str) -> bool:
    """Whether it hangs on a price or on a time that no slot holds."""
    acts = _acts(text, intent)
    if intent in {"buy", "sell"} and any(_is_for_later(text[start:end]) for start, end in acts if acts):
        return True
    if names_a_price(text, intent):
        return True
    near = intent in _HARMLESS_INTENTS
    if any(not near or _is_within(match.start(), acts) for match in _LIMIT.finditer(text)):
        return True
    return any(_PRICED.search(clause) for clause in _hanging(text, intent, acts))


def hangs_on_something_else(text: str, intent: str) -> bool:
    """Whether it hangs on an event or on somebody's judgment, and not on a price, so that it may not be meant."""
    if intent not in _HARMLESS_INTENTS and leaves_open(text):
        return True
    return any(not _PRICED.search(clause) for clause in _hanging(text, intent, _acts(text, intent)))


_PLAINLY = cues(r"""
    in the event(?! of my) | (?<!me )(?<!us )only (?:if|when) | on condition | contingent (?:on|upon) |
    provided (?:that )?(?:it|the|my|our|you|your|he|she|they|i|we) | if and only if |
    unless (?:it|the|he|she|they|my|i) |
    whichever day[\w ]{0,30} (?:judge|think|best|like|see fit) | in your (?:own |best |good )?judge?ment |
    (?:and|then) (?:then )?the (?:rest|remainder|others) (?:in|on|next|later|after|when) |
    rather (?:it|you|they|that) (?:did not|didn'?t|not) |
    hold off (?:until|till) | wait for my (?:go[- ]?ahead|word|call|ok|okay|signal|say) | sleep on it |
    (?:do not|don'?t) (?:do|process|enter|act on) (?:anything|it|this|that)(?: \w+){0,2}? (?:until|till|before) |
    (?:done|sold|bought|processed) (?:until|till|before) (?:the|my|our|i|we|he|she|they) |
    (?:until|till|before) (?:i|we)(?:'ve| have)? (?:called?|spoken|speak|talked?|decided?) |
    in (?:january|february|march|april|may|june|july|august|september|october|november|december)[ ]
    and [\w$,. ]{1,25} in (?:january|february|march|april|may|june|july|august|september|october|november|december)
""")


def is_plainly_conditional(text: str, intent: str) -> bool:
    """Whether the act's own sentence, or the head of the next, names a condition that nothing can talk away."""
    acts = _acts(text, intent)
    if names_a_price(text, intent) or any(_is_within(match.start(), acts) for match in _LIMIT.finditer(text)):
        return True
    return any(_is_within(match.start(), acts) for match in _PLAINLY.finditer(text))


def _acts(text: str, intent: str) -> list[tuple[int, int]]:
    """The sentences that speak of the act, or all of the text where none does."""
    found = [match.span() for match in SENTENCE.finditer(text) if speaks_of(match.group(), intent)]
    return found or [(0, len(text))]


def _is_within(at: int, acts: list[tuple[int, int]]) -> bool:
    return any(start <= at < end + _HEAD for start, end in acts)


def _is_for_later(sentence: str) -> bool:
    for match in _LATER.finditer(sentence):
        if sentence[match.end() : match.end() + 2] == "'s":
            continue
        if not _PAYING.search(sentence[max(0, match.start() - 40) : match.start()]):
            return True
    return False


def _hanging(text: str, intent: str, acts: list[tuple[int, int]]) -> Iterator[str]:
    """Each condition of the act's own sentence, or at the head of the next, as far as it goes."""
    for match in _HANGING.finditer(text):
        said = match.group().lower()
        if not _is_within(match.start(), acts) or _is_courtesy(text, match.start()):
            continue
        if _TELLS.search(text[match.start() : match.start() + _REACH].split(".")[0]):
            continue
        if _has_its_own_consequence(text, match.start(), acts):
            continue
        if intent == "recurring" and said.startswith(("until", "hold", "as long", "so long")):
            continue  # how long a pause or a stop is to last, or a deduction to run
        end = re.search(r"[.!?](?!\d)|\n\n|$", text[match.start() : match.start() + _REACH])
        yield text[match.start() : match.start() + (end.start() if end else _REACH)]


def _has_its_own_consequence(text: str, at: int, acts: list[tuple[int, int]]) -> bool:
    """Whether the condition heads a sentence that is not the act's, and says itself what follows from it."""
    if any(start <= at < end for start, end in acts):
        return False
    rest = re.match(r"[^.!?\n]*", text[at:])
    return bool(rest and _CONSEQUENCE.search(rest.group()) and not _UNDOING.search(rest.group()))


def _is_courtesy(text: str, at: int) -> bool:
    begin = max(0, at - 25)
    stretch = text[begin : at + 60]
    return any(
        other.start() <= at - begin < other.end()
        for pattern in (_COURTESY, _WHETHER, _IN_THE_PLAN)
        for other in pattern.finditer(stretch)
    )
