"""How the settings let us in at the smarthost: over which protection, trusting whom, under which login.

A letter tells what somebody owns and holds a code that moves it, so the way to another machine is to be protected; a
host that cannot prove its name, or offers no TLS where it is set, gets no letter. The password is read from a file at
the start, and is never a setting itself: settings are shown, and environments are inherited.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.mail.courier import SmarthostCourier
from bot.mail.tls import context_of_client
from bot.settings import BadSettings, Settings

LONGEST_PASSWORD = 1_000
"""Characters of a password; a file with more is another file."""
TRIAL_SECONDS = 10.0
"""For the smarthost to let us in, where somebody waits to hear whether it does."""


def courier_to_smarthost(settings: Settings, hostname: str) -> SmarthostCourier:
    """Hands letters to the smarthost of `settings`, to which we are `hostname`.

    BadSettings if the password cannot be used, CertificateUnusable if the file of certificates cannot.
    """
    there = settings.smarthost
    if there is None:
        raise LookupError("no smarthost is set, so nothing is handed to it")
    password_file = settings.smarthost_password_file
    return SmarthostCourier(
        there.address.host,
        there.address.port,
        local_hostname=hostname,
        security=there.security,
        username=settings.smarthost_user or None,
        password=_password(password_file) if password_file else None,
        tls_context=None if there.security == "none" else context_of_client(settings.smarthost_ca_file),
    )


def why_shut(settings: Settings, hostname: str) -> str:
    """Why the smarthost does not let us in, with TLS and login as set; empty if it does. Sends no letter."""
    courier = courier_to_smarthost(settings, hostname)
    courier.timeout_seconds = courier.opening_seconds = courier.waiting_seconds = TRIAL_SECONDS
    return asyncio.run(_tried(courier))


async def _tried(courier: SmarthostCourier) -> str:
    try:
        fault = await courier.greet()
    finally:
        await courier.aclose()
    return fault.detail if fault else ""


def _password(file: Path) -> str:
    """The one line in `file`. The faults name the file and nothing of what it holds."""
    where = f"smarthost_password_file is {str(file)!r}, but"
    try:
        with file.open("rb") as opened:
            held = opened.read(4 * LONGEST_PASSWORD)
        is_open_to_all = file.stat().st_mode & 0o007
    except OSError as fault:
        raise BadSettings([f"{where} it cannot be read: {(fault.strerror or 'unreadable').lower()}"]) from None
    if is_open_to_all:
        raise BadSettings([f"{where} everybody may read it; run chmod o-rwx {file}"])
    password = held.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
    if not 0 < len(password) <= LONGEST_PASSWORD or not password.isprintable() or "\ufffd" in password:
        raise BadSettings([f"{where} one line with a password is wanted in it"])
    return password
