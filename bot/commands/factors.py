"""dspp factors: PINs and authenticator keys, needed besides the code for sales, leaving and large purchases."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bot.app import Service
from bot.commands.common import add_json, person, say, service_of
from bot.render import Section
from bot.second_factor import SecondFactorCheck
from handlers.plan.accounts import Registration
from handlers.plan.eligibility import is_deceased
from handlers.plan.terms import PlanTerms
from storage.audit import AuditKind, staff
from storage.ids import new_id
from storage.store import Transaction

CHANGED = "notices/factor_changed"

PIN_LETTER = """{name}

{company}, {program}
Account {account}

Your PIN is

    {pin}

You need it, besides the code that we send you by email, to sell shares and to leave
the program{large}. Type it only on the
page that our letter names. Never send it by email, and tell it to nobody: we never
ask for it.

If you did not expect this letter, call Investor Relations at {phone}.
"""
"""What is mailed by post; nothing of it is ever sent by email."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands' words."""
    family = commands.add_parser("factors", help="PINs and authenticator keys of holders")
    actions = family.add_subparsers(dest="action", required=True, metavar="ACTION")
    pin = actions.add_parser("pin", help="make a new PIN and the letter that takes it to the holder by post")
    pin.add_argument("--letter", required=True, type=Path, metavar="FILE", help="a new file, to be printed")
    totp = actions.add_parser("totp", help="make a key for the holder's authenticator program, and tell its address")
    listing = actions.add_parser("list", help="what a holder has, and whether it is locked")
    unlock = actions.add_parser("unlock", help="let a locked one be tried again")
    revoke = actions.add_parser("revoke", help="none of a holder's counts any more")
    for command, run in ((pin, _pin), (totp, _totp), (listing, _list), (unlock, _unlock), (revoke, _revoke)):
        command.add_argument("account", help="the whole account number; what is made counts for all of its holder's")
        command.set_defaults(run=run)
        if command is not listing:
            command.add_argument("--by", required=True, metavar="NAME", type=person, help="who does it; kept")
    verified = "how the holder was verified; kept"
    for command in (unlock, revoke):
        command.add_argument("--reason", required=True, metavar="TEXT", help=verified)
    for command in (pin, totp):
        command.add_argument("--reason", default="", metavar="TEXT", help=f"{verified}. Needed where one stands locked")
    add_json(listing)


def _holder(service: Service, account: str) -> Registration | None:
    with service.store.reading() as tx:
        holder = tx.registrations.by_account_number(account)
    if holder is None:
        print(f"dspp: there is no account {account}; write the whole number", file=sys.stderr)
    return holder


def _pin(options: argparse.Namespace) -> int:
    service = service_of(options)
    holder = _holder(service, options.account)
    if holder is None:
        return 1
    if options.letter.exists():
        print(f"dspp: {options.letter} is there already; name a new file", file=sys.stderr)
        return 1
    if _lifts_a_lock(service, holder, options):
        return 2
    issuer, terms = service.plan.book.issuer, service.plan.book.on(service.clock.now().date())
    with service.store.transaction() as tx:
        pin = SecondFactorCheck(service.keys).new_pin(tx, holder.taxpayer, options.by, service.clock.now())
        letter = PIN_LETTER.format(
            name=holder.name,
            company=issuer.company,
            program=issuer.program,
            account=holder.masked_account,
            pin=pin,
            large=_large(terms),
            phone=issuer.ir_phone,
        )
        is_told = _note(tx, service, holder, options, "pin_enrolled")
        _write(options.letter, letter)
    print(f"written to {options.letter}. Print it, mail it to the address of record, and destroy the file")
    _warn_untold(is_told)
    return 0


def _large(terms: PlanTerms) -> str:
    """What the letter says of large purchases; nothing where none is."""
    if terms.large_purchase is None:
        return ""
    return f", and to buy for more than ${terms.large_purchase.dollars:,.2f} in one month"


def _write(path: Path, text: str) -> None:
    """A new file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _totp(options: argparse.Namespace) -> int:
    service = service_of(options)
    holder = _holder(service, options.account)
    if holder is None:
        return 1
    if _lifts_a_lock(service, holder, options):
        return 2
    issuer = service.plan.book.issuer
    with service.store.transaction() as tx:
        address = SecondFactorCheck(service.keys).new_totp(
            tx,
            holder.taxpayer,
            options.by,
            service.clock.now(),
            label=holder.masked_account,
            issuer=f"{issuer.short_name} {issuer.program}",
        )
        is_told = _note(tx, service, holder, options, "totp_enrolled")
    print(address)
    print("give it to the holder in person or by post, never by email; it is not shown again", file=sys.stderr)
    _warn_untold(is_told)
    return 0


def _list(options: argparse.Namespace) -> int:
    service = service_of(options)
    holder = _holder(service, options.account)
    if holder is None:
        return 1
    with service.store.reading() as tx:
        standing = tx.second_factors.standing([holder.taxpayer])
    rows = [
        {
            "kind": factor.kind.value,
            "enrolled_at": factor.enrolled_at,
            "enrolled_by": factor.enrolled_by,
            "wrong_tries": factor.tries,
            "locked_at": factor.locked_at,
        }
        for factor in standing
    ]
    lines = [
        f"{factor.kind.value:4}  since {factor.enrolled_at:%Y-%m-%d %H:%M} UTC by {factor.enrolled_by}"
        + (f"  LOCKED since {factor.locked_at:%Y-%m-%d %H:%M} UTC" if factor.locked_at else "")
        for factor in standing
    ]
    say(options, rows, "\n".join(lines) or "none")
    return 0


def _unlock(options: argparse.Namespace) -> int:
    service = service_of(options)
    holder = _holder(service, options.account)
    if holder is None:
        return 1
    with service.store.transaction() as tx:
        is_done = tx.second_factors.unlock(holder.taxpayer, options.by, options.reason)
        is_told = is_done and _note(tx, service, holder, options, "unlocked")
    _warn_untold(is_told or not is_done)
    return _told(is_done, "unlocked", f"nothing of account {options.account} is locked")


def _revoke(options: argparse.Namespace) -> int:
    service = service_of(options)
    holder = _holder(service, options.account)
    if holder is None:
        return 1
    with service.store.transaction() as tx:
        is_done = tx.second_factors.revoke(holder.taxpayer, options.by, options.reason, service.clock.now())
        is_told = is_done and _note(tx, service, holder, options, "revoked")
    _warn_untold(is_told or not is_done)
    return _told(is_done, "revoked", f"account {options.account} has none")


def _lifts_a_lock(service: Service, holder: Registration, options: argparse.Namespace) -> bool:
    """Whether a new one would stand in the place of a locked one without a word why; then it is said so."""
    with service.store.reading() as tx:
        is_locked = any(factor.is_locked for factor in tx.second_factors.standing([holder.taxpayer]))
    if is_locked and not options.reason.strip():
        print(
            f"dspp: one of account {options.account} is locked, since wrong ones came too often. Make sure that it was"
            " the holder, and say with --reason how you did",
            file=sys.stderr,
        )
        return True
    return False


def _note(tx: Transaction, service: Service, holder: Registration, options: argparse.Namespace, act: str) -> bool:
    """Note what is done to a holder's factors, and tell the holder by mail. False if nobody could be told.

    Why it was done, where that is asked, goes into a text that can be erased. The
    letter goes to every address registered for the holder: who did not ask for it
    must learn of it. Nothing of the factor itself is in it.
    """
    now = service.clock.now()
    tx.audit.note(
        staff(options.by),
        AuditKind.SECOND_FACTOR,
        f"registration:{holder.id}",
        {"act": act},
        now,
        private={"reason": options.reason} if options.reason else None,
    )
    held = tx.registrations.of_taxpayers([holder.taxpayer])
    if any(map(is_deceased, held)):
        return False
    reached = {one.email: one for one in sorted(held, key=lambda one: one.id == holder.id) if one.email}
    for address, one in reached.items():
        service.post.notice(
            tx,
            address,
            Section(f"{CHANGED}.j2", {"act": act, "account": one.masked_account}),
            cause=f"factor:{new_id(now)}",
            kind=CHANGED,
            now=now,
            name=one.name,
        )
    return bool(reached)


def _warn_untold(is_told: bool) -> None:
    if not is_told:
        print("dspp: the holder could not be told by email; tell them by post", file=sys.stderr)


def _told(is_done: bool, done: str, refused: str) -> int:
    if not is_done:
        print(f"dspp: {refused}", file=sys.stderr)
        return 1
    print(done)
    return 0
