"""Whose account a message is about, and whether a holder has died: two cautions with tables of their own."""

from __future__ import annotations

import re

from bot.language.text import cues

_KIN = (
    r"(?:ex[- ]?)?(?:wife|husband|hubby|spouse|partner|fianc[eé]e?)|son|daughter|boy|girl|child|children|kids?"
    r"|mother|mom|mama|mum|father|dad|papa|"
    r"parents?|grand(?:ma|pa|mother|father|son|daughter|child|children|kids|parents)|aunt|uncle|brother|sister"
    r"|niece|nephew|cousin|"
    r"(?:mother|father|brother|sister|son|daughter)[- ]in[- ]law|god(?:son|daughter|child)|stepson|stepdaughter"
    r"|stepfather|stepmother|in-laws?|"
    r"friend|neighbou?r|boss|client|patient|buddy|roommate|ward|tenant|employer"
)
_THEIRS = r"(?:his|her|hers|their|theirs|him|them)"
_HOLDING = (
    r"(?:accounts?|acct|shares?|stock|holdings?|plan|participation|membership|deductions?|position|purchase|sale"
    r"|order|name|enrol?lment|debit|drafts?|money|aastrom|dspp)"
)

_ACTING = cues(r"""
    (?:on|in) behalf of | on (?:his|her|their|my \w+'?s) behalf | power of attorney | (?:durable )?poa |
    p\.o\.a\. | attorney[- ]in[- ]fact | executors? | executrix |
    administrat(?:or|rix) of (?:the|his|her) estate | personal representative |
    (?:co-?)?trustees?(?! processes) | trusteeship |
    (?:\w+ )?(?:family|living|revocable|irrevocable|marital|charitable|special needs|educational|residuary
    |grandchildren's|remainder) trust | the trust(?:'s)? | trust wishes | guardian\w* | conservator\w* |
    custodian (?:for|under|of) | as custodian | ugma | utma | (?:our|my|the|a) clients?(?:'s)? | client: |
    (?:we|i) represent | this office represents | counsel (?:to|for) | whose affairs (?:we|i) handle |
    (?:i|we) (?:do the books|prepare the returns|handle the affairs|keep the books)(?: \w+){0,3} |
    for (?:his|her) year end | bookkeeper for | secretary to | limited partnership | general partner |
    l\.?p\.? | (?<!of the )(?<!the )(?:s |c )?corporation | (?<!stock of )the corporation | the partnership |
    board resolution |
    corporate resolution | (?:self-directed |roth |my |sep )?(?-i:IRA|ira) | shares are registered to them |
    (?:office|business|branch) manager | treasurer (?:of|for) | (?:as|am|i'm|the) (?:the )?treasurer |
    (?:writing|typing|asking|acting|e-?mailing)(?: this)? (?:for|on behalf of) (?:mr|mrs|ms|dr|miss|my|our|him|her
    |them)(?: \w+)? |
    (?:our|my|the) (?:investment|stock) club | for (?:mrs|mr|ms|miss)\.? \w+ |
    (?:i'?m|i am) (?:his|her|their) (?:nurse|caregiver|aide|helper|lawyer|attorney|accountant|agent|banker|broker|son
    |daughter|neighbor) | told me (?:he|she|they) (?:wrote|ordered|sent|e-?mailed|placed) |
    (?:our|the|my) (?:church|parish|congregation|lodge|club|synagogue)(?:'s| wants| would) |
    (?:signed|gave me) a paper(?: for me)? | my ex's | (?:dads|moms|mothers|fathers|husbands|wifes|wives|sons|daughters
    |brothers|sisters|grandmas|grandpas) (?:shares|stock|account|acct|plan|order) | (?:my|the) (?:cat|dog|horse) wants |
    (?:daddy|mommy|mama|papa|grandma|grandpa|granny)'?s | i(?:'m| am) (?:[5-9]|1[0-7])(?=[.,]| (?:years old|yrs|and|i))
    (?: years old)? | (?:deduction|draft|debit|order|one)(?: \w+)? on (?:hers|his|theirs) |
    minor(?:'s)? | the estate(?: of)? | estate account | letters testamentary | next of kin | under the decree |
    per the decree | (?:divorce|court) (?:decree|order) | the judge (?:gave|awarded) | awarded (?:me|one half) |
    dissolution proceeding
""")
_NAME = r"(?-i:[A-Z][\w'.-]+)"
_NOT_A_PERSON = (
    r"(?-i:A(?:astrom|STM|pril|ugust)|J(?:an|une|uly)|Feb|Mar|May|Sep|Oct|Nov|Dec|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun"
    r"|Christmas|Easter|Plan|DSPP|Program|The|My|I|US|USD|Account|Direct|Stock|Common|Purchase|Investment|Now)"
)
_SOMEONE = re.compile(
    rf"(?<![\w'])(?:(?:my|our) (?:\w+ )?(?:{_KIN})(?:'?s'?)?(?:,? \([^)]*\)"
    rf"|(?:,? {_NAME}){{1,3}})?(?:, \d\d?,)?(?:'s)?,? (?:\w+ )?(?:wants?|would like|asked (?:me|you)|needs"
    rf"|has (?:her|his|their) own|has (?:an? )?(?:{_HOLDING})|is in your plan|wishes|told you to|directed"
    rf"|ordered stock|holds|owns|has (?:aastrom|astm|stock|shares)|(?:own )?{_HOLDING})"
    rf"|(?:my|our) (?:{_KIN})(?:'?s'?)? (?:\w+ ){{0,2}}{_HOLDING}"
    rf"|(?:\d[\d,.]{{0,12}}|dollars|bucks|shares|worth|stock) for (?!{_NOT_A_PERSON}){_NAME}(?=,| and|\.|$|\n|;"
    rf"| who| he| she)"
    rf"|(?:he|she) (?:has|is|wants)(?: \w+){{0,4}} (?:his|her) own (?:plan )?(?:account|acct|shares)"
    rf"|(?:sign|enroll?|enrol)(?: up)? (?:my|our) (?:{_KIN})"
    rf"|(?:put|enter|get|add) (?:my|our) (?:{_KIN})(?: {_NAME})? (?:in|into|on)"
    rf"|(?:enroll?|enrol|sign(?: up)?|add|register) (?:him|her|them)|(?:him|her|them) (?:enroll?ed|signed up|added)"
    rf"|for (?:my"
    rf"|our) (?:{_KIN})(?:'s)?(?: {_NAME})?(?: she'?s| he'?s|,? in (?:her|his)|,? not for me"
    rf"|'s (?:account|plan)| this month|(?= account| plan))"
    rf"|(?:sell|buy|close|terminate|enroll|cancel|stop|liquidate|move|want|wants|into|in|put|of|from|on"
    rf"|discontinue|take|get)(?: [\w$,.']+){{0,4}}? (?:his|her|hers|their|theirs)(?: (?:own|plan|stock|monthly"
    rf"|aastrom|membership|participation))* (?:in|{_HOLDING})"
    rf"|(?<![\d,.])\d[\d,.]{{0,14}}(?: \w+)? of (?:hers|his|theirs|her shares|his shares)"
    rf"|{_THEIRS} (?:own )?(?:account|shares"
    rf"|stock|plan account|participation|membership|deduction)(?= in| with| is|,|\.|$)"
    rf"|everything (?:she|he|they) (?:has|have|own)s?|(?:she|he) wants out|for him|for her (?:account|plan|own)"
    rf"|in (?:her|his) (?:own )?(?:account|name)|to (?:her|his) shares|is not mine|not my (?:own )?account"
    rf"|account(?: is|'s) (?:in )?(?:his|hers|her name|his name)|take (?:{_NAME}|him|her|them) out(?: of)?"
    rf"|(?:put|invest|money)(?: [\w$,.]+){{0,4}} (?:in|into|to)"
    rf" (?:hers|theirs|his(?! \w))|into {_NAME}'s|{_NAME}'s, hers|(?:my|our) ex[- ]?(?:wife"
    rf"|husband)'?s|ex(?:wife|husband)s (?:account|stock|plan|acct)|(?:dr|mr|mrs|ms)\. {_NAME},? (?:whose|asks"
    rf"|would like|wants)"
    rf"|(?:for|of) (?:our|my) client|(?:sign|act|acting) for (?:him|her|them|my)|looking after (?:his|her"
    rf"|their))(?![\w])",
    re.IGNORECASE,
)
_DIVERTED = cues(rf"""
    (?:check|cheque|proceeds|money|payment|funds)(?: \w+){{0,6}}? (?:made out|payable|sent|paid|mailed|wired|go
    |out)(?: out| over| straight over)? to (?:my (?:\w+ )?(?:{_KIN})|him|her|them|another|a friend|the family
    |(?:[a-z]+ )?mr
    |a different)(?: \w+)* |
    make it out to (?!me|us|myself|my name)(?:my )?\w+ | make (?:the )?(?:check
    |cheque)(?: \w+){{0,3}}? (?:out )?to (?!me|us|my(?:self)? name|aastrom)(?:my )?\w+ |
    in the name of (?!my|me) | c/o | mail the check to p\.?o\.? | mail it there instead |
    mail(?:ed)? to (?:his|her|their) (?:house|apartment|home|place) |
    (?:wire|send|transfer) (?:the )?(?:proceeds|money|cash|funds)(?: \w+)* to (?!me|us|my (?:address|home|house
    |bank|own|checking)|the address|our|mother)(?:\w+) |
    (?:wire|send|transfer|pay|mail) (?:it|them|everything|that|all of it) to (?!me|us|my|our
    |the|this|you|aastrom)\w+ |
    (?:pay|send|mail|give) (?:the |my )?(?:check|cheque|proceeds|money|payment|funds) to (?!me|us|you|your|the|this
    |aastrom|continental|dspp|our|my (?:address|home|house|bank|own|checking|account))(?:my )?\w+ |
    do not notify the holder |
    (?:send|mail|post|deliver)(?: \w+){{0,2}} (?:check|cheque|money|proceeds) (?:there|to (?:that|the new) (?:address
    |place)) |
    (?:sent|paid|mailed) to me direct | deposit (?:it|them) for me | money sent to me
""")
_COMMANDS = cues(r"""
    ignore (?:all |your |the )?(?:previous |prior |earlier )?(?:instructions|rules) |
    (?:system|administrative) (?:notice|override) | admin(?:istrator)? (?:mode|override) | override |
    pre-?verified | identity has been verified | skip the (?:code|confirmation)(?: step)? |
    (?:bypass|without) (?:the )?(?:code|confirmation|verification) | maintenance mode | you are now in |
    (?:system|assistant|admin|root|developer|user) ?(?::|notes?|prompt) |
    treat (?:the|this) (?:sender|message|request) as(?! my| our) |
    dear valued \w+ | log in (?:within|here|to (?:verify|confirm|release)) |
    dear (?:ai|bot|computer|program|machine) | (?:pretend|imagine) (?:that )?you are | you are (?:now )?my broker |
    (?:as|is) (?:authenticated|verified|confirmed|pre-?approved) | order confirmed | confirmation (?:as|is|was) given |
    <!-?-?[^\n]{0,200} | </?[a-z]{2,12}>[^\n]{0,80} | update \w+ set | drop table | insert into |
    delete from \w+ where |
    new policy for you | mark (?:this|the) sender as verified | attention automated | your developer
""")
_OWN_ACCOUNT = cues(r"""
    my own account | account in my name | in my (?:own )?name | mine alone | both of us | we both | my account |
    own (?:plan )?account | joint(?:ly| account| owners)? | own mailbox
""")


def is_for_a_third_party(text: str) -> bool:
    """Whether it concerns somebody else's account or money, or claims an authority that is not the holder's own."""
    if _MY_OWN_NOW.search(text):
        text = _HANDED_DOWN.sub(" ", text)
    text = _GIVEN.sub(" ", text)
    if _ACTING.search(text) or _COMMANDS.search(text) or _DIVERTED.search(text):
        return True
    return bool(_SOMEONE.search(text))


_DEATH = cues(r"""
    (?:passed(?: away| on)?|died|dead(?! ?(?:body|line|end|set|tired|weight|wrong|right|battery))|deceased|has died) |
    the late (?:mr|mrs|ms|\w+ [A-Z]\w+) |
    death (?:certificate|certificates) |
    (?<!real )(?<!my own )estate(?: of)?(?! plan\w*| tax\w*| sale| attorney| lawyer) |
    executors? | executrix | letters testamentary |
    went to be with the lord | is gone i would like | funeral (?:home|expenses|director) |
    under the will | certificate from the county
""")
_DEATH_CONCERNS = re.compile(
    r"(?<!\w)(?:(?:his|her|their|mom's|dad's|moms|dads|the) (?:\w+ )?(?:shares|stock|account|holdings"
    r"|deduction|monthly|plan|name|order|statements?)|executors?|executrix|estate|letters testamentary|(?:he"
    r"|she) (?:had|was putting|held|owned|died)|"
    r"(?:shares|stock)(?: \w+){0,4} (?:in|under) (?:his|her|the)? ?(?:name|\")|joint tenants"
    r"|still on the stock|made out to|under the will|last (?:three )?statements|death certificate|settle)",
    re.IGNORECASE,
)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DIED_LATELY = re.compile(
    rf"(?<!\w)(?:(?:my|our|the) (?:\w+ )?(?:{_KIN})|(?:share)?holder|owner|who (?:holds|owns)|mrs?\.?|ms\.?)(?!\w)"
    rf"[^.!?\n]{{0,60}}? (?:(?:has|have|just|recently|sadly|suddenly)(?: (?:just|recently|sadly|now|suddenly))?"
    rf" (?:died|passed(?: away| on)|deceased)"
    rf"|(?:died|passed(?: away| on)) (?:on|this|last (?:week|month|night|{_MONTHS})|yesterday|today|suddenly|peacefully"
    rf"|in (?:{_MONTHS})(?! (?:of )?19\d\d)|(?:a|two|three|four|few|a few|\d+) (?:days?|weeks?|months?) ago)"
    rf"|is (?:dead|deceased|no longer (?:with us|alive)))(?!\w)",
    re.IGNORECASE,
)
"""A death that is news, and not one of years ago."""
_BROKE_DOWN = cues(r"""
    (?:engine|generator|truck|car|van|tractor|combine|mixer|computer|laptop|printer|battery|phone|furnace|pump|heater
    |fridge|freezer|washer|dishwasher|motor|transmission|dog|cat|cow|horse|parakeet)(?: \w+){0,2} (?:died|dead|passed)
""")
"""What dies without leaving shares."""
_HANDED_DOWN = re.compile(
    rf"(?<!\w)(?:my|our) (?:late )?(?:{_KIN})(?: {_NAME})?'?s'? (?:\w+ )?(?:shares|stock|holdings?)(?!\w)",
    re.IGNORECASE,
)
_GIVEN = cues(r"""
    (?:gave|left|willed|gifted|handed) (?:me|us)(?: \w+){0,5} (?:her|his|their) (?:shares|stock)
""")
"""Shares that were somebody else's and are the sender's now."""
_MY_OWN_NOW = cues(r"""
    (?:in|under) my own name | (?:is|are|were|been|now) (?:now )?(?:in|under) my name |
    put in(?:to)? my name | came to me | from my late | my own account |
    believed in | left me | mine alone | in mine since | signed us both up | had belonged
""")


def concerns_a_death(text: str) -> bool:
    """Whether a holder seems to have died, and the shares are not the sender's own yet."""
    text = _BROKE_DOWN.sub(" ", text)
    if not (_DIED_LATELY.search(text) or (_DEATH.search(text) and _DEATH_CONCERNS.search(text))):
        return False
    estate = re.search(
        r"(?<!\w)(?:executors?|executrix|estate (?:of|would|account)|letters testamentary|is gone)(?!\w)",
        text,
        re.IGNORECASE,
    )
    return bool(estate) or not _MY_OWN_NOW.search(text)
