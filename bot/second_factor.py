"""What a holder must know besides having the mailbox, for sales, leaving and large purchases. The home of pyotp.

Whoever reads a holder's mail gets the codes that we send there. A PIN comes by post, a one-time password from a program
on the holder's phone; neither ever stands in a mail of ours, and neither is taken by mail, where it would stay lying.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime
from enum import Enum, auto
from hashlib import scrypt

import pyotp

from bot.keys import Keys
from storage.ids import new_id
from storage.second_factors import FactorKind, SecondFactor
from storage.store import Transaction

PIN_DIGITS = 6
_TYPED = re.compile(r"[0-9]{6}")
_SALT_OCTETS = 16
_COST = 2**14
"""Of scrypt: a guess takes some hundredths of a second."""
_STEPS_BESIDE = 1
"""Intervals of 30 seconds before and after the present one that are taken: clocks differ, and fingers are slow."""


class Given(Enum):
    """What became of a factor that was typed."""

    RIGHT = auto()
    MISSING = auto()
    """None was typed."""
    WRONG = auto()
    LOCKED = auto()
    """Too many wrong ones came; staff unlock it."""
    NOT_ENROLLED = auto()


class SecondFactorCheck:
    """Enrols second factors and checks them."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def new_pin(self, tx: Transaction, taxpayer: str, by: str, now: datetime) -> str:
        """A new PIN for a holder, which is kept only as a hash: the caller tells it to the holder, by post."""
        pin = "".join(str(secrets.randbelow(10)) for _ in range(PIN_DIGITS))
        salt = secrets.token_bytes(_SALT_OCTETS)
        secret = f"{salt.hex()}${self._hash(pin, salt)}"
        tx.second_factors.enroll(SecondFactor(new_id(now), taxpayer, FactorKind.PIN, secret, now, by))
        return pin

    def new_totp(self, tx: Transaction, taxpayer: str, by: str, now: datetime, *, label: str, issuer: str) -> str:
        """A new TOTP key for a holder, as the otpauth address that authenticator programs read (also as a picture)."""
        key = pyotp.random_base32()
        sealed = self._keys.seal(key)
        tx.second_factors.enroll(SecondFactor(new_id(now), taxpayer, FactorKind.TOTP, sealed, now, by))
        return pyotp.TOTP(key).provisioning_uri(name=label, issuer_name=issuer)

    def are_enrolled(self, tx: Transaction, taxpayers: Collection[str]) -> bool:
        """Whether each of these holders has a factor, locked or not; at least one holder."""
        having = {factor.taxpayer for factor in tx.second_factors.standing(taxpayers)}
        return bool(taxpayers) and having >= set(taxpayers)

    def check(
        self, tx: Transaction, taxpayers: Collection[str], typed: str, *, most_tries: int, now: datetime, at: datetime
    ) -> Given:
        """Whether what was typed proves each of these holders. A wrong one counts, the `most_tries`th in a row locks.

        `at` is the world's time, which authenticator programs go by.
        """
        given = "".join(typed.split())
        standing = tx.second_factors.standing(taxpayers)
        if not self.are_enrolled(tx, taxpayers):
            return Given.NOT_ENROLLED
        if any(factor.is_locked for factor in standing):
            return Given.LOCKED
        if not given:
            return Given.MISSING
        proven = {factor.taxpayer for factor in standing if self._is_right(tx, factor, given, at)}
        if proven >= set(taxpayers):
            tx.second_factors.forget_tries(taxpayers)  # as a wrong one counts against all that they have
            return Given.RIGHT
        tx.second_factors.count_try([factor.id for factor in standing], most_tries, now)
        is_locked = any(factor.is_locked for factor in tx.second_factors.standing(taxpayers))
        return Given.LOCKED if is_locked else Given.WRONG

    def _is_right(self, tx: Transaction, factor: SecondFactor, given: str, at: datetime) -> bool:
        if _TYPED.fullmatch(given) is None:
            return False
        if factor.kind is FactorKind.PIN:
            salt, _, kept = factor.secret.partition("$")
            is_it = hmac.compare_digest(self._hash(given, bytes.fromhex(salt)), kept)
            return is_it and tx.second_factors.take(factor.id)
        step = _step(pyotp.TOTP(self._keys.unseal(factor.secret)), given, at)
        return step is not None and tx.second_factors.take(factor.id, step)

    def _hash(self, pin: str, salt: bytes) -> str:
        peppered = hmac.digest(self._keys.factors, pin.encode("ascii"), "sha256")
        return scrypt(peppered, salt=salt, n=_COST, r=8, p=1, dklen=32).hex()


def _step(totp: pyotp.TOTP, given: str, at: datetime) -> int | None:
    """The number of the interval whose password was typed, if it is a near one (RFC 6238 section 5.2)."""
    present = int(at.timestamp()) // totp.interval
    near = range(present - _STEPS_BESIDE, present + _STEPS_BESIDE + 1)
    return next((step for step in near if hmac.compare_digest(totp.generate_otp(step), given)), None)
