"""What is asked of the monthly deduction: that it start, stop, rest, go on or change; one table of cues each."""

from __future__ import annotations

import re

from bot.language.text import cues

CHANGES = frozenset({"start", "stop", "pause", "resume", "change"})
"""What can be asked of the monthly deduction."""
_THING = (
    r"(?:deduct\w*|deducsh\w*|debit\w*|draft\w*|withdraw\w*|drawing|draws?|pulls?|pulling|monthly|months?|auto\w*"
    r"|recurring"
    r"|standing|regular|taking|purchases?|buys?|buying|invest\w*|contribut\w*|payments?|installments?|sum|arrangement"
    r"|authori[sz]ation|mandate|option|feature)"
)
"""Words for the deduction itself."""
_WORDS = r"(?:[ ][\w'$,./-]+)"
_NUMBER = (
    r"(?:(?:us|usd|about|only|just|an even|even|around|exactly|the|a flat|a|an"
    r"|full)[ ]){0,3}(?:\$[ ]?)?(?:\d[\d,.]{0,11}(?:k|oo?)?"
    r"|half[ ]a[ ](?:grand|thousand)|grand|thousand|hundred|(?:one|two|three|four|five|six|seven|eight|nine|ten"
    r"|eleven|twelve"
    r"|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety)\b)"
)
"""What a sum of money begins with."""
_ALTERING = (
    r"(?:raise|increase|lower|reduce|decrease|change|bump|push|adjust|cut|drop|bring"
    r"|(?<!me )(?<!us )(?<!it )(?<!set )(?<!sign )(?<!go )up|move|switch|amend|alter|double|triple"
    r"|halve|knock|revise|nudge|boost|scale|trim|hike|modify|update|reset|dial|ratchet|shave|step|lift|kick|crank"
    r"|jack|make"
    r"|(?:set|put)(?=[ ](?:it|my|our|mine|that|us)\b(?! up))|go)(?:s|d|ed|ing|ping|ting|p?ped)?"
)
_NEW_SUM = re.compile(
    rf"(?<![\w'])(?:{_ALTERING}(?:[,:]?{_WORDS}){{0,9}}?,?[ ](?:to|down to|up to|back to|by|at|should be"
    rf"|-+ make it)[ ]{_NUMBER}"
    rf"|{_ALTERING}{_WORDS}{{0,2}}?[ ](?:(?:my|our|the"
    rf"|that)[ ])?{_WORDS}{{0,3}}?[ ]?{_THING}(?:{_WORDS}){{0,2}}?[ ]{_NUMBER}"
    rf"(?=[ ](?:going forward|from now|from here|instead|not|now)|[.,;!?]|\s*$)"
    rf"|from[ ]{_NUMBER}(?:{_WORDS}){{0,4}}?[ ](?:up |down )?to[ ]{_NUMBER}"
    rf"|{_THING}(?:{_WORDS}){{0,4}}?[ ](?:should be|(?:is|are) to be|goes (?:up |down |back )?to|becomes)[ ]{_NUMBER}"
    rf"|{_NUMBER}(?:{_WORDS}){{0,3}}?,?[ ](?:(?:and )?not|instead of|rather than|in place of|up from"
    rf"|down from)[ ](?:the[ ])?{_NUMBER}"
    rf"|new (?:figure|amount|sum)(?:{_WORDS}){{0,2}}?:?[ ]{_NUMBER})",
    re.IGNORECASE,
)
"""A new sum for what stands: "drop my monthly from 700 to 480"; whatever its verb, it is no stop."""
_STOP = cues(r"""
    (?:stop|end|quit|discontinue|cancel|terminate|cease|halt|revoke|kill|turn off|turned off|shut off|take off
    |drop)(?:ping|ing)?(?: [\w']+){0,6}? (?:deduct\w*|debit\w*|drafts?|drafting|withdraw\w*|monthly|auto\w*
    |taking|payments?|pull\w*|recurring|bank|sum|purchases|drawing|charging|investment|money) |
    (?:deduct\w*|debits?|drafts?|withdrawals?|monthly|auto thing)(?: [\w']+){0,4}? (?:stopped|ended|discontinued
    |turned off|cancelled|canceled|terminated|off before) |
    no more (?:deduct\w*|debits?|drafts?|withdraw\w*|monthly) |
    done w(?:ith|/)? (?:the )?(?:auto|monthly|deduct)\w* | quit taking | stop (?:it|them|taking|this|drafting) |
    can't have money going out | (?:do not|don'?t|dont|never) (?:take|draw|deduct|debit
    |pull)(?: out)? (?:me )?(?:another
    |any ?more|one more|an? (?:cent|penny|dime|nickel)|anything|a single) |
    (?:stop|end|discontinue|cease|revoke|terminate|cancel|quit)(?:s|ping|ing)?,?(?: [\w',-]+){0,8}? (?:taken|drawn
    |pulled
    |debited|deducted|authori[sz]ation|mandate|taking|standing order|arrangement) |
    (?:shut|turn|switch|knock)(?:ed|ing)? (?:it|this|that|them|the thing) off | (?:deduct\w*|debits?|drafts?|monthly
    |withdrawals?|automatic\w*)[^.!?\n]{0,40}[.!?,;]? (?:please )?(?:end|stop|cancel|kill|quit) (?:it|them|that
    |this)(?=[.,!;]|$
    | please| now| at once| right) |
    (?:through|done|finished) with (?:the )?(?:auto\w*|monthly|deduct\w*|drafts?|debits?) |
    (?:deduct\w*|debits?|drafts?|draft|monthly|automatic\w*)(?:,? [\w']+){0,4},? (?:off|to (?:stop|end)|(?:should|must
    |is to|are to) (?:stop|end|cease)|no more|no longer) |
    kill(?: [\w']+){0,3} (?:pull|auto\w*|monthly) |
    pull the plug | (?:stop|end|quit|cancel|kill|cease) (?:my|our|the|that|this|taking|pulling
    |drawing)(?: [\w'$,.]+){0,4}? (?:a|each|every|per) month |
    (?:(?:like|want|wish|let me|get me) out of|no longer (?:wish|want|care)|wind(?:ing)? (?:down|up)
    |finish)(?: [\w']+){0,4}? (?:deduct\w*|debit\w*|drafts?|monthly|auto\w*|recurring|withdraw\w*|drawn|taken|pulled) |
    let(?: [\w']+){1,5} (?:lapse|expire|run out) |
    lose (?:the|my|this|that)(?: [\w']+){0,2}? (?:deduct\w*|debits?|drafts?|monthly|auto\w*) |
    (?:switch|shut|turn|cut)(?:ed|ing)? off(?: [\w']+){0,4}? (?:auto\w*|deduct\w*|debit\w*|drafts?
    |monthly
    |recurring|withdraw\w*|purchases?|payments?|pulls?|feature|option|investing) |
    (?:nix|axe|scrap|ditch|scratch|do away with|get rid of|call off|wind up|put an end to|put a stop to
    |opt (?:me )?out of|take me off|get me off|remove me from|un-?enroll me from|disenroll me from)(?: [\w']+){0,4}?
    (?:[ ](?:auto\w*|deduct\w*|debit\w*|drafts?|monthly|recurring|withdraw\w*|purchases?|payments?|pulls?|taking
    |buys?)) |
    (?:cancel|end|drop|stop)(?: [\w']+){0,4}? (?:feature|option|buys?|buying|investing|auto[- ]?invest\w*) |
    (?:deduct\w*|debits?|drafts?|withdrawals?|monthly|auto\w*|recurring|taking|purchases?
    |pulls?)(?: [\w']+){0,4}? (?:finished
    |ceased|terminated|halted|done away with|shut down|cut off|discontinued|ended)
""")
_STOP_IT = re.compile(
    r"\b(?:please|pls|plz|kindly|must|have to|need to|want to|like to|ask you to)\s+(?:stop|quit|end|discontinue|cease)"
    r"(?=\s*(?:[.!,;]|$|now\b|for\b|all\b|please\b|these\b|everything\b))|"
    r"(?:^|[.!?,;:]\s+|\b(?:please|pls|so|and|must|to)\s+)(?:please\s+)?(?:end|stop|cancel|kill|quit|drop"
    r"|cease)\s+(?:it|them|this|that)"
    r"(?=\s*(?:[.!,;]|$|\n|please\b|now\b|pls\b))",
    re.IGNORECASE,
)
"""A stop of what the sentences before it name."""
_PAUSE = cues(r"""
    (?<!when you\s)(?<!after you\s)(?<!had you\s)(?:pause|suspend|freeze)(?: [\w']+){0,5} |
    (?:put|putting|hold|keep|place)(?: [\w']+){0,6}? (?:on (?:hold|pause|ice|the shelf|the back burner)|in abeyance) |
    put it on hold | (?:put|place|putting) a (?:hold|freeze) on | hit (?:the )?(?:brakes|pause) |
    (?:miss|omit) (?:a|one|this|next)(?: \w+)? (?:month|deduct\w*|debit|draft|payment|purchase|time) |
    miss a month |
    hold (?:my|our|the|this|next)(?: [\w']+){0,2}? (?:deduct\w*|debits?|drafts?|withdrawals?|purchases?|payments?) |
    (?<!had you\s)(?<!you\s)hold off(?: on)? |
    (?-i:[Ss]kip|SKIP)(?:ping)? (?:my|our|the|a|an|any|every|each|one|two|this|that|next|it|me|them|just
    |over|jan\w*|feb\w*
    |mar\w*
    |apr\w*|may
    |june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|deduct\w*|debits?|drafts?)(?: [\w']+){0,4} |
    (?:take|takes|taking|have|need|want|give)(?: [\w']+){0,5}? (?:a |some )?(?:break|breather|rest|breathing spell
    |holiday
    |time off|hiatus|vacation) (?:from|till|until|for|please|now) |
    (?:give|let)(?: [\w']+){0,5}? (?:a|some) (?:little |short |long )?(?:rest|break|breather|holiday) |
    (?:take|takes|taking) a (?:break|breather
    |rest) |
    leave out (?:next|this) month | on hold from there | pass over (?:me|us|my|our|this|next) | sit (?:out
    |this one out) |
    lay off(?: [\w']+){0,4}? (?:for|till|until) | (?:suspended|paused|frozen)(?= (?:for|till|until|from|effective)) |
    (?:deduct\w*|debits?|drafts?|withdrawals?|monthly|auto\w*|purchases?)(?: [\w']+){0,3}? (?:be|to be|get) (?:suspended
    |paused|frozen|halted for|stopped for)
""")
_RESUME = cues(r"""
    (?:turn|turned|switch|put)(?: [\w']+){0,4}? back on |
    (?:resume|restart|reinstate|re-start|reactivate)(?: [\w']+){0,5} |
    put (?:me|us|it|them) back on(?! hold| pause)(?: [\w']+){0,4} | (?:unpause|un-pause|unfreeze)(?: [\w']+){0,4} |
    (?:begin|take|have|let|get)(?: [\w']+){0,4}? (?:again|back up|anew|running again|rolling again) |
    take up(?: [\w']+){0,4} again | pick(?:ing)? (?:back )?up(?: [\w']+){0,5} | back on track |
    start(?:ing)?(?: [\w']+){0,3}? (?:back up|again|up again) |
    pick back up |
    back on again | going again
""")
_CHANGE = cues(r"""
    (?:raise|increase|lower|reduce|decrease|change|bump|push|adjust|cut|drop|bring|up|move|switch|amend|alter
    |double|make)d?(?:ing)?(?: up| down)? (?:it|them|us|me|(?:my|our|the|that)(?: [\w'$,.]+){0,5}?
    |monthly(?: [\w'$,.]+){0,3}?)(?: up| down| back)*(?: from [\w'$,. ]{1,30})? (?:to|down to|up to|by) |
    (?:raise|increase|lower|reduce|bump up) (?:my|our|the|it|us|monthly)(?: \w+){0,3} |
    (?:be|get) (?:increased|raised|lowered|reduced|changed)(?: to)? | amount changed | needs to come down |
    bring (?:it|our|my)(?: \w+){0,2} (?:down|up|to) | make (?:it|them|that) (?:\$ ?)?[\d,]+ |
    change (?:my|our|the|monthly)(?: \w+){0,3} | different (?:day|date) | take my usual amount on | lower it |
    (?:dollars|a month|month) (?:more|less) (?:per|a|each) month | make it [a-z]+ hundred(?: [a-z]+)? |
    up my monthly | drop my monthly | (?:needs to|has to|must|should|is to|to|will) change | change is |
    (?:raise|lower|nudge|bump|scale|trim|boost|shave|dial|cut|double|halve|triple|increase|reduce)(?:d|ing)?(?: up
    | down| back)?
    (?:[ ](?:what|it|my|our|the|that|us|me))(?: [\w']+){0,5} | too much(?: [\w']+){0,6}? lower |
    (?:take|draw|pull|deduct|debit)(?: [\w']+){0,3}? (?:less|more)(?: [\w']+){0,3}? (?:month|time)
""")
_START = cues(r"""
    (?:start|begin|commence|set(?:ting)?(?: me| us)? up|set (?:it|this|that) up|sign(?: me| us)? up|put me on
    |put us on|establish|initiate|arrange|open|get)(?:ing)?(?: [\w'$,.]+){0,8}? (?:deduct\w*|debit\w*|drafts?
    |withdraw\w*|monthly|month|auto\w*|taking|purchases?|pull\w*|recurring|standing) |
    (?:take|deduct|draw|debit|pull|withdraw|invest)(?: out)?(?: [\w'$,.]+){1,7}? (?:a|each|every|per) month |
    (?:deduct|draw|debit|take) (?:[\w'$,.]+ ){1,4}?monthly | be on automatic deduction | rather be on |
    start please | drawn (?:out|monthly) | cause to be drawn | a month (?:drawn|taken|pulled) | shall be drawn |
    set it up | set that up | you may begin | (?:pls|please) (?:begin|start) | (?:sign|put|get|hook|enroll?
    |enter) (?:me|us)
    (?:[ ](?:up|in|on|onto|down|into|started|going))(?: [\w'$,.]+){0,6}? (?:auto\w*|deduct\w*|debit\w*|drafts?|monthly
    |month
    |withdraw\w*|recurring|autopilot) |
    (?:want|like|wish)(?: to)?(?: (?:do|use|have|go|get|try|be|join|make))?(?: [\w'$,.]+){0,3}? (?:automatic\w*|auto
    |deduct\w*
    |debit\w*|drafts?)(?! (?:stop|off|end))
""")


_DENIED = cues(r"""
    (?:neither|nor|not|never|no|don'?t|didn'?t|won'?t)(?: \w+){0,2}? (?:to )?(?:stop|paus|end|quit|cancel|suspend
    |start|begin|chang|rais
    |lower)\w*
    | (?:stop|end|quit|cancel|pause|suspend|raise
    |lower)(?: [\w']+){0,3},? (?:no,? |oops,? |sorry,? |wait,? )+(?:wrong word
    |not that|i mean[st]?|rather|make that) | (?:stop|pause|end|cancel)(?: [\w']+){0,3}\W{1,4}no,? sorry
""")
"""A change that is denied or taken back in the same breath: it is not asked for."""


_ORDERED_START = re.compile(
    r"(?:(?:^|[.!?]\s+)(?:so\s+|now\s+|and\s+)?|\b(?:please|pls|kindly)\s+)"
    r"(?:start|begin|commence|set up|take|deduct|draw|debit|pull)\b(?!\s+(?:no|nothing|it off))",
    re.IGNORECASE,
)
"""A start with a sum of its own; beside a stop both stand, and the sender is asked."""
_LEFT_OFF = re.compile(r"\bwhere\s+(?:you|we|i|it|they)\s+(?:was\s+|were\s+)?(?:left|cut)\s+off\b", re.IGNORECASE)
"""A stop that is over."""
_PARAGRAPH = re.compile(r"\n\s*\n")
"""Nothing is read across: a subject line ends no sentence."""
_ARRANGED = cues(r"""
    (?:each|every|per|a) month | (?<!my\s)(?<!our\s)(?<!the\s)monthly |
    (?<!my\s)(?<!our\s)(?<!the\s)(?<!your\s)automatic(?:ally)?
""")
_ENDS_SOMEHOW = cues(r"""
    (?:stop|end|quit|ceas|cancel|halt|finish|revo[ck]|terminat|discontinu|kill|drop|suspend|paus|hold|skip|freez
    |unenroll)\w* |
    off | out | through with | done | no more | no longer | rest | break | breather | enough | not? | never | don'?t
    | do not | without | plug | scrap | axe | nix | leave\w* | lapse | afford | brakes | lose | miss | how | what |
    when | can i | could i | does | question
""")
"""Words beside which a deduction that is spoken of is not plainly asked for."""


def recurring_topics(text: str, *, has_monthly_amount: bool = False) -> frozenset[str]:
    """What is asked of the monthly deduction; more than one only where the text really asks more than one.

    Words on how it will go on later ("until I say so", "then back to normal")
    do not count against a pause or a stop.
    """
    text = _LEFT_OFF.sub("", text)
    text = _DENIED.sub(" ", _PARAGRAPH.sub(" . ", text.strip()).replace("\n", " "))
    without_sums = _NEW_SUM.sub(" ", text)
    found = {
        name
        for name, pattern in (
            ("stop", _STOP),
            ("pause", _PAUSE),
            ("resume", _RESUME),
            ("change", _CHANGE),
            ("start", _START),
        )
        if pattern.search(without_sums if name in {"stop", "pause"} else text)
    }
    if without_sums != text:
        found.add("change")
    if not has_monthly_amount and not found & {"stop", "pause", "change"} and _STOP_IT.search(text):
        found = {"stop"}
    if "pause" in found:
        return frozenset({"pause", "start"} if has_monthly_amount else {"pause"})
    if (
        "stop" in found
        and found & {"resume", "start"}
        and not re.search(r"\b(?:new|instead|then start|and start)\b", text, re.IGNORECASE)
        and not (has_monthly_amount and _ORDERED_START.search(text))
    ):
        found -= {"resume", "start"}
    if "resume" in found:
        found -= {"start"}
        if "change" in found and not has_monthly_amount:
            found -= {"change"}
    if "change" in found:
        found -= {"start"}
    if not found and (has_monthly_amount or (_ARRANGED.search(text) and not _ENDS_SOMEHOW.search(text))):
        found = {"start"}
    return frozenset(found)
