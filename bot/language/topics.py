"""The finer subjects of a request, as a table of cues.

Each row names a topic, the intents that take it and the phrases that betray
it. A handler knows only its own topics; those in `SHARED` mean the same for
every intent. Nothing is learned here: a wrong topic is mended by a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.language.deductions import recurring_topics
from bot.language.payments import payment_topics
from bot.language.text import cues

_BROKERS = (
    r"(?:charles )?schwab|fidelity|e-?\*?trade|etrade|ameritrade|td waterhouse|merrill(?: lynch)?|edward jones"
    r"|paine ?webber|datek|"
    r"a\.?g\.? edwards|smith barney|morgan stanley|dean witter|scottrade|vanguard|robinhood|raymond james|ubs"
    r"|piper jaffray|"
    r"brokerage(?: (?:house|account|firm))?|(?:my|a|the|our) broker(?:'s)?|stockbroker|bank in street name"
)
_OWN = r"(?:my|our|the|mine|of my|of our|of the|all my|all of my|all our)"

_ABROAD = (
    r"(?:canada|ontario|quebec|british columbia|alberta|manitoba|saskatchewan|nova scotia|new brunswick|newfoundland"
    r"|prince edward island|the yukon|mexico|costa rica|panama|brazil|argentina|chile|colombia|ecuador|peru"
    r"|the (?:bahamas|netherlands|philippines|u\.?k\.?|united kingdom|czech republic|emirates)|jamaica|bermuda"
    r"|england|scotland|wales|ireland|france|germany|austria|switzerland|italy|spain|portugal|netherlands|belgium"
    r"|denmark|sweden|norway|finland|iceland|poland|greece|turkey|israel|egypt|south africa|nigeria|kenya|india"
    r"|pakistan|china|hong kong|taiwan|japan|korea|south korea|singapore|thailand|vietnam|malaysia|indonesia"
    r"|philippines|australia|new zealand|russia|ukraine|hungary|saudi arabia|dubai|europe|overseas|abroad)"
)
"""Places outside the United States, as people name where they live."""

SHARED: Mapping[str, re.Pattern[str]] = {
    "acknowledge": cues(r"""
        i (?:hereby |also |do )?acknowledge (?:receipt|receiving|having|that i
        |the (?:current |present )?prospectus)(?: [\w,]+){0,12} |
        (?:i|we)(?: have|'ve| also)*(?: both| just| also| now| carefully)* (?:received and )?(?:read|reviewed
        |studied|looked over|went through|gone through)
        (?: all of| over| and understood| and understand| through)* (?:the
        |your) (?:whole |entire |current |new |latest )*prospectus |
        (?:have|has) (?:obtained and |received and )?(?:read|reviewed|been through|gone through) (?:the
        |your) (?:current |new |latest )?prospectus |
        (?:the )?(?:current |new )?prospectus has been (?:read|reviewed|received)(?: by me)? |
        (?:printed|got|have) (?:your|the) prospectus and (?:have )?read it |
        (?:i|we)(?: have|'ve)?(?: both)? read the (?:prospectus|booklet) | reading all the prospectus |
        consider (?:the|this) prospectus acknowledged
    """),
    "street_name": cues(rf"""
        (?:held|sitting|is|are|'s|r|all|shares|sh|shs|stock|astm|aastrom|it|them
        |position)(?: [\w,]+){{0,4}} (?:at|with|by|in|through|via|under|of|from) (?:my account (?:at
        |with) )?(?:my |our |the )?(?:{_BROKERS}) |
        (?:{_BROKERS})(?:'s| is| has| are)?(?: [\w,]+){{0,3}} (?:hold\w*|has|have|keeps?) |
        (?:in|out of|under|held in|from)(?: the)? street[- ]name |
        (?:in|from) (?:my|our) account at (?:{_BROKERS}) | are in my (?:{_BROKERS}) |
        in an? (?:{_BROKERS}) (?:account|acct) | (?:{_BROKERS}) statement |
        (?:shares|stock|astm|aastrom)(?: are| is|'s)? (?:still )?(?:in|at) (?:my|our|a|the) (?:brokerage
        |broker)(?: account)? |
        (?<![\d,])\d[\d,]{{0,12}} (?:shares |shs |aastrom |astm )*(?:is |are |sitting )*(?:at|with
        |in the hands of) (?:the )?(?:{_BROKERS}) | street name
    """),
    "not_shareholder": cues(r"""
        (?:don'?t|do not|dont|doesn'?t)(?: yet| actually| currently)? (?:own|have|hold) (?:any|a single
        |one)(?: \w+){0,3} |
        (?:not|am not|i'm not|im not|never been)(?: yet| currently)? an? (?:share|stock)holder |
        (?:own|hold|have) no (?:shares|stock|aastrom) |
        never (?:owned|held|bought|had)(?: any| a)?(?: \w+){0,2} (?:shares?|stock) | my first shares |
        dont own any | no shares yet
    """),
    "non_us": cues(rf"""
        (?:live|living|reside|residing|resident|residents|resident in|home|gone home|based|move[sd]?|stationed
        |deployed|citizen of|holders who live|home is|folks|people)(?: \w+){{0,4}}? (?:in|of|to
        |at) (?:(?:\w+ )?\w+, )?(?:toronto|windsor|vancouver, b\.?c|stuttgart|london|paris|{_ABROAD}) |
        canadians?(?: resident| citizen)? |
        outside (?:of )?the (?:u\.?s\.?a?|united states|country|states) |
        (?:apo|fpo)(?: ae| ap| aa| address\w*)? | people overseas | non-?u\.?s\.? (?:resident|holder)s? |
        expat\w*
    """),
    "by_post": cues(r"""
        (?:by|via|in|through) (?:the |regular |ordinary |u\.?s\.? )?(?:mail|post) | regular mail |
        (?:mail|post|send) (?:me|us|it|out|a|the|one|another|along)(?: \w+){0,6}? (?:prospectus|booklet|packet
        |book|form|forms|copy|copies|kit|edition|statement|to me at|to us at) |
        (?:printed|paper|hard) (?:prospectus|copy|copies|booklet|one|edition) | posting a printed |
        large[- ](?:print|type) | mail (?:me|us|it) | please mail | to post me | drop in the mail |
        in the mail another | by return of post | post me one
    """),
    "timed": cues(r"""
        (?:buy|purchase|sell|unload|dump|liquidate|(?<!i )(?<!ve )sold|(?<!i )(?<!ve )bought
        |invest)\b(?:(?!check|cheque|mail|send|date|purchase date|batch)[^.!?;\n]){0,45}? (?:today|tomorrow
        |tonight|right now|this (?:morning|afternoon
        |minute|instant)|(?:on|this|next|by) (?:monday|tuesday|thursday|friday|mon|tues|thurs|fri)|same day
        |at the (?:open|close|opening|closing)(?: bell)?|at market(?: open)?|before noon|first thing) |
        same day and not before | (?:at|by|on|before)(?: \w+'s| the)? (?:opening|closing) (?:bell|print) |
        market order |
        on (?:that|the) (?:very|exact|selfsame) (?:day|date) |
        not a (?:minute|day|second) (?:later|sooner|before|after) |
        (?:and )?(?:on )?no other day | not before and not after | neither before nor after
    """),
}  # fmt: skip
"""Topics any intent may take."""

BY_INTENT: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "order_status": {
        "disowned": cues(r"""
            (?:i|we)(?:'ve| have)? (?:never|did ?n[o']?t|didn'?t|have ?n[o']?t|haven'?t|hadn'?t)(?: ever| once)?[ ]
            (?:order(?:ed)?|place[d]?|ask(?:ed)? for|author[iy]s?z?ed?|request(?:ed)?|ma[dk]e|enter(?:ed)?|give[n]?
            |gave|sent|send|buy|bought|sell|sold)(?: in| any| you)*[ ]
            (?:anything|any (?:order|sale|purchase)s?|an order|a (?:sale|purchase)|this|that|it|one|such an? \w+
            |the (?:order|sale|purchase)) |
            (?:wasn'?t|isn'?t|(?:was|is)(?: certainly| surely)? not) (?:me|us|mine|ours|my (?:order|sale|purchase
            |doing)) | not (?:mine|my (?:order|sale|purchase|doing)) | nobody here (?:ordered|asked|sent|placed)
        """),
    },
    "documents": {
        "prospectus": cues(r"""
            prospectus(?:es)? | (?:program |plan |dspp |the |your )(?:booklet|book|pamphlet|brochure) |
            booklets? | rules of the plan | the rules
        """),
        "forms": cues(r"""
            forms? | paperwork | applications? | packet | kit | stock powers? | fill[- ]?(?:in|out) |
            (?:enroll?ment|authori[sz]ation|signature|deposit|reply|application|deduction|transfer|withdrawal|order)
            (?:[ ](?:blanks?|cards?|slips?|sheets?|materials?|package)) |
            (?:blank|new|another|fresh) (?:cards?|slips?) |
            (?:materials|package) | (?:send|mail|need|want|get)(?: \w+){0,4} blanks?
        """),
        "on_paper": cues(r"""
            (?:printed|paper|hard|physical|bound|xeroxed|photocop\w+|real) (?:cop(?:y|ies)|prospectus|forms?|booklet
            |version
            |one|ones|set|kit|packet|edition|materials|book) | (?:cop(?:y|ies)|prospectus|forms?|booklet|it|one|set|kit
            |packet|everything|them|materials)(?: \w+){0,3} (?:on|in) (?:real |actual |plain )?(?:paper|print) |
            (?:on|in) (?:real |actual |plain )paper | large[- ](?:print|type) |
            (?:send|mail|post|ship|need|want|have|get|like|prefer)(?: [\w'-]+){1,12}? (?:by|via|through
            |in) (?:the
            |regular |ordinary |u\.?s\.? |postal |snail |first[- ]class )*(?:mail|post)(?! a| my| this| you) |
            snail mail |
            (?:mail|post) (?:me|us|out|one|a|an|the|another)(?: [\w'-]+){0,5}? (?:prospectus
            |booklet|packet
            |forms?|cop(?:y|ies)|kit|materials|book|set) |
            (?:can'?t|cannot|can not|couldn'?t|unable to|don'?t|do not|won'?t|hard to
            |not able to)(?: \w+){0,4}? (?:read|see|open
            |print|download|look at)(?: \w+){0,5}? (?:screen|computer|pdf|file|files|attachments?|online|internet|web
            |website|e-?mail|it out|them out) |
            (?:no|don'?t (?:have|own)(?: an?)?|without an?|haven'?t (?:got )?an?) (?:computer|printer|internet|web
            |e-?mail
            |scanner) | (?:eyes?|eyesight|vision|glasses)(?: [\w']+){0,6} (?:screen|computer|small print|fine print)
        """),
        "statement": cues(r"""
            statements? | stmts? | confirmations? | confirms? | duplicates? | records? | transcript | lots |
            history | certification | letterhead | proof
        """),
        "tax_form": cues(r"""
            1099\w*(?:-\w+)? | tax (?:form|paper|slip|document|statement)s? | w-?9 | cost basis | basis report |
            for tax(?:es)? | my taxes
        """),
    },
    "update_account": {
        "address": cues(r"""
            address\w* | moved | moving | mov(?:e|ing) house | mailing | street | road | lane | terrace |
            p\.?o\.? box | mail should come | post everything | send (?:our|my|all her) mail | rural route |
            new place | no longer on
        """),
        "email": cues(r"e-?mails?(?: address)? | hotmail | gmail | aol | \w[\w.+-]*@[\w.-]+\w"),
        "phone": cues(r"""
            (?:tele)?phone(?: number)?s? | cell(?: #| phone)? | mobile | number is now |
            \d{3}[- .]\d{3}[- .]\d{4}
        """),
        "bank": cues(r"""
            banks? | credit union | routing | checking | ach | voided check | savings account | drafts? |
            deductions? (?:to )?(?:come|need|go)\w*
        """),
        "name": cues(r"""
            (?:last|maiden|legal|married|own|change of|my|her|our|correct) names? | name change | remarried |
            got married | spell(?:ed|ing) | misspell\w* | we're \w+, no \w | called
        """),
    },
    "transfer_shares": {
        "street_name": cues(rf"""
            street[- ]name | (?:from|at|with|out of|while)(?: \w+){{0,3}} (?:{_BROKERS}) |
            (?:{_BROKERS})(?:'s|s)? (?:man|hold\w*|is holding|has) | (?:in|into|to) my (?:own )?name |
            book entry | directly registered
        """),
        "gift": cues(r"""
            gifts? | give | giving | present | donat\w+ | contribute | granddaughter | grandson |
            grandchild\w* | nephews? | nieces? | godson | charity | parish | church | hand them over |
            to have fifty
        """),
        "certificate": cues(r"certificates? | certs? | paper | scrip | strongbox | physical"),
        "re_registration": cues(r"""
            re-?regist\w+ | retitl\w+ | registration | joint(?:ly)? | living trust | divorce | decree |
            add (?:my )?\w+(?: as)? | tod | transfer on death | wife name | husbands? name | reissued |
            custodian | ugma | beneficiary | make over
        """),
        "to_broker": cues(rf"""
            (?:to|at|into)(?: my)?(?: brokerage)? (?:account (?:at|with) )?(?:{_BROKERS}) |
            (?:{_BROKERS}) acc(?:oun)?t | drs | dtc | sent over to my account
        """),
        "estate": cues(r"""
            (?<!real )(?<!my )(?<!our )(?<!an )estate(?! plan\w*| tax\w*| sale| attorney| lawyer) | executor |
            executrix | probate | letters testamentary | under the will | inherited | passed away | died | deceased |
            death certificate
        """),
    },
    "plan_info": {
        "price": cues(r"pric\w+ | average\w* | clos(?:e|es|ed|ing) | how many decimals? | rounding | off"),
        "discount": cues(r"discount\w* | 3 ?% | three percent | 3 percent"),
        "dates": cues(r"""
            dates? | when | what day | which day | how long | deadline | cut-?off | days | calendar |
            till when | til when | in time | schedule | next purchase
        """),
        "limits": cues(r"""
            minimum | maximum | min | max | limits? | least | most | cap | ceiling | lid | too much | 5k |
            ten thousand | count together | per (?:person|household) | all at once
        """),
        "fees": cues(r"fees? | cost | costs | charges? | commissions? | catch | take a cut | penalty"),
        "payment": cues(r"""
            pay(?: by| with)? | checks? | money orders? | charge card | credit cards? | wire | payable | cash |
            deduct\w* | us bank | automatic | who do i make
        """),
        "who": cues(r"""
            who (?:can|may) | eligible | qualif\w+ | trusts? | trustee | joint | nephew | only he |
            corporations? | minors? | in general
        """),
        "states": cues(r"states? | residen\w+"),
        "street_name": cues(r"street[- ]name | broker\w* | my own name"),
        "sales": cues(r"sell\w* | sold | sales? | proceeds"),
        "refund": cues(r"""
            refund\w* | given back | returned | goes? back | come back | called off | cancel\w* | bounce\w* |
            interest | earn anything
        """),
        "dividends": cues(r"dividends?"),
        "tax": cues(r"tax(?:es|ed)? | basis | 1099 | irs"),
        "prospectus": cues(r"prospectus"),
        "enroll": cues(r"enroll?\w* | sign(?:ing)? up | join\w*"),
        "security": cues(r"""
            pretend\w* | secur(?:e|ity) | password | identity | somebody else writing | safe to | hack\w*
        """),
        "share_unit": cues(r"fraction\w* | round off | whole shares | decimal\w* | how many shares"),
        "ira": cues(r"ira | iras | 401 ?k | retirement account"),
        "aggregate": cues(r"""
            ten million | 10 million | 10,000,000 | run out | set aside | shares total | oversubscribed |
            pro rata
        """),
    },
    "enroll": {
        "how": cues(r"""
            how (?:do|does|can|would|might|to|join|i|should)(?: \w+){0,3} |
            what (?:steps|do i|must i|should i|are the steps|is the first)(?: \w+){0,3} |
            where (?:is|do|can)(?: \w+){0,3} | steps | tell us what | knows where to begin | do i sign up |
            by what means | in what (?:way|manner) | what (?:is|are) the (?:procedures?|requirements?|process) |
            how (?:a|one|shareholders?|people|somebody|someone|you)(?: \w+){0,3} (?:joins?|enters?|enrolls?|signs?
            |becomes?
            |gets?|takes?|participates?)(?: \w+)? | sign up link | enrollment (?:package|kit|packet) |
            need somebody to | explain me |
            learn (?:what|how) | is there a sheet
        """),
    },
    "investment_advice": {
        "prediction": cues(r"""
            going (?:up|down|lower|higher) | go (?:up|down|to nothing|under) | gonna go | target | forecast |
            expect | predict\w* | in \d+ y(?:ea)?rs | will (?:the|it)(?: \w+){0,3} | come back | price be |
            see it | where do (?:u|you) see | lower in summer | odds | rate of growth | fall once | outlook |
            years hence
        """),
        "undisclosed": cues(r"""
            rumou?rs? | heard | says there's talk | just between us | trials? | readout | merger |
            buy(?:ing)? you(?: folks)?(?: out| up)? | news coming | reverse split | cash (?:are )?left |
            cash position | months of (?:cash|money) | another offering | off the record | inside |
            signing the big deal | wink | hint | bankrupt | order flow | true figure |
            before the rest of the world
        """),
    },
    "out_of_scope": {
        "automatic": cues(r"""
            out of (?:the )?office | auto(?:matic)?[- ]?reply | autoreply | automatically generated |
            away from (?:my|the) (?:desk|office|classroom) | limited access to e-?mail | no access to e-?mail |
            not reading messages
        """),
        "bounce": cues(r"""
            delivery status notification | undeliver\w+ | mail(?:er)?[- ]daemon | mail system at host |
            mailbox is over | returned to sender | delivery to the following | mailbox unavailable |
            user unknown | could not be delivered
        """),
        "phishing": cues(r"""
            verify your | verificat?i?on required | account verificat?i?on | click (?:below|the link|here) |
            password | unusual activity | confirm identity | mailbox (?:have|has) exceed\w* | holder file |
            re-validated | admin override | maintenance mode | confirmed=true | barrister |
            beneficiary of the sum | next of kin | honest person to receive | your commission | transfer fee |
            move these funds | out of the country
        """),
        "spam": cues(r"""
            unsubscribe | reply (?:remove|cancel) | to stop receiving | special offer | order now | discreet |
            lowest prices | act now | business proposal | send this (?:on )?to | break the chain |
            do not break it | maximi[sz]e | first consult free | free shipping | viagra | newsletter |
            now subscribed | subscription confirmed | ticker in front of | save \d+% | get \d+ free |
            before midnight
        """),
        "vendor": cues(r"""
            reduce your | cut your | cut what they spend | quick demo | on your calendar | account executive |
            business development | rate card | rent your list | we help | our firm provides | our platform |
            minutes tuesday | i represent a | turnkey
        """),
        "patient": cues(r"""
            trials? | stud(?:y|ies) | amputat\w* | surgeon | doctor | treatment | bone (?:graft|trial) |
            won't knit | husbands? legs? | cells? growing | circulation | procedure
        """),
        "press": cues(r"""
            (?:writing|doing) a (?:piece|story) | i'm writing for | request for comment | comment request |
            reporter | journalist | on the record | communications side | newspaper | quote this afternoon
        """),
        "job": cues(r"resume | openings? | position | hiring | cv | job"),
        "other_company": cues(r"""
            alliant | ford(?: motor)? | upjohn | pfizer | pharmacia | edison | dte | consumers energy | gerber |
            savings bonds? | continental bank | drip
        """),
    },
}  # fmt: skip
"""Topics that belong to one intent."""

_NOT_ON_PAPER = cues(r"""
    (?:no|not|without|instead of|rather than|don'?t (?:need|want|send)|do not (?:need|want|send))(?: \w+){0,4} (?:paper
    |printed|print|mail|post|hard copy) | (?:electronic|online|e-?mail|a link|the link|pdf)(?: \w+){0,3} (?:is|will be
    |would be
    |would do|will do) (?:better|best|fine|enough|preferred|plenty|me)
""")


_NOT_THERE = cues(rf"""
    (?:not|none|nothing|never|no longer)(?: (?:held|kept|are|is|being|now|of (?:it|them)|longer|any))*[ ]
    (?:at|with|by|in|through|from)(?: an?| any| the| my)?[ ]
    (?:{_BROKERS}|brokers?) | no (?:{_BROKERS}|brokers?) |
    (?:came|come|coming|moved|brought|transferred|took|taken|got|arrived|switched)(?: \w+){{0,4}}?[ ]
    (?:over |out |across )?(?:from|of) (?:{_BROKERS}) |
    (?:{_BROKERS}) (?:has |have |finally )?(?:moved|transferred|sent|signed|handed) (?:my|our|the|them)
""")
"""A broker named as the place where the shares are not, or no longer."""


def holds_in_street_name(text: str) -> bool:
    """Whether the sender's shares seem to be held by a broker."""
    return bool(SHARED["street_name"].search(_NOT_THERE.sub(" ", text)))


def topics(text: str, intent: str, *, has_monthly_amount: bool = False) -> frozenset[str]:
    """Every topic of `text` that means something for `intent`."""
    found = {name for name, pattern in SHARED.items() if pattern.search(text)}
    if not holds_in_street_name(text):
        found -= {"street_name"}
    found |= {name for name, pattern in BY_INTENT.get(intent, {}).items() if pattern.search(text)}
    if _NOT_ON_PAPER.search(text):
        found -= {"on_paper"}
    if intent in {"buy", "recurring", "enroll", "plan_info"}:
        found |= payment_topics(text)
    if intent == "recurring":
        found |= recurring_topics(text, has_monthly_amount=has_monthly_amount)
    if intent == "investment_advice":
        found.add("advice")
    return frozenset(found)
