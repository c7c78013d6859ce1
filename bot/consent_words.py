"""The words of which a yes, and a no, to a read-back is made; judged in `bot.consent`."""

from __future__ import annotations

import re
from itertools import product

# ------------------------------------------------------------- the vocabulary

YES = frozenset("yes yep yup yeah yea yess yessir aye ok okay sure certainly absolutely definitely".split())

AFFIRMATIONS = YES | frozenset(
    """affirmative agree agreed accept accepted approve approved authorize authorized authorise authorised confirm
    confirmed confirming confirms comfirm comfirmed confrim confrimed correct right fine ahead proceed
    execute""".split()
)

CLOSINGS = frozenset(
    """sincerely truly faithfully cordially respectfully regards best kind kindest warm warmest wishes love cheers
    blessings bye goodbye thank thanks thankyou thx""".split()
)

WORDS = AFFIRMATIONS.union(
    CLOSINGS,
    """please pls plz kindly you very much so dear sir sirs madam maam mam ladies gentlemen hello hi hey greetings i we
    me us my our it this that these your yours the a an and of for to in on as by from is am be here hereby herewith
    indeed good great perfect wonderful excellent true go process code codes sent wrote written asked requested received
    gave given got found read stated described shown have has""".split(),
)
"""What may stand alone in a yes. Nothing that denies, doubts, limits, adds, puts off or wishes may be added here."""

PHRASES = frozenset(
    tuple(word for word in words if word != "-")
    for phrase in """
    do it/this/so/that; i/we/please/will/yes do; carry on; carry it out; make it so; put it through; take care of it
    that will/would be fine; sounds/looks good/right/fine; exactly as/right/-; just as; you may; you can go ahead
    this/that is it; this/that is what i want/wanted/ordered/requested; what i ordered/requested; what i asked for
    what you wrote/sent; as i wanted; all is/- well/correct/right/good/fine/set; it/that is all correct/right/-
    alright; everything is/looks; the/- details are; the/- information is; you have my permission/approval/okay/ok
    i/we would/- like/wish/want to; would you please go ahead; reply/secret/confirmation code; code number/again/back
    sending it/- back/you/-; as you told me to/- do/-; as you said/instructed; in reply/response to your; i am replying
    i hope this works; here you go/are; no changes/objection/objections/rush/hurry/worries
    no problem/problems at/- all/-; i/- have/- no further/- questions; do not worry; i can not wait
    let me know if you need anything else/-; sorry for the delay/wait; sorry for the late reply
    sorry it took me/- so long; sorry i am late; get outlook for ios/android
    sent from my/- iphone/ipad/phone/android/mobile/samsung/tablet/kindle/pc/computer/outlook/aol
    sent from my cell/android phone; sent from mail for windows; sent from yahoo mail; sent from my samsung galaxy
    to whom it may concern; hello/hi/dear/- investor relations; hello/hi/dear team/there; dear/- aastrom
    god/- bless you/-; take care; many thanks; thanks a lot; thank/thanks you/- again/all; yours; all the best
    my name is; signed; i/- appreciate it; i appreciate your help; for your/the help/patience/trouble/time
    for everything; happy holidays/thanksgiving/easter; merry christmas; happy new year; i/- hope you are well
    i/- hope this finds you well; with me/my/us/our/it/this/that/the; account/acct no/number/-
    account/acct/- ending in/-; the program/plan; dspp; your/the/this letter/email/message; your/the instructions
    my confirmation; confirmation of; as/the/shown above/below
    have a nice/good/great/lovely/blessed day/week/weekend/evening/afternoon/night/one
    have a nice/good/great/lovely/blessed monday/tuesday/wednesday/thursday/friday/saturday/sunday
    good/happy day/morning/evening/afternoon/night; good/happy monday/tuesday/wednesday/thursday/friday/saturday/sunday
    """.replace("\n", ";").split(";")
    for words in product(*(choices.split("/") for choices in phrase.split()))
)
"""What a yes may say only in these words together: "all correct", but no other "all". "-" may be left out."""
LONGEST_PHRASE = max(map(len, PHRASES))

FAMILIES: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "cancel": "cancel cancelled canceled cancelling canceling cancellation",
        "stop": "stop stopped stopping stops discontinue end",
        "pause": "pause paused pausing suspend hold",
        "close": "close closed closing",
        "leave": "leave leaving",
        "withdraw": "withdraw withdrawing withdrawal",
        "order": "order orders",
        "purchase": "purchase purchases buy buying invest investing investment order dollars dollar shares stock",
        "sale": "sale sell selling sold order shares share stock",
        "deduction": "deduction deductions monthly month automatic debit",
        "enrollment": "enroll enrol enrolled enrolling enrollment enrolment join me up",
        "enroll": "enroll enrol enrolled enrolling enrollment enrolment",
        "balance": "balance shares share",
        "start": "start begin",
    }.items()
}
"""What may be said of each thing read back: its acts, and its plain nouns."""
CONTACTS = frozenset("phone telephone tel ph cell home mobile fax email".split())
"""What may stand only before a telephone number or an address: "phone me" is a wish."""
NOUNS = frozenset("order purchase sale deduction enrollment enroll balance".split())
FREQUENCIES = {"monthly": "monthly month every each", "quarterly": "quarterly quarter every each"}
MONTHS = "january february march april may june july august september october november december".split()

# ----------------------------------------------------------------- objections

AGREE = r"(?:agree|confirm|approve|accept|consent|authori[sz]e|proceed|permit|allow)"
HARMLESS = re.compile(
    r"\b(?:do not (?:worry|mind|hesitate|forget)|can not wait|wrong (?:code|number|letter|email|address|button)"
    r"|code is (?:wrong|incorrect|not correct|not right))\b"
)

OBJECTION = re.compile(
    rf"""\b(?:
    (?P<act>cancel(?:l?ed)?|stop|undo|void|abort|delete|pause)
    | nope | nah | never[ ]?mind | forget[ ](?:it|this|that|about) | decline[d]? | refuse | disagree | reject
    | scam | fraud(?:ulent)? | phish(?:ing)? | hacked | hacker | stole | stolen | unauthori[sz]ed | unsubscribe
    | (?<!in[ ]my[ ])(?<!in[ ]the[ ])spam(?![ ](?:folder|box)) | changed[ ](?:my|our)[ ]minds?
    | wrong | incorrect | (?:ignore|disregard)[ ](?:it|this|that|my)
    | do[ ]not[ ](?:you[ ]dare|do|buy|sell|want|process|proceed|cancel|stop|go|execute|carry|enroll|leave|close
      |start|invest|purchase|wish|touch|{AGREE}|this|it|that)
    | (?:do[ ]not|never)(?=[ ]?(?:[.,;!]|$))
    | (?:(?:did|do|have|had)[ ]not|never)[ ](?:ask(?:ed)?|order(?:ed)?|request(?:ed)?|want(?:ed)?|authori[sz]ed?
      |placed?|write|wrote|made|make|approved?|agreed?|signed)
    | (?:can|will|would|do|could)[ ]not[ ]{AGREE} | rather[ ]not
    | not[ ](?:what|mine|me|right|correct|now|today|ok|okay|agreed?|approved?|confirmed?|authori[sz]ed|interested
      |from[ ]me)
    )\b""",
    re.VERBOSE,
)
"""A reply that says one of these turns down what we read back."""

NO = re.compile(
    r"(?:^|[.!?,;:()-])\s*(?:(?:oh|um|so|but|and|sorry|please|yes|i say|i said|say|my answer is|the answer is)\s+)*"
    r"no(?=\s*(?:$|[.!?,;:()-])|\s+(?:no|thank|thanks|sir|way|please|i|we|do|never|not|cancel|stop|deal|never)\b)"
)
"""A "no" that answers; "I have no checks left" and "order no. 7" hold another."""

OBJECTING_WORDS = frozenset(
    """no nope nah not never do did cancel cancelled canceled stop undo void abort forget mind decline declined refuse
    disagree reject mean meant intend intended changed wrong incorrect want wanted ask authorize any thing anything
    go through now after would rather interested what about ordered can will never""".split()
)
"""What a plain no is made of, beside courtesy."""

ASKS = re.compile(
    r"""(?:^|[.!,;:()-])\s*(?:(?:yes|ok|okay|and|so|but|hello|hi)\s+)?
      (?:is|are|am|has)\s+(?:i|this|that|it|the|my|your|all|everything|these)\b
    | \b(?:is|are)\s+(?:this|that|it)\b
    | \b(?:do|have|can|will|am)\s+(?:i|you|we)\b
    | \b(?:please|kindly|you)\s+confirm\s+(?:(?:\w+\s+){0,2}(?:to|with)\s+(?:me|us)\b|that\b|(?:\w+\s+){1,3}is\b)
    | (?<!\bis)(?<!\ball)\s*\bcorrect\s+(?:this|that|it|the|my|your)\b""",
    re.VERBOSE,
)
"""A question or a wish, though no mark says so: "is this right", "please confirm that it is", "please correct it"."""

# -------------------------------------------------------------------- reading

SHORTENED = (
    (r"\bcan'?t\b|\bcannot\b", "can not"),
    (r"\bwon'?t\b", "will not"),
    (r"\b(do|did|does|is|was|are|would|could|should|have|has|had)n'?t\b", r"\1 not"),
    (r"\b(that|it|here|there|what|everything|all)'s\b", r"\1 is"),
    (r"\b(that|here|what|it)s\b", r"\1 is"),
    (r"\bi'?m\b", "i am"),
    (r"\b(i|we|you)'ve\b", r"\1 have"),
    (r"\b(i|we|you|it|that)'ll\b", r"\1 will"),
    (r"\b(i|we)'d\b", r"\1 would"),
    (r"\bma'am\b", "maam"),
    (r"\be-mail\b", "email"),
    (r"&", " and "),
)

TOKEN = re.compile(
    r"""(?P<email>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4})
    | (?P<phone>(?<![\w$.,-])(?:\+?1[-. ])?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-]))
    | (?P<number>\$?\s?(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,4})?(?:st|nd|rd|th|k)?(?![\w/%-]|[.,]\d))
    | (?P<reference>(?:[^\W_]|-(?=\w)){0,30}\d[\w/-]{0,30})
    | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)?)
    | (?P<gap>[.!,;:()\[\]"'*_>~|=\N{HORIZONTAL ELLIPSIS}\N{BULLET}\N{EN DASH}\N{EM DASH}-]|\#|\n|\s{2,})
    | (?P<blank>\s)
    | (?P<other>.)""",
    re.VERBOSE,
)
TITLES = frozenset("mr mrs ms miss dr jr sr ii iii iv".split())
INTRODUCES_A_NAME = CLOSINGS | YES | frozenset("i is am from yours signed confirmed confirm you".split())
