"""`dspp classify`: JSON lines in, JSON lines out, in the words of the label vocabulary. Needs no database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.language.pipeline import Reader
from bot.language.specimen import Verdict, in_label_words, verdict
from bot.language.understanding import UNCLEAR, Understanding
from bot.mail.limits import Limits
from bot.mail.loopguard import ignore_reason
from bot.mail.parse import parse
from bot.mail.reply_text import split
from bot.reading import adoptable, without_codes
from handlers.registry import handler_for

LEAST_SHOWN = 0.01
"""Probabilities under this are not reported."""


@dataclass(frozen=True, slots=True)
class Classification:
    """What one message asks, and what would be done."""

    verdict: Verdict
    slots: Mapping[str, str | list[str]]
    confidence: Mapping[str, float]


def classification(reader: Reader, subject: str, body: str) -> Classification:
    """Read one message as the service would, quoted text apart, and put it to the handlers on a specimen account."""
    parts = split(body)
    live = without_codes(parts.live)
    understanding = reader.understand(subject, live, adoptable(parts.quoted))
    found = verdict(understanding)
    if parts.doubtful and found.action == "execute":
        found = Verdict("ask", f"{found.reason}; what is quoted is doubtful", found.labels)
    requests = understanding.requests
    if understanding.reason == UNCLEAR and understanding.alternatives:
        requests = (reader.as_if(understanding.alternatives[0], subject, live),)
    return Classification(found, in_label_words(requests), _confidence(understanding, found.labels))


def classify(reader: Reader, subject: str, body: str) -> dict[str, object]:
    """The classification as `dspp classify` reports it, without the id."""
    found = classification(reader, subject, body)
    return {
        "intents": list(found.verdict.labels),
        "confidence": dict(found.confidence),
        "slots": dict(found.slots),
        "action": found.verdict.action,
        "reason": found.verdict.reason,
    }


def classify_lines(lines: Iterable[str], out: TextIO, reader: Reader) -> int:
    """Answer each line with a line, in order. A bad line gets an error line; then the exit status is 1."""
    status = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        message: Mapping[str, object] = {}
        try:
            message = _message(line)
            answer = classify(reader, str(message.get("subject") or ""), str(message["body"] or ""))
        except Exception as fault:  # one line's fault must not cost the others their answers
            answer, status = {"error": f"line {number}: {fault or type(fault).__name__}"}, 1
        _write(out, {"id": message.get("id"), **answer})
    return status


def classify_mail(paths: Sequence[Path], out: TextIO, reader: Reader) -> int:
    """The same for raw messages in files; the file's name is the id."""
    status = 0
    for path in paths:
        try:
            mail = parse(path.read_bytes(), Limits())
            if not mail.is_readable:
                raise ValueError(f"the message cannot be read: {', '.join(mail.defects) or 'damaged'}")
            ignored = ignore_reason(mail, None, ())
            answer = _ignored(ignored) if ignored else classify(reader, mail.subject, mail.text)
        except Exception as fault:  # one file's fault must not cost the others their answers
            answer, status = {"error": f"{path}: {fault or type(fault).__name__}"}, 1
        _write(out, {"id": path.name, **answer})
    return status


def _ignored(reason: str) -> dict[str, object]:
    """What is said of mail that is never answered: it was not read."""
    verdict = f"ignored: {reason}"
    return {"intents": ["out_of_scope"], "confidence": {}, "slots": {}, "action": "ignore", "reason": verdict}


def _message(line: str) -> Mapping[str, object]:
    try:
        message = json.loads(line)
    except ValueError:
        message = None
    if not isinstance(message, Mapping):
        raise ValueError('not a JSON object; expected {"id": ..., "channel": ..., "subject": ..., "body": ...}')
    if not isinstance(message.get("body"), str | None) or "body" not in message:
        raise ValueError('"body" must be text')
    return message


def _confidence(understanding: Understanding, labels: Sequence[str]) -> dict[str, float]:
    """Probabilities worth showing, likeliest first, under the labels' own names."""
    shown: dict[str, float] = {}
    for intent, chance in sorted(understanding.confidence.items(), key=lambda item: -item[1]):
        label = handler_for(intent).label or str(intent)
        if chance >= LEAST_SHOWN or label in labels:
            shown.setdefault(label, round(chance, 4))
    return shown


def _write(out: TextIO, answer: Mapping[str, object]) -> None:
    line = json.dumps(answer, ensure_ascii=False)
    if not line.isascii() and any("\ud800" <= character <= "\udfff" for character in line):
        line = json.dumps(answer)  # half a letter can be named, but not written
    out.write(line + "\n")
    out.flush()
