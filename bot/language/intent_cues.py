"""Phrases that betray what a message asks, as a table: one row an intent, one feature a phrase.

The classifier weighs them; none of them decides. They carry what a thousand
examples cannot teach: that "call off", "scrap" and "don't process" are one act.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.language.text import cues

_MONEY = (
    r"(?:\$ ?[\d,.]{1,15}k?|usd [\d,.]{1,15}|[\d,.]{1,15}k|[\d,]{1,15}(?:\.\d\d)? (?:dollars?|bucks)"
    r"|(?:\w+ ){1,4}(?:dollars|bucks|grand)|\d{3,5}|(?:\w+[- ])?(?:hundred|thousand)(?: and \w+| \w+)?)"
)
_STOCK = r"(?:shares?|shs|sh|shrs|stock|aastrom|astm|holdings?|position)"
_PLAN = r"(?:plan|program|programme|dspp|scheme)"
_ORDER = r"(?:order|purchase|buy|sale|sell|instruction|transaction)"
_DEDUCTION = r"(?:deduct\w*|debits?|drafts?|drafting|withdrawals?|draw|pull|auto\w*|monthly|standing instruction)"

INTENT_CUES: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "enroll": (
        cues(r"enroll?(?: me| us| it| him| her| the)? | enrol(?:l|ment|lment)? | enrolled"),
        cues(rf"""
            (?:join|joining|get into|be in|part of|member of|admitted to|admission to|participate in|participant
            |take part|into) (?:the|this|your|that|ur)(?: \w+){{0,3}} {_PLAN} | membership
        """),
        cues(r"""
            sign (?:me|us) up | signed up | sign up | count me in | i want in | put (?:me|us) down for the |
            become (?:a )?(?:member|participant|part) | let into | put me in the plan | enter me
        """),
        cues(r"""
            how (?:do|does|can|would)(?: \w+){1,5} (?:join|get into|sign up|become|enroll) | want to join |
            ready to join | would like to join | like in on
        """),
    ),
    "buy": (
        cues(rf"""
            (?:buy|purchase|get)(?: me| us| for me)? (?:another |an additional |about )?{_MONEY} |
            buy (?:me )?(?:some )?(?:more )?{_STOCK}
        """),
        cues(rf"""
            (?:invest|put|apply|place|spend|contribute) (?:another |an additional )?{_MONEY} |
            put (?:me|us) (?:in|down) for {_MONEY} | in for {_MONEY}
        """),
        cues(rf"""
            {_MONEY}(?: \w+){{0,4}} (?:of|into|in|for|toward)(?: \w+)? {_STOCK} | {_MONEY} worth |
            dollars' worth
        """),
        cues(r"""
            (?:my|our|the|a|this|another|first) purchase | purchase date | next purchase | coming purchase |
            purchase order | purchace
        """),
        cues(r"""
            (?:check|cheque|ck)(?: \w+){0,6} (?:is on its way|in the mail|enclosed|going out|follows|to follow
            |will follow) | mailing (?:a |my |the )?check | use it to buy | enclose my check
        """),
        cues(rf"""
            (?:want|like|wish) to (?:buy|purchase|invest|subscribe) | (?:i|we) want {_MONEY} |
            enter (?:a|my) (?:purchase|order) | make another purchase
        """),
        cues(rf"(?:buy|purchase) (?:me )?(?:\d[\d,.]*|one|two|five|ten|\w+ hundred)(?: more| of your)? {_STOCK}"),
        cues(r"this (?:month|go round|time|round) | for next time"),
    ),
    "sell": (
        cues(r"""
            sell(?: off| out)? (?:\d[\d,.]*|half|all|everything|every|some|enough|one|two|three|four|five|the|my
            |our|a|it|them|me out)(?: \w+){0,4}
        """),
        cues(r"""
            (?:liquidate|unload|dump|dispose of|redeem|get rid of|cash (?:in|out)|let go of)(?: \w+){0,5} |
            want 2 sell | want to sell | like to sell | to sell some
        """),
        cues(r"""
            (?:be|have|get)(?: \w+){0,4} sold | the sale of | next sale(?: date| day)? | sale date |
            please to sell | selling (?:some|my|all|half) | sale order | disposition of
        """),
        cues(r"(?:raise|need)(?: some| the| fast)? (?:cash|money) | proceeds | send me the (?:check|money)"),
    ),
    "balance": (
        cues(rf"""
            how (?:many|much)(?: \w+){{0,4}} {_STOCK} |
            how many(?: \w+){{0,4}} (?:do i|have i|i have|i've|i own|we have|we've|are there|are left|in my)
        """),
        cues(r"""
            balance | blance | share (?:count|total|balance) | (?:my|our|present|current|new) (?:share )?total |
            total is up to | holdings? | position
        """),
        cues(r"""
            what(?:'s| is| are| do)?(?: \w+){0,4} (?:i (?:have|own|hold|got)|we (?:have|own|got)|worth|come to
            |add up to|in the plan now|left in) | what(?:'s| does)(?: \w+){0,4} (?:show|say) | what do i have
        """),
        cues(r"""
            (?:worth|value) (?:of|as of|today|on|at) | (?:market|dollar|present) value |
            number of (?:my )?shares(?: \w+){0,4} (?:own|have|hold|held|account) | tell me the total |
            where i stand | lost track | as of today
        """),
    ),
    "eligible_states": (
        cues(r"""
            (?:my|his|which|what|some|certain|the|those|both|your) states? | state list | excluded states? |
            states? (?:allowed|that|where|on|open|covered|eligible)
        """),
        cues(r"""
            (?:eligible|allowed|permitted|qualif\w+|accepted?|admitted|covered|included|excluded|okay?
            |participate|available|offered|open)(?: \w+){0,6} (?:in|for|from|to) [A-Z]\w+
        """),
        cues(r"""
            (?:do|does|can|are|is|will|would)(?: \w+){0,7} (?:residents?|people|folks|someone|somebody|texans
            |canadians|hoosiers)(?: \w+){0,4} | residents? of | live there | living there
        """),
        cues(r"""
            (?:allowed|eligible|permitted|qualif\w+|make the cut|shut out|on the list|among the excluded
            |does the program (?:take|accept)|blue-?sky)
        """),
    ),
    "recurring": (
        cues(rf"""
            (?:start|stop|raise|lower|change|pause|increase|reduce|end|quit|suspend|resume|skip|cancel
            |discontinue|begin|set up|bump|up|drop|cut)(?:ping|ting|ing)?(?: \w+){{0,5}} {_DEDUCTION}
        """),
        cues(rf"{_MONEY}(?: \w+){{0,3}} (?:a|each|every|per) month | (?:each|every) month | a month | monthly"),
        cues(r"""
            (?:automatic|auto)(?: \w+){0,2} (?:deduct\w*|debit|draft|plan|investment|withdrawal|purchase\w*) |
            deductions? | bank draft | drafting | debits?
        """),
        cues(r"""
            on (?:hold|pause) | back on | voided check | no more deductions | from my (?:bank|checking) |
            out of my (?:bank|checking) | taking (?:the )?money
        """),
        cues(r"""
            (?:take|draw|pull|deduct|debit|taken|drawn|pulled)(?: out)?(?: \w+){0,5} (?:from|out of) (?:my|our
            |the)
        """),
    ),
    "cancel_order": (
        cues(rf"""
            (?:cancel|scrap|kill|void|cxl|revoke|rescind|undo|withdraw|call off|take back|pull|drop|strike
            |disregard|nix)(?: \w+){{0,5}} (?:{_ORDER}|it|that|one|p-?\w*|po-?\w*|so-?\w*|s-\w*|ds-\w*)
        """),
        cues(rf"""
            (?:don'?t|do not|please not|please no)(?: \w+){{0,3}} (?:carry|process|put (?:it|that) through
            |do (?:this|my|the|teh)|go through|{_ORDER}) | not (?:be )?carried out | never mind(?: \w+){{0,3}} |
            nvm | after all
        """),
        cues(r"""
            (?:take|call|taking)(?: \w+){0,4} (?:back|off) | changed? (?:my|our) mind | on second thought |
            before (?:it happens|the (?:cut-?off|deadline|date)) | b4 the cutoff | too late | cold feet |
            revo(?:ked|cation) | rescission | withdrawn | hit (?:submit|send)
        """),
        cues(rf"""
            (?:my|the|that|this|an|our) (?:\w+ )?{_ORDER}(?: \w+){{0,6}} (?:cancel\w*|revoked|withdrawn|stopped
            |pulled|voided)
        """),
    ),
    "order_status": (
        cues(r"""
            (?:did|has|have|was|were|is)(?: \w+){0,6} (?:go thr(?:ough|u)|gone through|get (?:there|my)
            |arrive\w*|receive\w*|process\w*|done|carried out|execut\w*|complete\w*|bought|settled|cleared?
            |mailed|post(?:ed)?|filled|registered|taken|cashed)
        """),
        cues(r"""
            status | where(?:'s| is)(?: \w+){0,3} (?:my|the|check|money|refund|order) |
            what (?:became|happened)(?: \w+){0,3} | any word | went through | go off all right | did my \w+
        """),
        cues(r"""
            (?:get|got|receive\w*) my (?:check|money|order|payment) | my check yet | waiting (?:on|for) |
            (?:haven'?t|have not|hasn'?t|never) (?:heard|seen|received|shown|come|had|saw)(?: \w+){0,4} |
            still (?:sitting|waiting|pending|alive) | not a syllable | heard a peep | no confirmation |
            when was (?:it|the check)
        """),
        cues(r"""
            bank (?:shows|says) | shows a debit | debit\w* (?:to|on) (?:you|my) | lost in the mail |
            gone astray | what price did | which purchase date | did it (?:make|get)
        """),
    ),
    "transfer_shares": (
        cues(r"""
            certificates? | street[- ]name | medallion | stock power | re-?regist\w+ | retitl\w+ | scrip | drs |
            dtc | book entry
        """),
        cues(r"""
            (?:give|giving|gift|donate|contribute|transfer|move|make over|sign(?:ing)? over|put
            |hand)(?: \w+){0,6} (?:shares?|shs|stock|certificate)(?: \w+){0,3} (?:to|over|into|in) |
            gift of stock |
            to my (?:granddaughter|grandson|nephew|niece|godson|wife|husband|son|daughter|sister|buddy|friend)
        """),
        cues(r"""
            (?:in|into|to) (?:my|her|his|our|both our|the)(?: \w+){0,2} names? | joint(?:ly)? |
            joint (?:owner|tenants?) | add (?:my )?(?:wife|daughter|husband|son|name) | living trust |
            broker(?:'s|age)? | schwab|fidelity|e-?trade|merrill|edward jones
        """),
        cues(r"""
            transfer(?:red|ring)? | how do i (?:get|move|put|transfer|add) | what must i sign |
            signing them over | deposit(?:ed)? (?:my |the )?certificat\w+ | turn in the certificate
        """),
    ),
    "withdraw": (
        cues(rf"""
            (?:leave|leaving|quit|quitting|exit|end|ending|terminate|terminating|close|drop|out of|withdraw from
            |resign from|resigning from|opt(?:ing)? out|dropping out)(?: \w+){{0,5}} (?:{_PLAN}|participation
            |membership|enrollment|account|acct|roll of participants)
        """),
        cues(rf"""
            (?:take|get|remove|drop|strike|let)(?: me| us| my name| our name)(?: \w+){{0,4}} (?:{_PLAN}|out|go
            |roll) | close (?:us|me|it|my|the|this)(?: \w+){{0,2}} (?:out|account|acct|down) | close acct |
            account (?:closed|shut|terminated) | shut (?:down|the account) | unenroll(?: me)? | i quit |
            opt me out | terminate (?:us|me|mine|my)
        """),
        cues(r"""
            termination of (?:participation|enrollment) | notice of (?:termination|withdrawal) |
            end my (?:participation|being|part) | no longer (?:participate|be a) | want out | for good |
            i'?m out | done w(?:ith)? the (?:dspp|plan|program) | not coming back | give up the purchase plan
        """),
    ),
    "update_account": (
        cues(r"""
            (?:new|change|changed|update|correct|switch|wrong|old|our|my)(?: \w+){0,4} (?:address|phone
            |telephone|email|e-mail|cell|bank|last name|number|street|mailing) | address is(?: now)? |
            number is now
        """),
        cues(r"""
            (?:i've|we've|i have|we have|have|has)(?: \w+){0,2} moved | moved (?:to|closer|into|in with|house) |
            change of (?:address|name|telephone) | new address | name change | (?:got|re)married | moving to
        """),
        cues(r"""
            (?:from now on|for the file|for your records|update your (?:file|records)|change (?:my
            |your) records?|in place of|put (?:it|them) on the account|on file)
        """),
        cues(r"""
            (?:bank|checking|routing|credit union)(?: \w+){0,5} (?:changed|new|instead|merging|closed|now) |
            new (?:bank|checking|ach) | other bank | bank (?:info|information|chg) | use my credit union
        """),
        re.compile(
            r"\b\d{1,5} [A-Z]\w+ (?:St|Street|Ave|Avenue|Rd|Road|Ct|Court|Lane|Ln|Dr|Drive|Way|Blvd|Terrace"
            r"|Place)\b|\b[A-Z]{2} \d{5}\b|@\w+\.\w"
        ),
    ),
    "documents": (
        cues(r"prospectus(?:es)? | booklet | brochure"),
        cues(r"""
            forms? | 1099\S* | w-?9 | tax (?:form|paper)s? | statements? | stmt | confirmations? | duplicates? |
            copy | copies | annual report | 10-k | stock powers? | blank
        """),
        cues(r"""
            (?:send|mail|e-?mail|post|forward|furnish|give|resend|provide|drop)(?: \w+){0,8} (?:prospectus|form
            |forms|copy|copies|statement|statements|1099|book|booklet|packet|blank|blanks|report|one|w-9
            |document\w*) | where (?:do|can) i (?:get|download|find) | pdf | download | large[- ]print |
            won'?t open
        """),
        cues(r"""
            (?:never|didn't|did not) (?:got|get|come|receive)(?: \w+){0,3} | didn't get statement | cost basis |
            for (?:my )?(?:taxes|the tax man)
        """),
    ),
    "plan_info": (
        cues(r"""
            (?:can|could|may|do|does|would|is|are|must|am)(?: i| we| you| it| a (?:guy|person
            |fellow)| one| he| somebody)(?: \w+){0,4} (?:send|buy|sell|pay|mail|set|skip|obligated|earn|count
            |allowed|possible|limit|have to|take|use|cancel|happen|charge|figure|make)
        """),
        cues(r"""
            what if | suppos(?:e|ing) | if (?:i|we|somebody|a fellow|someone)(?: \w+){0,3} | hypothetic\w+ |
            just (?:asking|curious|wondering) | not (?:asking|doing|sending|selling) | curious | in general
        """),
        cues(r"""
            what(?:'s| is| are)? the (?:least|most|minimum|maximum|limit|deadline|last day|price|fee|catch
            |cut-?off|rules) | minimum | maximum | fees? | commission | discount | 3 ?(?:%|percent) | limit |
            money order
        """),
        cues(r"""
            how (?:do|does|is|are|long|many days|far|quickly|would|soon)(?: \w+){0,5} |
            when (?:is|are|does|do|in the month|can)(?: \w+){0,4} | which (?:days|three|month) | by what date |
            on what day | next purchase (?:day|date) | does (?:it|the|that)(?: \w+){0,3} | average\w* |
            fraction\w*
        """),
        cues(r"""
            per (?:person|household) | count together | pro rata | payable | made out to | interest |
            earn anything | questions?
        """),
    ),
    "complaint": (
        cues(r"""
            complain\w* | grievance | unacceptable | outrag\w+ | apolog\w+ | shabbily | disgrac\w+ |
            incompeten\w+ | negligen\w+ | misled | bait and switch | harassment | unfair | useless |
            ridiculous | appalling | sloppy
        """),
        cues(r"""
            (?:made|make|set|put)(?: \w+){0,3} right | fix (?:it|this|my) | straight(?:en)? |
            put (?:it|them) back | compensat\w+ | reimburse\w* | restitution | demand | explanation | i expect |
            we expect | owe me | owes? (?:me )?an | own up | what are you going to do | who is responsible |
            look(?:ed)? into
        """),
        cues(r"""
            (?:attorney general|sec|lawyer|sue|legal action|commission|irs|bbb|proceedings|report(?:ing)? you
            |report him) | supervisor's | third (?:letter|time) | fourth time | twice |
            nobody (?:answers?|fix\w*|there) | hung up | laughed at | told me (?:that )?there | overdraft |
            bank charges | made my (?:rent )?check bounce | without any instruction | never told you |
            you (?:lost|sold|charged|debited|drew|drafted|took|cashed|people|missed|mailed|sent|only|admit)
        """),
    ),
    "human": (
        cues(r"""
            (?:speak|talk|chat|talking|speaking)(?: \w+){0,3} (?:to|with|w/?)?(?: \w+){0,2} (?:person|someone
            |somebody|human|representative|rep|manager|supervisor|agent|man|woman|anybody|whoever) |
            real (?:person|human|one) | live (?:rep|person|agent) | human(?: being| voice| contact)? | a person
        """),
        cues(r"""
            (?:call|phone|telephone|ring|contact)(?: me| us)(?: \w+){0,4} | call(?:ed)? (?:me )?back |
            give me a call | return the call |
            have (?:somebody|someone|him|her|ir|beverly)(?: \w+){0,6} (?:call|contact|phone|telephone) |
            telephone me
        """),
        cues(r"""
            agent | operator | oprator | representative | supervisor | manager | somebody on |
            put (?:a|somebody|someone)(?: \w+)? on | anyone there | anybody | machine | bot | computer |
            automat\w+ | appointment | in person | meet with | direct extension | relay
        """),
    ),
    "investment_advice": (
        cues(r"""
            (?:should|shld|ought|shall) (?:i|we|one)(?: \w+){0,3} | good time | good idea | smarter |
            better (?:buy|off|to|odds|in bank) | worth(?:while)? (?:it|buying) | wise | prudent | suitab\w+ |
            is it (?:safe|true) | how safe | a buy at | throwing good money | what would you do |
            would you (?:put|tell|say|buy|in my)
        """),
        cues(r"""
            go(?:ing|nna)?(?: go)? (?:up|down|lower|higher|under) | (?:price )?target | predict\w* | forecast |
            outlook | (?:do )?(?:you|u)(?: guys| folks)? (?:think|expect|figure|believe|see) | hit bottom |
            come back | in \d+ (?:yrs|years) | will (?:the|it)(?: \w+){0,2} (?:be|price|stock)
        """),
        cues(r"""
            rumou?r | heard | is (?:it|that) true | between (?:us|you and me) | off the record | inside |
            buy(?:ing)? you(?: folks)?(?: out| up)? | merger | reverse split | readout | bankrupt |
            trial is about | months of (?:cash|money) | geron | osiris |
            your (?:opinion|judgment|advice|view|gut|candid) | honest(?:ly)? | advice | recommend
        """),
    ),
    "out_of_scope": (
        cues(r"""
            out of (?:the )?office | auto(?:matic)? ?reply | delivery status | undeliver\w+ | mailbox |
            away from (?:my|the) | unsubscribe | newsletter | subscribed
        """),
        cues(r"""
            click(?:ing)? | verify | password | barrister | beneficiary | discreet | lowest prices |
            free shipping | save \d+% | demo | platform | our firm | we help | account executive |
            business development | proposal | catalog(?:ue)? | reply remove | \d+ (?:percent|%) off
        """),
        cues(r"""
            resume | position | openings? | trial | study | surgeon | doctor | amputate | patient'?s? |
            reporter | piece for | writing (?:a|for) | comment | science fair | class | donat\w+ | pharmacy |
            pizza|pepperoni | proxy | class action | stock options?|option grant|vested |
            escheat|abandoned property
        """),
        cues(r"""
            dividends? | ford | pfizer | upjohn | edison | dte | gerber | alliant | savings bonds? |
            consumers energy
        """),
        re.compile((
            r"[\u0400-\u04ff]{3,}|\b(?:sehr|und|wir|bitte|estimado|nuestra|para|guten|ihnen|ihr|der|die"
            r"|cliente|bonjour|vous|merci|il|della)\b.*\b(?:sehr|und|wir|bitte|estimado|nuestra|para|guten"
            r"|ihnen|ihr|der|die|cliente|vous|della)\b"
        ), re.IGNORECASE | re.DOTALL),
    ),
    "thanks": (
        cues(r"""
            thank(?:s| you| u)? | thx | ty | thnx | appreciat\w+ | grateful | much obliged | god bless |
            gratitude | kind(?:ness)?
        """),
        cues(r"""
            no (?:reply|response|action)(?: is)? (?:needed|called for|necessary|required) |
            nothing (?:further|more|needed|i want) | that(?:'s| is| was)? (?:all|it) | answers it |
            all (?:set|good|square) | got it | received | clears it up | disregard | never ?mind | nm |
            found it | figured it out | in good order | perfect
        """),
        cues(r"""
            merry christmas | season'?s greetings | happy (?:new year|holidays|easter) | bye(?: now)? |
            have a (?:good|nice) | lifesaver | you (?:guys|folks) rock | cookies | compliments | patience |
            patient with me | apology accepted | well done | good work
        """),
    ),
}  # fmt: skip
"""The cues of each intent; one feature each."""

CUE_NAMES = tuple(f"{intent}.{number}" for intent, patterns in INTENT_CUES.items() for number in range(len(patterns)))


def cue_hits(text: str) -> tuple[bool, ...]:
    """For each cue, in the order of `CUE_NAMES`, whether it occurs in `text`."""
    return tuple(bool(pattern.search(text)) for patterns in INTENT_CUES.values() for pattern in patterns)


def has_cue(text: str, intent: str) -> bool:
    """Whether any cue of `intent` occurs in `text`."""
    return any(pattern.search(text) for pattern in INTENT_CUES.get(intent, ()))
