"""What takes an order back, mocks it, or shows that it was never meant."""

from __future__ import annotations

from bot.language.text import cues

_TAKEN_BACK = cues(r"""
    forget (?:it|that|about it|i said|i asked|the whole) | (?:disregard|ignore) (?:that|this|it|the above|what i|me) |
    (?:scratch|strike) (?:that|it)(?=[.,!]?\s*(?:$|nothing|no|not|i don'?t|leave|hold|sorry)) |
    (?:just|only) kidding | kidding(?=,|\.|!|$) | j/?k | april fools?'? |
    (?:please|pls|kindly) (?:ignore|disregard)(?=[.,!]|$) |
    (?:do not|don'?t|dont) (?:really|actually) | not really(?=[.,!]|$) | not for real |
    (?:only|just|is) a test |
    (?:this is|it'?s|am|i'?m|just|only) (?:a )?(?:practice|practicing|practising|testing|trying
    (?: this| it)? out|playing around|joking) | fat chance | yeah,? right | as if(?=[.!?]|$) | in your dreams |
    when pigs fly | when hell freezes | (?<!said )over my dead body |
    or rather (?:don'?t|dont|not) | (?:i am|i'm|im) taking (?:it|that|this) back | my withdrawal(?=\n) | never sent |
    no (?:sale|purchase) of | idk | (?:i|we) never (?:asked|ordered|wanted|requested) |
    (?:ha|he){2,} | ha,? ha | lmao | rofl | why don'?t i | or no(?=[.,!]|$) |
    (?:hmm|um|uh|wait|well|actually),? no(?=[.,!]|$) |
    (?:says|said) (?:no|not to|don'?t)(?=[.,! ]|$) |
    no(?:pe|t)? (?:this month|today|now|yet|any ?more|after all)(?=[.,!]|$) |
    (?<!wants )nothing (?:this month|today|for now|after all)(?=[.,!]|$) | maybe (?:less|more|not|half) |
    perhaps (?:less|more|not) |
    half (?:of )?that | (?:leave|let) (?:things|everything) (?:be|alone|as(?: \w+)*) |
    but (?:i'?m |am )?(?:broke|short of|can'?t|cannot|couldn'?t|could not|haven'?t|don'?t have|won'?t) |
    the last thing (?:i|we) |
    (?:no|against) (?:to )?(?:the|that|any) (?:\$? ?[\d,.]+ )?(?:dollar )?(?:purchase|sale|buy) |
    (?:refund|reverse|return|undo|dispute)(?: me)? (?:the|that|my|this) (?:\$? ?[\d,.]+ )?(?:dollar )?(?:purchase
    |sale|buy|order) |
    pretend (?:that|you|this|i|we|it|to) | make[- ]believe | as the (?:song|saying|joke) goes | so to speak |
    cat on (?:the )?keyboard
""")


def is_taken_back(text: str) -> bool:
    """Whether the text takes back, mocks or plays at what it asks for."""
    return bool(_TAKEN_BACK.search(text))
