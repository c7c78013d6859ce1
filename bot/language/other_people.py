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

_RELATIVE = re.compile(rf"(?<!\w)(?:my|our|the) (?:\w+ )?(?:{_KIN})(?!\w)", re.IGNORECASE)
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
    (?:i'?m|i am) (?:his|her|their) (?:wife|husband|spouse|mother|father|mom|dad|sister|brother|nurse|caregiver|aide
    |helper|lawyer|attorney|accountant|agent|banker|broker|son
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
    r"(?-i:(?:A(?:astrom(?:'s)?|STM|pr(?:il)?|ug(?:ust)?)|J(?:an(?:uary)?|une|uly)|Feb(?:ruary)?|Mar(?:ch)?|May"
    r"|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Christmas|Xmas|Easter"
    r"|Thanksgiving|Plan|DSPP|Program|The|This|That|My|Our|Me|I|US|USD|U\.S|Account|Acct|Direct|Stock|Common|Purchase"
    r"|Investment|Now|Next|Medicaid|Medicare|College|Taxes|Tax|Tuition|Cash|Money|Surgery|House|Roof|Social"
    r"|Acc)(?![a-z]))"
)
_NOT_SOMEBODYS = (
    r"(?:aastrom|astm|dspp|plan|program|company|today|tomorrow|yesterday|let|it|that|this|what|here|there|where|who"
    r"|he|she"
    r"|one|other|nobody|everyone|everybody|anyone|anybody|somebody|someone|year|month|week|day|morning|night|last"
    r"|next|bank"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday|mother|father|christmas|new|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec|trust"
    r"|how|when|why|hers|yours|firm|spring|summer|autumn|fall|winter)(?:'s|s')"
)
_NOT_SOMEONE = r"(?!(?:me|us|my|our|it|all|this|that|the|these|everything|half|money|cash|some|any|both|i|we)\b)"
_OF_THE_PLAN = (
    r"(?: (?:to (?:buy|sell|join|enroll?|invest|leave|close|quit|stop|start|put|be (?:in|out|enrolled|added|part)|sign"
    r"|purchase|participate|withdraw|take part|cancel|order|raise|change|liquidate|cash)|in|out|you to|\$? ?\d[\d,.]*"
    r"|(?:his"
    r"|her|their) (?:own|shares|stock|account|order|name)|some|shares|stock|another|more|half|all of|everything"
    r"|the same"
    r"|an? (?:hundred|thousand|plan|account|purchase)|[a-z]+ (?:hundred|thousand|shares|dollars))(?!\w))"
)
"""What somebody wants of the plan, and not of life: "wants in", and not "wants to come home and farm"."""
_KINSMAN = rf"(?:my|our) (?:{_KIN})"
_SOMEONE = {
    name: re.compile(rf"(?<![\w'])(?:{form})(?!\w)", re.IGNORECASE)
    for name, form in {
        "a relative wants, has or holds": rf"(?:my|our) (?:\w+ )?(?:{_KIN})(?:'?s'?)?(?:,? \([^)]*\)"
        rf"|(?:,? {_NAME}){{1,3}})?"
        rf"(?:, \d\d?,)?(?:'s)?,? (?:\w+ )?(?:(?:wants?|would like|asked (?:me|you)|needs|wishes)(?={_OF_THE_PLAN})"
        rf"|has (?:her|his|their) own(?= {_HOLDING})"
        rf"|has (?:an?|one|some)?(?: of (?:these|those|your|the))?(?: \w+)? ?(?:{_HOLDING})|is in your plan|told you to"
        rf"|directed|ordered stock|holds|owns|has (?:aastrom|astm|stock|shares)|(?:own )?{_HOLDING})",
        "a relative's holding": rf"{_KINSMAN}(?:'?s'?)? (?:\w+ ){{0,2}}{_HOLDING}",
        "a size for a name": rf"(?:\d[\d,.]{{0,12}}|dollars|bucks|shares|worth|stock) for (?!{_NOT_A_PERSON}){_NAME}"
        rf"(?=,| and|\.|$|\n|;| who| he| she)",
        "an account of his own": r"(?:he|she) (?:has|is|wants)(?: \w+){0,4} (?:his|her) own (?:plan )?(?:account"
        r"|acct|shares)",
        "sign up a relative": rf"(?:sign|enroll?|enrol)(?: up)? {_KINSMAN}",
        "put a relative in": rf"(?:put|enter|get|add) {_KINSMAN}(?: {_NAME})? (?:in|into|on)",
        "enroll him": r"(?:enroll?|enrol|sign(?: up)?|add|register) (?:him|her|them)",
        "him enrolled": r"(?:him|her|them) (?:enroll?ed|signed up|added)",
        "for a relative": rf"for {_KINSMAN}(?:'s)?(?: {_NAME})?(?: she'?s| he'?s|,? in (?:her|his)|,? not for me"
        rf"|'s (?:account|plan)| this month|(?= account| plan))",
        "sell his": rf"(?:sell|buy|close|terminate|enroll|cancel|stop|liquidate|move|send|want|like|into|in|put|of"
        rf"|from|on"
        rf"|discontinue|take|get)(?: [\w$']+(?:[.,]\d+)*,?){{0,4}}? (?:his|her|hers|their|theirs)"
        rf"(?: (?:own|plan|stock|monthly|aastrom|membership|participation))* (?:in|{_HOLDING})",
        "a count of hers": r"(?<![\d,.])\d[\d,.]{0,14}(?: \w+)? of (?:hers|his|theirs|her shares|his shares)",
        "their account": rf"{_THEIRS} (?:own )?(?:account|shares|stock|plan account|participation|membership|deduction)"
        rf"(?= in| with| is|,|\.|$)",
        "everything she has": r"everything (?:she|he|they) (?:has|have|own)s?",
        "she wants out": r"(?:she|he) wants out",
        "something for him": r"(?:shares?|stock|worth|dollars|bucks|it|them|some|one|this|order|account|matters|affairs"
        r"|things|\d[\d,.]*) for (?:him|them)",
        "for her account": r"for her (?:account|plan|own)",
        "in her name": r"in (?:her|his) (?:own )?(?:account|name)",
        "to her shares": r"to (?:her|his) shares",
        "not mine": r"is not mine|not my (?:own )?account",
        "an account that is his": r"account(?: is|'s) (?:in )?(?:his|hers|her name|his name)",
        "take him out": rf"(?:take|get) (?:{_NOT_SOMEONE}{_NAME}|him|her|them) (?:out|off)",
        "remove him": r"(?:remove|drop|terminate) (?:him|her)",
        "doing his paperwork": r"(?:do|handle|keep)s? (?:all )?(?:of )?(?:his|her|their) (?:paperwork|books|bills"
        r"|affairs"
        r"|finances)",
        "money into hers": r"(?:put|invest|money)(?: [\w$,.]+){0,4} (?:in|into|to) (?:hers|theirs|his(?! \w))",
        "into a name's": rf"into (?!{_NOT_A_PERSON}){_NAME}'s|{_NAME}'s, hers",
        "a former spouse's": r"(?:my|our) ex[- ]?(?:wife|husband)'?s|ex(?:wife|husband)s (?:account|stock|plan|acct)",
        "a titled person": rf"(?:dr|mr|mrs|ms)\. {_NAME},? (?:whose|asks|would like|wants)",
        "our client": r"(?:for|of) (?:our|my) client",
        "signing for him": r"(?:sign|act|acting) for (?:him|her|them|my)|looking after (?:his|her|their)",
        "what she ordered": r"(?:whatever|anything|everything|what|(?:order|sale|purchase)(?: that)?) (?:he"
        r"|she) (?:put|placed"
        r"|ordered|sent|entered|made|signed)",
        "a divorce": r"divorce (?:is|isn'?t|ain'?t|aint|not|pending|proceeding|settlement|hasn'?t)"
        r"|(?:my )?ex[- ]?(?:wife"
        r"|husband)(?:,| and| \+| &| or) (?:me|i|myself)",
    }.items()
}
"""By what is said of them, somebody else whose account it may be."""
_A_NAMES = re.compile(
    rf"(?<![\w'])(?:(?!{_NOT_SOMEBODYS})(?-i:[A-Z][a-z]+)(?:'s|s') (?:own )?(?:\w+ )?(?:account|acct|shares|shs|stock"
    rf"|holdings?|plan|position|participation|membership|deduction|enrol?lment|order|sale)(?! date)"
    rf"|(?:sell|sold|of|from|in|into|close|cancel|stop|for|to) (?:all "
    rf"|half )?(?:of )?(?!{_NOT_SOMEBODYS})[a-z]{{3,14}}'s"
    rf" (?:own )?(?:account|acct|shares|shs|stock|deduction))(?!\w)",
    re.IGNORECASE,
)
"""What is somebody's by name, unless it is the sender's now."""
_FOR_A_NAME = re.compile(
    rf"(?:sell|buy|buying|selling|invest|purchase|put)\b[^.!?\n]{{0,50}}?[ $](?:\d[\d,.]{{0,12}}|dollars|bucks"
    rf"|shares|shs|worth"
    rf"|stock|them|it|all|half|one) (?:for|on behalf of) (?!{_NOT_A_PERSON})(?-i:(?P<name>[A-Z][a-z]+)(?:"
    rf" [A-Z][\w.]*)*)",
    re.IGNORECASE,
)
"""A size "for" somebody, who may be the sender by the name under the letter."""
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
    do not notify the holder | (?:check|cheque|money|proceeds|it) not (?:made out |payable )?to me |
    (?:write|make|cut|issue|do|draw)(?: out)?(?: the| a| my)? (?:check|cheque)(?: out)? (?:for|to) (?:(?:my
    |our)(?: \w+)?[ ](?:{_KIN})(?!['\w])|him|her|them|a friend|some(?:body|one) else) |
    (?:check|cheque|proceeds|money) (?:\w+ ){{0,2}}to (?:my|our) (?:\w+ )?(?:{_KIN}) |
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
    delete from \w+ where | /{1,2}root/{0,2} | you are to \w+ (?:every|all|each) |
    (?:of|for) (?:every|all|each|any)(?: \w+){0,2} (?:account ?holders?|shareholders|holders|customers?|participants?
    |users?)(?:'s?)? |
    (?:every|all|each|any) (?:pending |open )?(?:orders?|accounts?) (?:of|for|from|by) (?:every|all|each|any|everyone) |
    new policy for you | mark (?:this|the) sender as verified | attention automated | your developer
""")
_OWN_ACCOUNT = cues(r"""
    my own account | account in my name | in my (?:own )?name | mine alone | both of us | we both | my account |
    own (?:plan )?account | joint(?:ly| account| owners)? | own mailbox
""")


_SET_APART = re.compile(
    rf"(?:,? (?:who |and )?(?:has|have|had|holds?|owns?)(?: got)? (?:some |a few )?(?:shares|stock|an account|one|some)"
    rf" (?:of|in) (?:his|her|their) own(?: name)?"
    rf"|(?:my|our|the) (?:{_KIN}|boys|girls)s?'?s? (?:own )?(?:account|shares|stock|plan) (?:is|are) (?:separate|apart"
    rf"|another)|(?:his|her|their|theirs|hers) (?:own )?(?:account|shares|stock|plan)? ?(?:can|may|should"
    rf"|must)? ?(?:sleep"
    rf"|stays?(?: put)?|remains?|rest))(?!\w)",
    re.IGNORECASE,
)
"""What is told of others' shares, to keep them out of what is asked."""
_UNDERSIGNED = re.compile(r"(?<!\w)the undersigned(?!\w)", re.IGNORECASE)
_THIRD_PERSON = re.compile(r"(?<!\w)(?:he|she|his|her|him)(?!\w)", re.IGNORECASE)
"""Who writes "the undersigned" speaks of nobody else with these."""


def is_for_a_third_party(text: str) -> bool:
    """Whether it concerns somebody else's account or money, or claims an authority that is not the holder's own."""
    is_mine_now = bool(_MY_OWN_NOW.search(text))
    if is_mine_now:
        text = _HANDED_DOWN.sub(" ", text)
    text = _SET_APART.sub(" ", _GIVEN.sub(" ", text))
    if _UNDERSIGNED.search(text) and not _RELATIVE.search(text):
        text = _THIRD_PERSON.sub("my", text)
    if _ACTING.search(text) or _COMMANDS.search(text) or _DIVERTED.search(text):
        return True
    return any(pattern.search(text) for pattern in _SOMEONE.values()) or (
        not is_mine_now and bool(_A_NAMES.search(text) or _is_for_a_name(text))
    )


def _is_for_a_name(text: str) -> bool:
    """Whether something is to be bought or sold "for" somebody whose name does not stand under the letter."""
    return any(not re.search(rf"\b{match['name']}\b", text[match.end() :]) for match in _FOR_A_NAME.finditer(text))


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
    (?:gave|left|willed|gifted|handed) (?:me|us)(?: \w+){0,5} (?:her|his|their) (?:shares|stock) |
    (?:settled|closed|done|finished|over)(?: \w+){0,2} (?:with )?(?:the|her|his) estate |
    (?:the|her|his) estate (?:is|was|has been|got)(?: \w+)? (?:settled|closed|done) |
    (?:gift|present) (?:from|of) (?:my |our )?\w+(?: before (?:she|he) (?:passed|died)(?: away)?)? |
    held (?:them|it|mine|ours) as custodian
""")
"""Shares that were somebody else's and are the sender's now."""
_MY_OWN_NOW = cues(r"""
    (?:in|under) my own name | (?:is|are|were|been|now) (?:now )?(?:in|under) my name |
    (?:put|shares|stock) in(?:to)? my name | came to me | from my late | my own account |
    believed in | left me | (?:now|are|is|all) mine | (?:only|just) my name on | mine alone | in mine since |
    signed us both up | had belonged
""")


_PLAINLY = cues(r"""
    (?:on|in) behalf of (?:my|our|the|a|his|her|mr|mrs|ms|dr) | on (?:his|her|their|my \w+'s) behalf |
    power of attorney | poa | attorney[- ]in[- ]fact | executors? | executrix | estate of | letters testamentary |
    personal representative | guardian | conservator | passed away last | died last |
    my (?:wife|husband|mother|father|son|daughter|brother|sister|client)'?s'? (?:shares|account|stock|deduction|order
    |purchase|sale)
""")


def is_plainly_somebody_elses(text: str) -> bool:
    """Whether it names an authority, an estate or somebody else's account in words that nothing can talk away."""
    return bool(_PLAINLY.search(text))


def concerns_a_death(text: str) -> bool:
    """Whether a holder seems to have died, and the shares are not the sender's own yet."""
    text = _GIVEN.sub(" ", _BROKE_DOWN.sub(" ", text))
    if not (_DIED_LATELY.search(text) or (_DEATH.search(text) and _DEATH_CONCERNS.search(text))):
        return False
    estate = re.search(
        r"(?<!\w)(?:executors?|executrix|estate (?:of|would|account)|letters testamentary|is gone)(?!\w)",
        text,
        re.IGNORECASE,
    )
    return bool(estate) or not _MY_OWN_NOW.search(text)
