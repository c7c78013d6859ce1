"""How mail programs head their own answers, in the languages they speak: automatic replies, absences, calendar answers.

A prefix with its colon, or a heading that nobody types, is a program's. Words of absence alone are not: "I was out of
the office, please sell" is a person's letter, so those count only together with another sign (`loopguard`).
"""

from __future__ import annotations

import re

_REPLY_PREFIXES = (
    # English
    "automatic reply", "auto(?:matic|mated)?[- ]?(?:reply|response|responder)", "auto",
    "out of (?:the )?office(?: (?:auto-?)?reply| notice| notification)?", "ooo", "ooto", "vacation (?:reply|response)",
    "absence notice",
    # German, Dutch
    "automatische (?:antwort|rückmeldung|mitteilung)", "abwesenheits(?:notiz|meldung|nachricht|assistent)",
    "automatisch antwoord", "automatisch bericht", "afwezigheidsbericht", "afwezigheidsmelding",
    # French, Italian, Spanish, Portuguese, Catalan, Romanian
    "r[ée]ponse automatique", "message d.absence", "absen(?:ce|t) du bureau", "notification d.absence",
    "risposta automatica", "fuori (?:sede|ufficio)", "respuesta autom[áa]tica", "fuera de (?:la )?oficina",
    "resposta autom[áa]tica", "fora do escrit[óo]rio", "resposta autom[àa]tica", "r[ăa]spuns automat",
    # Danish, Norwegian, Swedish, Finnish, Icelandic
    "autosvar", "automatiskt? svar", "frånvaromeddelande", "fraværsmelding", "automaattinen vastaus",
    "poissaoloilmoitus", "sjálfvirkt svar",
    # Polish, Czech, Slovak, Hungarian, Slovene, Croatian, Serbian
    "odpowiedź automatyczna", "automatyczna odpowiedź", "automatick[áa] odpov[ěe]ď", "automatikus válasz",
    "samodejni odgovor", "automatski odgovor", "аутоматски одговор",
    # Estonian, Latvian, Lithuanian, Turkish, Greek
    "automaatvastus", "automātiskā atbilde", "automātiska atbilde", "automatinis atsakymas", "otomatik (?:yanıt|cevap)",
    "αυτόματη απάντηση",
    # Russian, Ukrainian, Bulgarian
    "автоответ(?:чик)?", "автоматический ответ", "автоматична відповідь", "автоматичен отговор",
    # Hebrew, Arabic, Thai, Vietnamese, Indonesian
    "תשובה אוטומטית", "מענה אוטומטי", "رد تلقائي", "ตอบกลับอัตโนมัติ", "trả lời tự động", "balasan otomatis",
    # Japanese, Korean, Chinese
    "自動返信", "自動応答", "不在通知", "자동 ?회신", "자동 ?응답", "自动回复", "自动答复", "自動回覆", "自動回復",
)  # fmt: skip

_HEADINGS = (
    r"\[(?:auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|ooo|vacation)\].*",
    r"(?:auto(?:matic)?[- ]?(?:reply|response)|vacation (?:auto-?)?reply|abwesenheitsnotiz|automatische antwort)[.!]?",
    r"out of (?:the )?office auto-?reply\b.*",
    r".{1,100}? is out of (?:the )?office[ .]{0,3}\(return(?:ing|s)?\b.*",  # Lotus Domino
)
_CALENDAR = (
    "accepted", "declined", "tentative(?:ly accepted)?", "new time proposed", "zugesagt", "abgesagt", "abgelehnt",
    "mit vorbehalt", "accepté", "refusé", "provisoire", "aceptad[oa]", "rechazad[oa]", "aceite", "aceito",
    "recusad[oa]", "accettato", "rifiutato", "geaccepteerd", "geweigerd", "accepterat", "avböjt",
    "принято", "отклонено", "承諾", "辞退",
)  # fmt: skip

REPLY_SUBJECT = re.compile(rf"(?:{'|'.join(_REPLY_PREFIXES)})\s*[:：]|(?:{'|'.join(_HEADINGS)})\Z", re.IGNORECASE)
"""A mail program's own prefix or heading. "Re: Automatic reply: ..." is a person answering one."""

CALENDAR_SUBJECT = re.compile(rf"(?:{'|'.join(_CALENDAR)})\s*[:：]", re.IGNORECASE)
"""How calendars head their answers. It counts only where a calendar entry came with it."""

AWAY_SUBJECT = re.compile(
    r"\b(?:out of (?:the )?office|on (?:vacation|leave|holiday)|away from (?:my|the) (?:office|desk|e?-?mail)"
    r"|auto-?reply|abwesen\w{0,20}|im urlaub|absence du bureau|en (?:congé|vacances)|fuera de (?:la )?oficina"
    r"|de vacaciones|fuori sede|in ferie|afwezig|fora do escrit[óo]rio|de f[ée]rias|отпуск\w{0,5})\b|休暇|不在|休假",
    re.IGNORECASE,
)
"""Words of absence anywhere in a subject. Only a reason where another sign says that a program wrote."""
