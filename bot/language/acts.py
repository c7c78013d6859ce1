"""The words in which each act is asked for: narrow patterns that must be present before anything is acted on.

The classifier may be misled; these may not. A request that would move
something needs its own act in the text and no other act that contradicts it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from bot.language.text import cues

_N = (
    r"(?:\$ ?[\d,.oO]{1,15}k?|usd [\d,.]{1,15}|[\d,.oO]{1,15}k?(?: dollars?| bucks?)?|(?:an? "
    r"|[a-z]{1,15}[- ])?(?:hundred"
    r"|thousand|grand)(?:[- ](?:and )?(?:[a-z]{1,12}[- ]){0,2}?[a-z]{1,12})?(?: dollars?| bucks?)?"
    r"|(?:[a-z]{1,15} ){1,5}?(?:dollars|bucks))"
)
_STOCK = r"(?:shares?|shs|sh|shrs|stock|aastrom|astm|holdings?|position)"
_PLAN = r"(?:plan|program|programme|dspp|scheme)"
_ORDER = r"(?:orders?|purchases?|buy|buying|sale|sell|selling|instruction|transaction)"

ACTS: Mapping[str, re.Pattern[str]] = {
    "buy": cues(rf"""
        (?:buy|buying|purchas\w*|purchace|get|give)(?: (?:me|us|for me
        |up))? (?:of )?(?:stock |shares? |for )?(?:another |an additional |about |for |in the (?:sum
        |amount) of )?{_N} | (?:buy|purchase|get)(?: me| us)?(?: \w+){{0,3}} (?:more )?{_STOCK} |
        (?:invest|put|putting|place|apply|spend|contribute|use|add|take|sending|send|subscribe|debit it
        |debit)(?: (?:me|us|my|the|in|down|for|sum of|of|it|another|about|usd))*\s*{_N} | in (?:me )?for {_N} |
        down for {_N} |
        {_N}(?: \w+){{0,6}}? (?:of|into|in|for|toward|on|to) (?:my |the |this |your |some )?(?:{_STOCK}|plan
        |month|purchase|next|coming|account) | {_N}(?: more)? worth | {_N} purchase(?! limit) |
        make (?:another|my first|a) (?:one-time )?purchase | enter (?:a|my|an?) (?:purchase|order) |
        use it to buy | put it into stock | to (?:the )?purchase of (?:common )?(?:stock|shares) |
        (?:one-time|first|single|one-off|extra|separate) purchase | purchase of |
        (?:want|like|wish) (?:to )?(?:buy|purchase|invest|subscribe) |
        (?:more|some) (?:stock|shares)(?: pls| please)? | buy again | amount to invest |
        (?:go|put|be put|applied|stock|it)(?: \w+){{0,3}} (?:into|in|to|toward) (?:aastrom|astm|stock|your stock
        |the (?:stock|plan)) | applied(?: \w+){{0,4}} toward | directed? that the sum | buy with that |
        i(?:'d| would)? (?:want|like|take|need) {_N} | up for (?:a )?purchase | purchase order |
        {_N} (?:this month|more of it) |
        (?:order|purchase|buy|invest|investment|contribution)[:,;-]{{1,2}} (?:of |in the (?:sum
        |amount) of )?\$? ?\d[\d,.]*
    """),
    "sell": cues(r"""
        (?:sell|selling|liquidate|unload|dump|dispose of|redeem|get rid of|let go of|cash (?:in|out)
        |disposition of)(?: off| out)?(?: (?:of|about|the|my|our|another|enough|just|me|all|half|every
        |everything|some|it|them|whole|entire|two|three|four|five|six|seven|eight|nine|ten|[\d,.]{1,15}|\w+ hundred
        |eleven|twelve|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[- ]\w+)?|(?:thir|four|fif|six|seven|eigh
        |nine)teen))+ |
        (?:be|have|get|want|like|wish|would like|want 2|need to|wish to|like to|want to)(?: \w+){0,6} (?:sold
        |sell) | (?:sold|sale of)(?: \w+){0,3} | sale order | please to sell | sell \$? ?\d[\d,.]* |
        direct the sale | close out (?:my|the) position | make a sale | sell (?:all|half|everything)
    """),
    "recurring": cues(rf"""
        (?:sum|amount|deduction|draft|debit)(?: [\w]+){{0,6}} (?:be )?(?:increased|raised|lowered|reduced
        |changed|decreased|stopped|suspended|discontinued) |
        (?:start|stop|raise|lower|change|pause|increase|reduce|end|quit|suspend|resume|skip|cancel|discontinue
        |begin|set up|set|bump|up|drop|cut|halt|terminate|hold|turn|turned|switch|put|bring|take|taking|move
        |deduct|draw|debit|pull|make|push|establish|cause|shut|quitting|hold off|restart|reinstate
        |adjust)\w*(?:[ ,]+[\w$,.'-]+){{0,12}}?\s(?:deduct\w*|debit\w*|drafts?|drafting|withdraw\w*|monthly
        |month|month's|auto\w*|bank|checking|pull|investment|every|sum|back on|on hold|on pause|biweekly|weekly
        |quarterly|money) |
        (?:automatic|auto|monthly|bank|recurring|my|our|no more)(?: \w+){{0,3}} (?:deduct\w*|debits?|drafts?
        |withdrawals?|plan|payments?)(?: \w+){{0,10}} | {_N} (?:a|each|every|per) month |
        (?:make it|bring it|lower it|raise it|more every month|take my usual amount|put it on hold
        |turn(?:ed)? (?:it )?(?:back )?on|turn(?:ed)? (?:it )?off|set me up|hold off) |
        monthly(?: \w+){{0,3}} to
    """),
    "withdraw": cues(rf"""
        (?:leave|leaving|quit|quitting|exit|exiting|end|ending|terminate|terminating|terminated|discontinue
        |close|closing|drop|dropping|withdraw|withdrawing|withdrawal|resign|resigning|cancel|remove|finish|stop
        |give up|opt|opting|retire|get|getting)(?: \w+){{0,7}}? (?:{_PLAN}|participation|participating
        |membership|enrol?lment|roll of participants) |
        (?:close|closing|terminate|terminating|shut|end|finish|cancel|drop)(?: \w+){{0,4}}? (?:account|acct
        |acc) | (?:take|remove|strike|drop)(?: \w+){{0,3}} name | (?:get|take|let|count) (?:us|me) out |
        (?:terminate|close|end|drop|cancel|combine)(?: \w+){{0,2}} mine |
        (?:quit|leave|leaving|quitting) for good |
        (?:take|get|remove|drop|strike|let|pull|cross)(?: me| us| my name| our name)(?: \w+){{0,5}}? (?:{_PLAN}
        |out|roll|off it|list) | close (?:us|me|it|my|the|this)(?: \w+){{0,3}} (?:out|account|acct|down) |
        close [A-Z]+-\d+ | (?:account|acct)(?: \w+){{0,3}} (?:closed|shut|terminated) |
        shut(?: \w+){{0,3}} (?:down|account) | unenrol?l | i quit | (?:i'?m|we're|we are|i am) out |
        terminate (?:us|me|mine|my) | drop me | i withdraw from |
        (?:end|termination|withdrawal)(?: \w+){{0,3}} (?:of|from)(?: \w+){{0,2}} (?:participation|enrollment
        |program|plan) | (?:don'?t|do not|no longer)(?: \w+){{0,5}} (?:be|in|part of)(?: \w+){{0,4}} {_PLAN} |
        participation to end | done w(?:ith|/)? (?:the )?(?:dspp|plan|program) | want out(?: \w+){{0,3}} |
        get us out | take my name off | need to be terminated | let go from |
        end(?: \w+){{0,4}} {_PLAN} | (?:want|get|be|me|us|am|i'm|opt|opting
        |way)(?: \w+)? out of(?: \w+){{0,4}} {_PLAN} |
        (?:like|want|wish) to terminate(?=[.,!\n]|$)
    """),
    "cancel_order": cues(rf"""
        (?:cancel|scrap|kill|void|cxl|revoke|rescind|undo|withdraw|withdrawn|call off|take back|pull|pulled|drop
        |strike|disregard|nix|stop|block|delete|shred)\w*(?:[ ,]+[\w$,.'-]+){{0,7}}?\s(?:{_ORDER}|it|that|one
        |this|p-?\w*\d\w*|[a-z]+-\w*\d\w*|\d{{4,}}) |
        (?:don'?t|do not|please not|please no|not)(?: \w+){{0,4}} (?:carry|process|put (?:it|that) through
        |do (?:this|my|the|teh)|go through|{_ORDER}|bought) | not (?:be )?carried out |
        never ?mind(?: \w+){{0,3}} | nvm | take (?:back|the sale back) |
        (?:order|instruction|purchase|sale)(?: [\w-]+){{0,5}} (?:be treated as revoked|is withdrawn|cancelled
        |be cancelled|withdrawn|pulled|rescinded|stopped) | back out of |
        (?:revocation|rescission|cancellation|cancelation
        |withdrawal) of (?:the |my |an? |this )?(?:\w+ )?(?:order|instruction|purchase|sale) |
        scratch (?:the|that|my) (?:\w+ )?(?:order|purchase|sale) | stop payment |
        leave (?:my shares|the shares) where | not want (?:this|it) to go through | (?:please )?stop buy |
        i don'?t want it done | call(?:ed)? (?:it|this|that) off | make it stop
    """),
    "enroll": cues(rf"""
        enrol?l?(?: me| us| it| him| her| the| my)? | enrol?l?(?:e|ing|s) |
        (?:be|been|get|getting|becom\w+|being|me|us|want|like|have) enrol?led |
        enrol?lment(?! (?:cards?|forms?|kits?|packets?|package|dates?|slips?|papers?|paperwork|blanks?|status|records?
        |materials?|number|copy)) | sign (?:me|us|my \w+) up | signed up | sign up |
        (?:join|joining|get into|be in|into|part of|member of|admission to|participate in|take part in
        |participation|enter)(?: \w+){{0,4}} (?:{_PLAN}|it|this) | count me in | i want in | in on |
        put (?:me|us) down | put me in | (?:want|like|wish) to (?:join|enroll|participate) | ready to join |
        how (?:to )?join | become (?:a )?(?:member|participant|part) | make (?:me )?(?:enter|member) |
        let into | make for me | signed up | get on the roll | get in
    """),
    "balance": cues(r"""
        how many(?: \w+){0,4} (?:shares|shs|shrs|do i|have i|i've got|i have|are left|left) |
        share (?:count|total|balance) | (?:my|plan|share|account) balance | balance |
        what do my shares(?: \w+){0,3} | number of (?:my )?shares i |
        how much (?:stock|is my|are my|do i)(?: \w+){0,3} | what(?:'s| is) my (?:share )?(?:count|total) |
        i'd have remaining | current (?:share )?count | share total
    """),
    "order_status": cues(r"""
        (?:did|has|have|was)(?: [\w-]+){0,8} (?:go thr(?:ough|u)|gone through|get (?:there|my|the)|arrived?
        |received?|come to you|processed|done|executed|settled|clear(?:ed)?|mailed|filled|go in yet|go off|reach
        |ever mailed|come of it) | status of |
        where(?:'s| is) my (?:\w+ )?(?:check|money|refund|order|proceeds|payment) | what (?:became|happened) |
        did you(?: \w+){0,3} get (?:my|the|our) check | any word | did my last purchase
    """),
    "documents": cues(r"""
        (?:send|mail|e-?mail|post|forward|furnish|need|get|give|have|put|short|see that i get|let me have
        |short a|copy of|duplicate|could i have|run off|want)(?: [\w-]+){0,8} (?:prospectus|forms?|copy
        |statements?|1099\S*|booklet|packet|w-9|tax form|slips?|another one|confirmation|year-end statement) |
        (?:another|duplicate|copy)(?: \w+){0,3} (?:prospectus|statement|form|copy) |
        where (?:do|can) i (?:get|find|download)(?: \w+){0,4} (?:form|prospectus|statement)s? | tax form |
        1099 | duplicate of
    """),
    "update_account": cues(r"""
        (?:new|change|changed|update|correct|switch|switching)(?: [\w-]+){0,5} (?:address|phone|telephone
        |e-?mail|cell|bank|last name|mailing|credit union|p\.?o\.? box|records?) |
        (?:address|number)(?: \w+){0,2} (?:is|becomes)(?: now)? | (?:i've|we've|i have|we have) moved |
        new bank | come from (?:there|a different bank) | different bank | new (?:home )?address | from now on |
        my (?:home )?address | put it down in place of | moved into
    """),
    "transfer_shares": cues(r"""
        certificates? | street[- ]name | re-?regist\w+ |
        (?:put|get|transfer|move|bring|give|make over|get put)(?: \w+){0,7} (?:in|into|over to|to
        |over into) (?:my|her|his|our)(?: own)? (?:name|godson|granddaughter|grandson|nephew|niece|wife|husband
        |brokerage) | moved to my (?:own )?name | make over(?: \w+){0,4} | bring them over |
        transfer (?:of|my|the|\d)(?: \w+){0,3} | over into my name
    """),
    "eligible_states": cues(r"""
        (?:is|are|does|will|would|can|do)(?: \w+){0,6} (?:covered|eligible|allowed|open|shut out|qualify
        |permitted|included|one of the (?:ones|states|places))(?: \w+){0,4} | (?:his|my|her|our|your) state |
        residents? of(?: \w+){0,6} | one of the (?:states|places) | isn'?t covered
    """),
    "plan_info": cues(r"""
        (?:when|what day|on what day|which days?|by what date) (?:is|are|does|do|in|set|will
        |the)?(?: \w+){0,6} | how (?:long|is|are|do you|does)(?: \w+){0,5} |
        what (?:is|are|'s) the (?:next|price|minimum|maximum|deadline|cut-?off|limit|fee|least|most) |
        is the ten thousand | does being on hold | what if | can it last
    """),
    "complaint": cues(r"""
        complain\w* | want that dealt with | i want it set right |
        want (?:it|the difference)(?: \w+){0,4} (?:set|put|made) right | you lost my | unacceptable |
        (?:like|want) an (?:explanation|apology) | grievance | sloppy |
        (?:expect|demand) (?:an? )?(?:inquiry|explanation|compensation|refund|apology) |
        laughed at me | bank charges covered | you people sent | made right | apolog\w+
    """),
    "human": cues(r"""
        (?:speak|talk)(?: \w+){0,2} (?:to|with) (?:a |an |some)?(?:person|somebody|someone|one|human|manager
        |representative|agent|supervisor) |
        (?:somebody|someone)(?: \w+){0,4} (?:call|phone|ring|telephone)(?: me| us)? | call me |
        (?:rep|agent|representative|operator)(?: \w+){0,3}? (?:please|pls|call|ring|phone|contact) |
        get me a manager | real person | (?:phone )?call from (?:an?|some)\w* | by (?:tele)?phone to me |
        telephone me | call us | a manager
    """),
    "investment_advice": cues(r"""
        good time to (?:get in|buy|sell) | do you think(?: \w+){0,6} | (?:you|u) think |
        going (?:up|down|lower|higher) | should (?:i|we) (?:buy|sell|hold|wait|keep) | hit bottom |
        be lower than | will it be (?:lower|higher) | price target
    """),
}  # fmt: skip
"""For each intent, the words of asking for it."""


@lru_cache(maxsize=64)
def has_act(text: str, intent: str) -> bool:
    """Whether `text` asks for `intent` in so many words; True for intents that need no such words."""
    pattern = ACTS.get(intent)
    return True if pattern is None else bool(pattern.search(text))


def has_any_act(text: str) -> bool:
    """Whether `text` asks for anything in so many words."""
    return any(pattern.search(text) for pattern in ACTS.values())
