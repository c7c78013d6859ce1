"""Words by which mail systems say that a letter failed, and why, where no code says it.

Three uses: to know a bounce without structure (subject, sentence), to know a warning from a failure, and to read a
reason. A reason in words counts beside the codes, and the weaker claim wins: "550 5.1.1 mailbox full" is a full one.
"""

from __future__ import annotations

import re

from bot.mail.status_codes import Kind, weakest

DAEMONS = frozenset({
    "mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "mdaemon", "double-bounce", "mail-delivery-system",
})  # fmt: skip
"""Local parts of the programs that return letters."""

_SUBJECTS = (
    "undeliver(?:able|ed)(?: mail| message)?", "delivery status notification",
    "mail delivery (?:failed|failure|system)", "mail system error", "returned mail", "returned to sender",
    "delivery (?:failure|failed)", "failure notice",
    "message undeliverable", "non[- ]?delivery (?:report|notification)", "delivery notification",
    "warning: (?:could not send|message .{0,80}delayed)", "delayed mail", "delivery (?:delayed|status)",
    "message (?:status|you sent blocked|delivery failure)", "address not found", "nondeliverable mail",
    "unzustellbar", "nicht zustellbar", "zustellung fehlgeschlagen", "mail-zustellung fehlgeschlagen",
    "non remis", "échec de (?:la )?remise", "courrier non distribué", "message non distribué",
    "no se puede entregar", "error en la entrega", "mensaje no entregado",
    "não é possível entregar", "falha na entrega", "mensagem não entregue",
    "recapito non riuscito", "mancato recapito", "messaggio non recapitato",
    "onbestelbaar", "niet bezorgd", "går ikke an å levere", "kan ikke leveres", "kan inte levereras",
    "nie można dostarczyć", "niedostarczon\\w+", "nedoručiteln\\w+", "nelze doručit", "teslim edilemedi",
    "не удается доставить", "недоставленное сообщение", "сообщение не доставлено",
    "配信不能", "配信できません", "未送达", "无法投递", "系统退信", "退信", "배달되지 않음",
)  # fmt: skip
BOUNCE_SUBJECT = re.compile(rf"(?:\W{{0,4}})(?:{'|'.join(_SUBJECTS)})(?!\w)", re.IGNORECASE)
"""How the subject of a bounce begins."""

_SENTENCES = (
    "could not be delivered", "couldn.t be delivered", "wasn.t delivered", "was not delivered", "not been delivered",
    "unable to deliver", "delivery (?:has )?failed", "did(?: not|n.t) reach", "delivery to the following",
    "was undeliverable", "had permanent fatal errors", "had delivery problems", "undeliverable to", "returned to you",
    "could not deliver", "delivery error", "failed recipient", "message has been rejected", "user unknown",
    "konnte nicht (?:zugestellt|übermittelt)", "nicht zugestellt werden", "n.a pas pu être (?:remis|distribué|livré)",
    "n.a pas été (?:remis|distribué)", "no se (?:ha podido|pudo) entregar", "no ha podido ser entregado",
    "não (?:foi|pôde ser) (?:possível entregar|entregue)", "non è stato possibile (?:recapitare|consegnare)",
    "kon niet (?:worden )?(?:bezorgd|afgeleverd)", "nie (?:może|mogła) (?:być|zostać) dostarczon",
    "не (?:может|могло|удалось) (?:быть )?достав", "配信できません", "無法傳遞", "无法(?:投递|送达)",
    "teslim edilemedi",
)  # fmt: skip
FAILURE_SENTENCE = re.compile("|".join(_SENTENCES), re.IGNORECASE)
"""What the text of a bounce says somewhere."""

DELAY_SENTENCE = re.compile(
    r"not yet been delivered|has been delayed|message delayed|still (?:being )?(?:retried|trying)|will (?:be retried|"
    r"keep trying|continue to (?:try|be))|delivery attempts will continue|warning message only|no action is required"
    r"|delivery incomplete|temporary problem delivering|noch nicht zugestellt|verzögert|retardé|livraison différée"
    r"|retrasad|in ritardo|vertraagd|задержан",
    re.IGNORECASE,
)
"""What a warning says that is no failure yet."""

_REASONS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        (
            Kind.SOFT,
            r"(?:mailbox|inbox|account|quota|disk|storage|postfach|boîte|buzón|casella)\b.{0,30}\b(?:full|exceeded|voll|"
            r"pleine|lleno|llena|piena)|over\s?quota|out of storage|exceed\w* .{0,30}(?:quota|storage)|quota exceeded"
            r"|try (?:again )?later|temporar|grey-?list|graylist|timed out|time-?out|too (?:many|much|quickly|busy)"
            r"|rate limit|connection refused|retry time(?:out)? exceeded|could not be reached|no route to host"
            r"|unable to connect|expired|resources|not responding|vorübergehend|переполнен|容量",
        ),
        (
            Kind.REFUSED,
            r"\bspam|junk|block(?:ed|list)|black-?list|reputation|\bpolic(?:y|ies)|too (?:large|big|long)|size limit"
            r"|message size|virus|malware|\bdmarc\b|\bspf\b|\bdkim\b|relay|not authenticated|authentication required"
            r"|access denied|not permitted|prohibited|content (?:rejected|filter)|banned|attachment (?:type|name)"
            r"|sender (?:denied|reject)|administrative|forbidden|unsolicited",
        ),
        (
            Kind.HARD,
            r"(?:user|recipient|account|mailbox|address|domain|host)\b.{0,60}?\b(?:unknown|not found|does ?n.t exist"
            r"|does not exist|no longer|invalid|disabled|inactive|closed|not known|not listed|unavailable)|unknown user"
            r"|no such (?:user|mailbox|recipient|address|person|account|domain|host)|no mailbox"
            r"|invalid (?:user|recipient|mailbox|address)|not a (?:valid|known) (?:user|mailbox|recipient|address)"
            r"|not listed in|recipnotfound|recipientnotfound|have an? (?:\w{1,40} )?account|name or service not known"
            r"|couldn.t be found"
            r"|unbekannt|existiert nicht|n.existe pas|introuvable|inconnue?\b|no existe|desconocid|não existe"
            r"|non esiste|sconosciut|bestaat niet|onbekend|nie istnieje|не существует|не найден|存在しません|不存在",
        ),
    )
)


_NAME = re.compile(r"@|://|^\W{0,3}(?!resolver\.)[\w-]+(?:\.[\w-]+)+(?:[\[\]()<>:;,./\d]|\Z)", re.IGNORECASE)


def reason_in_words(text: str) -> Kind:
    """The weakest reason that `text` names; UNKNOWN if none. Addresses, links and names of hosts are passed over."""
    words = " ".join(word for word in text.split() if _NAME.search(word) is None)
    return weakest(kind for kind, pattern in _REASONS if pattern.search(words))
