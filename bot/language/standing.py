"""Whether an act is put as an order: what stands before its verb in its own clause.

"Please sell", "I would like to sell" and "and sell" order; "cost to sell",
"I'd hate to sell" and "my broker says sell" do not. Only words known to order
may stand between the verb and its subject or the beginning of its clause, so
that whatever is not known is asked about. An act without a verb of its own
("$500 again please") is left to the cautions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.language.acts import has_act
from bot.language.text import cues

_VERBS: Mapping[str, re.Pattern[str]] = {
    "sell": cues(r"""
        sell(?:ing)? | liquidat(?:e|ing) | unload(?:ing)? | dump(?:ing)? | dispos(?:e|ing) of | redeem(?:ing)? |
        get(?:ting)? rid of | let(?:ting)? go of | cash(?:ing)? (?:me |us |it )?(?:in|out)
    """),
    "buy": cues(r"""
        buy(?:ing)? | invest(?:ing)? | spend(?:ing)? |
        (?<!the )purchas(?:e|ing)(?= (?:me|us|for|some|more|another|an|additional|stock|shares|aastrom|astm|up|with
        |of|\$
        |usd|\d|common|newly)) | make (?:it|that)(?= \$| \d| an?| usd| another) |
        put(?:ting)?(?= (?:me|us|in|another|an|a|my|our|the|this|\$|usd|\d|it|down|about|up))
    """),
    "recurring": cues(r"""
        start(?:ing)? | stop(?:ping)? | quit(?:ting)? | raise | lower | change | pause | increase | reduce |
        suspend | resume | skip | discontinue | begin | set | bump | cut | halt | terminate | put | cancel |
        end(?! of) |
        turn | take | taking | deduct | draw(?= \$| \d| it| from) | pull | restart | reinstate | make | bring |
        drop | keep | increasing | upping | raising | lowering | pausing | hold off
    """),
    "withdraw": cues(r"""
        clos(?:e|ing) | terminat(?:e|ing) | leav(?:e|ing) | quit(?:ting)? | exit(?:ing)? | end(?! of the) |
        drop(?:ping)? |
        withdraw(?:ing)? | resign(?:ing)? | cancel | remove | unenrol?l | discontinue | opt(?:ing)? out | strike |
        shut | take(?= me| us| my| our) | finish | let (?:me|us) out | count (?:me|us) out
    """),
    "cancel_order": cues(r"""
        (?<!late to )cancel(?:l?ing)? | cancle | scrap | kill | void | cxl | revok(?:e|ing) | rescind(?:ing)? |
        (?<!possible to )undo | withdraw(?:ing)? | call(?:ing)?(?: (?:it|this|that|(?:my|the) order))? off |
        tak(?:e|ing)(?: (?:it|that|this|(?:my|the) (?:order|sale)))? back | disregard | nix | retract(?:ing)? | scrub |
        scratch | (?<!make it )stop(?! payment) | pull(?:ing)? | (?<!let it )(?<!let that )drop | strike | block |
        delete | shred | halt | tear up | rip up | abort | unwind | back out
    """),
    "enroll": cues(r"""
        (?<!finish )enrol?l?(?:ing)? | (?<=be )enrol?led | sign(?:ing)?(?= (?:me|us|up|my)) | join(?:ing)? |
        participat(?:e|ing) | tak(?:e|ing) part | enlist |
        (?:register|add|count|admit|enter|put|get|let)(?= me| us) | become(?= (?:an? )?(?:member|participant|part))
        | make(?= (?:me|us) (?:an? )?(?:members?|participants?|part))
    """),
}  # fmt: skip
"""The verbs whose standing decides, by intent; other intents are not looked at."""

_WISHES = frozenset(
    """
    like want wana wanna wish need desire prefer elect choose ask elects wishes requests desires directs instructs
    asking request requesting direct instruct authorize
    authorise order decided please pls plz plse kindly must gotta ready wanting wishing decision instruction love
    instructions obliged grateful appreciate trouble hereby have gotta application apply applying
    """.split()
)
"""Words of wishing; an infinitive ("to sell") needs one before it, and so does a verb with "I"."""
_PASSED = _WISHES | frozenset(
    """
    to you u ya that will would can cud could may do go ahead and then now also just simply really very much me us
    again once more today at this here both for the plan program aastrom dspp my it it's is so be of us a an
    am are have good kind enough someone somebody folks either first second third next nxt finally lastly instead
    same as well ok okay yes yep yeah hi hello hey dear sir madam gentlemen ladies friends team all there thanks
    let's lets only still immediately promptly month week our your attention special effective happy pleased glad
    early late id d m re ll s formally respectfully hope one thing fully use money account
    automatic auto monthly deduction debit should from on in by with starting beginning effective onward henceforth
    yall y'all oops ugh sorry lol um uh hm hmm err anyway anyhow accordingly ie participation membership
    n up off way thought thoughts better find set hon honey pal guys everyone
    dollars bucks shares hundred thousand hundreds one two three four five six seven eight nine ten eleven twelve
    thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
    january february march april june july august september october november december
    """.split()
)
"""Words that may stand between the verb and its subject or the beginning of its clause."""
_MEANS = frozenset("use apply take debit draw spend".split())
"""Verbs of the means, at the head of a clause: "use $500 to buy" orders as much as "buy"."""
_BEFORE_NOUNS = frozenset(
    "a an the my our your next this that no any another last time pending monthly got upcoming coming".split()
)
"""Words after which "buy", "raise", "cut" and the like are nouns, and order nothing."""
_ALSO_NOUNS = frozenset(
    "buy purchase start stop raise change pause increase cut end draw pull drop put set turn bump exit close".split()
)
_ALSO_NOUNS |= {"cash in", "cash out"}
_OTHERS = frozenset("you u they he she who it they'd he'd she'd you'd they'll he'll she'll you'll".split())
"""Subjects that make a telling of what would otherwise be an order: "they put me down for $300"."""
_SUBJECTS = frozenset("i we undersigned i'd we'd i'm we're i'll we'll im i've we've".split())
_PLEASE = frozenset("please pls plz plse kindly".split())
"""Words that begin an order even where no stop stands before them."""
_ACTING_NOW = frozenset("am are i'm we're im m re be".split())
_JOINTS = frozenset("and n so then but also plus therefore & because since".split())
_DOUBTING = frozenset(
    """
    if when whenever should had were whether what how why where before until till says said told tell think thought
    know wonder do did does can could may might must shall will would was once unless until who which not never or
    either no say suppose case mistake
    """.split()
)
"""Words before the subject that take its wish back or put it as a question."""
_NO_RUN_ON = _OTHERS | _DOUBTING | frozenset("to or than rather cannot can't anyone nobody reason".split())
"""Words before a verb done to "me" or "my" that keep it from being an order run on."""
_NO_PLEA = _OTHERS | _DOUBTING | frozenset("asked asks begged wanted wants ask".split())
"""Words before a "please" that make it somebody else's."""
_TELLING = _SUBJECTS | frozenset("he she they who".split())
_REPORTED = re.compile(
    r"(?<!as i )\b(?:said|says|told|tells|wrote|writes|reads|yelled|insists?)\b[^.!?\n]{0,60}[,:]\s*(?:please\s+)?$",
    re.IGNORECASE,
)
"""Speech that is only told of, up to the verb."""
_EXCEPTING = frozenset("anything nothing everything".split())

_BY_THE_WORD = frozenset("withdraw quit resign terminate close cancel revoke rescind retract void".split())
"""Verbs that are done by saying "I" before them."""
_POLITE = cues(r"""
    (?:(?:i|we)(?:'d| would| should) be )?(?:obliged|grateful|appreciate(?: it)?|thankful|kind|nice|great|wonder(?:ing)?
    |glad|pleased|happy)(?: very much| indeed)? (?:if|whether) (?:you|somebody|someone)(?:'d| would| could| can)? |
    any (?:chance|way) (?:of )?(?:you|u|that you)(?: could| can| would)? |
    (?:might|may|could|can) (?:i|we) (?:trouble|ask|bother|get) (?:you|u) |
    (?:can|could|would|will|cud|can't|couldn't|won't|wouldn't) (?:you all|you|u|ya|yall|y'all) |
    why (?:don't|dont|not) you | (?:so )?(?:what|all) (?:i|we)(?: do)? (?:need|want|ask)(?: from you| of you)? is(?: to
    | for you to)? |
    (?:all|what) (?:i|we) (?:want|wanted) to say (?:is|was) |
    (?:is it|would it be|is it still) possible to(?= cancel| stop| withdraw| take back| call| scrap) |
    (?:i'?m|i am|we're|we are) (?:now |also |today )?(?:mailing|sending|enclosing)(?: you| in| along)*(?: an?| my| our
    | the)(?: \w+)? (?:check|cheque) (?:for|of) \$?[\d,.]+(?: dollars| bucks)?(?: today| with this)?(?= to) |
    (?:take|consider|regard|treat|accept|deem) this(?: \w+)?(?: as)? my (?:\w+ )?(?:request|application|wish)(?= to ) |
    (?:would you|you'd|do you|if you don't)(?: \w+)? mind | mind(?= putting| selling| buying| stopping| closing)
""")
"""Questions and conditions in form that order all the same."""

_ASIDE = cues(r"""
    (?:where|as|how) (?:they|it|things)(?:'re| are|'s| is) |
    (?<=order )(?:that )?(?:i|we) (?:put in|sent(?: in)?|placed|mailed|made|gave|have in) |
    (?<=buy )(?:i|we) (?:put in|sent(?: in)?|placed|made) | (?<=sale )(?:i|we) (?:put in|sent(?: in)?|placed|made) |
    (?<=purchase )(?:i|we) (?:put in|sent(?: in)?|placed|made)
""")
"""What only says which thing is meant: "leave the shares where they are and", "take back the buy i put in and"."""
_THE_REST = re.compile(r"\s+(?:the (?:rest|remaining|others?)|it all|everything)\b", re.IGNORECASE)
_OBJECT = re.compile(r"\s+(me|us|my)\b", re.IGNORECASE)
_OBJECT_CANCELLED = re.compile(r"\s+(my|our|that|this|the|it)\b", re.IGNORECASE)
_WORD = re.compile(r"[\w'&]+")
_BREAK = re.compile(r"[.,](?!\d)|[!?;:\n()\[\]*>]|\s-+\s|--")
_IN_QUOTES = re.compile(r'"[^"\n]{0,300}"')
_REACH = 140


def is_ordered(text: str, intent: str) -> bool:
    """Whether a verb of `intent` stands as an order in `text` (as `plain` gives it); True where it has none at all."""
    pattern = _VERBS.get(intent)
    if pattern is None:
        return True
    spoken = _IN_QUOTES.sub(lambda match: " " * len(match.group()), text)
    found = list(pattern.finditer(spoken))
    if not found:
        return not pattern.search(text)
    verbs = [match for match in found if not _is_a_noun(spoken, match) and not _spares_the_rest(spoken, match)]
    return not verbs or any(_orders(spoken, match, intent) for match in verbs)


def has_order(text: str, intent: str) -> bool:
    """Whether `intent` is asked for in `text` by a verb that stands as an order."""
    pattern = _VERBS[intent]
    spoken = _IN_QUOTES.sub(lambda match: " " * len(match.group()), text)
    return has_act(spoken, intent) and any(
        _orders(spoken, match, intent) and not _is_a_noun(spoken, match) for match in pattern.finditer(spoken)
    )


def _is_a_noun(text: str, verb: re.Match[str]) -> bool:
    words = _clause_before(text, verb.start())
    return verb.group().lower() in _ALSO_NOUNS and bool(words) and words[-1] in _BEFORE_NOUNS


def _spares_the_rest(text: str, verb: re.Match[str]) -> bool:
    """Whether it only bounds another order: "230 shares go, do not sell the remaining ones"."""
    words = _clause_before(text, verb.start())
    return words[-1:] in (["not"], ["don't"], ["dont"]) and bool(_THE_REST.match(text, verb.end()))


def _orders(text: str, verb: re.Match[str], intent: str) -> bool:
    """Whether only words of ordering stand before `verb`, or it bears on the speaker in a sentence run on."""
    if _REPORTED.search(text, max(0, verb.start() - _REACH), verb.start()):
        return False
    words = _clause_before(text, verb.start())
    first = verb.group().lower().split()[0]
    if first.endswith("ing"):
        return _is_under_way(words)
    if first in _BY_THE_WORD and _without_now(words)[-1:] and _without_now(words)[-1] in _SUBJECTS:
        return not _DOUBTING & set(words)
    done_to = _OBJECT_CANCELLED if intent == "cancel_order" else _OBJECT
    return _is_led_up_to(words) or _is_run_on(words, done_to.match(text, verb.end()))


def _without_now(words: Sequence[str]) -> Sequence[str]:
    """`words` without a "now" or "hereby" at their end."""
    return words[:-1] if words[-1:] in (["now"], ["hereby"]) else words


def _is_led_up_to(words: Sequence[str]) -> bool:
    """Whether only words of ordering stand between a verb and its subject or the beginning of its clause."""
    wished = meant = False
    for at in range(len(words) - 1, -1, -1):
        word = words[at]
        if word in _JOINTS and (wished or words[at + 1 : at + 2] != ["to"]):
            return _is_led_by(word, words[:at], wished or meant)
        if word in _SUBJECTS:
            return wished and not _DOUBTING & set(words[:at])
        if word not in _PASSED and word not in _MEANS and not word[0].isdigit():
            return at + 1 < len(words) and words[at + 1] in _PLEASE and not _NO_PLEA & set(words[: at + 1])
        wished = wished or word in _WISHES
        meant = word in _MEANS
    return wished or meant or "to" not in words


def _is_run_on(words: Sequence[str], done_to: re.Match[str] | None) -> bool:
    """Whether a verb done to "me" or "my" follows a statement without a stop between: "overtime got cut put me down".

    Nobody does such a verb to themself, so that only another subject could take it from being an order.
    """
    if done_to is None:
        return False
    is_person = done_to.group(1).lower() in {"me", "us"}
    return not (_NO_RUN_ON | (frozenset() if is_person else _SUBJECTS)) & set(words)


def _is_led_by(joint: str, words: Sequence[str], wished: bool) -> bool:
    """Whether what stands before a joint lets an order follow: no "anything but", no tale of what somebody will do."""
    if joint == "but" and words and words[-1] in _EXCEPTING:
        return False
    if joint in {"and", "n", "then", "&"} and not wished:
        return not _TELLING & set(words) or bool(_WISHES & set(words))
    return True


def _is_under_way(words: Sequence[str]) -> bool:
    """Whether a verb in -ing after `words` tells of what is being done now: "I am leaving", "selling 300 please"."""
    rest = [word for word in words if word not in {"now", "just", "only", "also", "hereby", "and", "then", "therefore"}]
    if "so" in rest:
        rest = rest[len(rest) - rest[::-1].index("so") :]
    if not rest or rest == ["please"] or rest[-1] == "notice":
        return True
    return rest[-1] in _ACTING_NOW and not _DOUBTING & set(rest)


def _clause_before(text: str, start: int) -> list[str]:
    stretch = text[max(0, start - _REACH) : start]
    cut = max((match.end() for match in _BREAK.finditer(stretch)), default=0)
    return [word.lower() for word in _WORD.findall(_ASIDE.sub("here", _POLITE.sub("please", stretch[cut:])))]
