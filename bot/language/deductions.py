"""What is asked of the monthly deduction: that it start, stop, rest, go on or change; one table of cues each."""

from __future__ import annotations

import re

from bot.language.text import cues

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
    kill(?: [\w']+){0,3} (?:pull|auto\w*|monthly)
""")
_PAUSE = cues(r"""
    (?<!you\s)(?:pause|suspend)(?: [\w']+){0,5} | (?:put|putting|hold)(?: [\w']+){0,6}? on (?:hold|pause) |
    put it on hold | hold off(?: on)? | skip(?: [\w']+){0,5} | take a break from |
    leave out (?:next|this) month | on hold from there
""")
_RESUME = cues(r"""
    (?:turn|turned|switch|put)(?: [\w']+){0,4}? back on |
    (?:resume|restart|reinstate|re-start|reactivate)(?: [\w']+){0,5} |
    put me back on(?: [\w']+){0,4} | start(?:ing)?(?: [\w']+){0,3}? (?:back up|again|up again) | pick back up |
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
    up my monthly | drop my monthly
""")
_START = cues(r"""
    (?:start|begin|commence|set(?:ting)?(?: me| us)? up|set (?:it|this|that) up|sign(?: me| us)? up|put me on
    |put us on|establish|initiate|arrange|open|get)(?:ing)?(?: [\w'$,.]+){0,8}? (?:deduct\w*|debit\w*|drafts?
    |withdraw\w*|monthly|month|auto\w*|taking|purchases?|pull\w*|recurring|standing) |
    (?:take|deduct|draw|debit|pull|withdraw|invest)(?: out)?(?: [\w'$,.]+){1,7}? (?:a|each|every|per) month |
    (?:deduct|draw|debit|take) (?:[\w'$,.]+ ){1,4}?monthly | be on automatic deduction | rather be on |
    start please | drawn (?:out|monthly) | cause to be drawn | a month (?:drawn|taken|pulled) | shall be drawn |
    set it up | set that up | you may begin
""")


_DENIED = cues(r"""
    (?:neither|nor|not|never|no)(?: \w+){0,2}? (?:to )?(?:stop|paus|end|quit|cancel|suspend|start|begin|chang|rais
    |lower)\w*
    | (?:stop|end|quit|cancel|pause|suspend|raise
    |lower)(?: [\w']+){0,3},? (?:no,? |oops,? |sorry,? |wait,? )+(?:wrong word
    |not that|i mean[st]?|rather|make that) | (?:stop|pause|end|cancel)(?: [\w']+){0,3}\W{1,4}no,? sorry
""")
"""A change that is denied or taken back in the same breath: it is not asked for."""


def recurring_topics(text: str, *, has_monthly_amount: bool = False) -> frozenset[str]:
    """What is asked of the monthly deduction; more than one only where the text really asks more than one.

    Words on how it will go on later ("until I say so", "then back to normal")
    do not count against a pause or a stop.
    """
    text = _DENIED.sub(" ", text)
    found = {
        name
        for name, pattern in (
            ("stop", _STOP),
            ("pause", _PAUSE),
            ("resume", _RESUME),
            ("change", _CHANGE),
            ("start", _START),
        )
        if pattern.search(text)
    }
    if "pause" in found:
        return frozenset({"pause", "start"} if has_monthly_amount else {"pause"})
    if (
        "stop" in found
        and found & {"resume", "start"}
        and not re.search(r"\b(?:new|instead|then start|and start)\b", text, re.IGNORECASE)
    ):
        found -= {"resume", "start"}
    if "resume" in found:
        found -= {"start"}
        if "change" in found and not has_monthly_amount:
            found -= {"change"}
    if "change" in found:
        found -= {"start"}
    if not found and has_monthly_amount:
        found = {"start"}
    return frozenset(found)
