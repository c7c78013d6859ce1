"""The command line: `dspp COMMAND`. Exit status: 0 done, 1 refused or found wanting, 2 wrong usage."""

from __future__ import annotations

import argparse
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.app import NotMigrated, SendersUnchecked
from bot.commands import (
    audit,
    cycle,
    dkim,
    doctor,
    examples,
    explain,
    factors,
    files,
    language,
    ledger,
    letters,
    models,
    money,
    reviews,
    serving,
    statements,
)
from bot.commands.common import stop_printing
from bot.exchange_files import BadFile, FileInTheWay, UnwritableFile
from bot.keys import BadSecret
from bot.language.encoder import NoWeights
from bot.language.examples import BadExamples
from bot.language.model_files import BadModel
from bot.log import configure
from bot.mail.dkim_keys import BadSigningKey
from bot.mail.tls import CertificateUnusable
from bot.month.allot import BooksDisagree
from bot.month.office import StepRefused
from bot.settings import BadSettings
from bot.terms_file import BadTermsFile
from storage.store import BadDatabaseUrl, StoreUnavailable

EXPECTED = (
    BadSettings,
    BadTermsFile,
    BadFile,
    UnwritableFile,
    FileInTheWay,
    StepRefused,
    BooksDisagree,
    BadSecret,
    BadSigningKey,
    CertificateUnusable,
    BadDatabaseUrl,
    BadModel,
    NoWeights,
    BadExamples,
    NotMigrated,
    SendersUnchecked,
    OSError,
)
"""Faults of the set-up or the input: told in a sentence, without a traceback."""

FAMILIES = (
    serving,
    language,
    models,
    files,
    money,
    cycle,
    statements,
    ledger,
    reviews,
    explain,
    examples,
    letters,
    factors,
    dkim,
    audit,
    doctor,
)
"""The commands, in the order in which the help shows them."""

NOBODY_READS = 141
"""The status where standard output was closed before all was printed, as shells tell it: 128 and SIGPIPE."""
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
_FILE_FAULTS: Mapping[type[OSError], tuple[str, str]] = {
    FileNotFoundError: ("no such file", "check its name and folder"),
    IsADirectoryError: ("is a folder", "name a file in it"),
    PermissionError: ("permission denied", "let this user read and write it"),
}


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="dspp", description="Answers the mailbox of a Direct Stock Purchase Program.")
    top.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML); the environment wins over it")
    top.add_argument("--verbose", action="store_true", help="log what happens, not only what matters")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for family in FAMILIES:
        family.register(commands)
    return top


def _told(fault: Exception) -> str:
    """A fault in a sentence: of a file, which and what to do about it."""
    if not isinstance(fault, OSError) or fault.filename is None:
        return str(fault)
    what, remedy = _FILE_FAULTS.get(type(fault), ((fault.strerror or "cannot be used").lower(), "look at the file"))
    return f"{fault.filename}: {what}; {remedy}"


def _unkeepable(options: argparse.Namespace) -> Iterator[str]:
    """What was given with bytes that are no UTF-8, or a NUL: no database keeps that. Names of files may be so."""
    for name, given in vars(options).items():
        words = given if isinstance(given, list) else [given]
        if any(isinstance(word, str) and _NO_TEXT.search(word) for word in words):
            yield name


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = parser().parse_args(arguments)
    if named := next(_unkeepable(options), None):
        print(f"dspp: what is given as {named} holds characters that are no text; write it in UTF-8", file=sys.stderr)
        return 2
    is_service = options.command == "serve"
    configure(verbose=options.verbose or is_service, is_service=is_service)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        stop_printing()
        return NOBODY_READS
    except EXPECTED as fault:
        print(f"dspp: {_told(fault)}", file=sys.stderr)
        return 1
    except StoreUnavailable as fault:
        logging.getLogger(__name__).debug("database", exc_info=True)
        reason = str(getattr(fault, "orig", fault) or fault).splitlines()[0]
        print(f"dspp: the database does not answer: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status
