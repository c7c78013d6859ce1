"""A real Postfix of the tests' own on loopback: one port for the world, one for our letters, LMTP to the service.

It has its configuration, queue and state in a folder of its own and touches no other instance. Its master process
wants root. Where it cannot be had the tests that need it are skipped with a reason, or fail where CI is set; what to
install is in tests/install_mail_tools.sh. Nothing here is chrooted, so that the service's socket is found by its path.
"""

from __future__ import annotations

import email
import email.policy
import grp
import os
import pwd
import shutil
import ssl
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from tempfile import mkdtemp
from typing import NoReturn

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.mail import certificates
from tests.service_process import free_port

AUTHSERV_ID = "mx.aastrom.com"
VERIFIED = "verified.example"
"""Who greets by this name is found genuine. It stands for what a milter finds: here nothing checks signatures."""
SIZE = 10_000_000
"""What Postfix takes, headers and all: no more than the service."""
TOOLS = "/usr/sbin:/usr/local/sbin:/sbin"
WAIT_SECONDS = 60.0

_FOUND = f"{AUTHSERV_ID}; dkim=pass header.d=example.com header.s=s1; dmarc=pass header.from=example.com"
_HEADERS_OF_STRANGERS = (
    "/^Authentication-Results[[:space:]]*:/ IGNORE\n"
    f"/^Received: from {VERIFIED} / PREPEND Authentication-Results: {_FOUND}\n"
)
_SERVICES = """\
127.0.0.1:{world} inet n - n - - smtpd -o cleanup_service_name=arriving -o mynetworks=
127.0.0.1:{ours} inet n - n - - smtpd
arriving unix n - n - 0 cleanup -o header_checks=regexp:{folder}/headers_of_strangers
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def postfix_tool(name: str) -> str:
    """The path of a program of Postfix. Skips, or fails under CI, where there is none."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{TOOLS}")
    if found is None:
        _give_up(f"no {name}; tests/install_mail_tools.sh installs it")
    return found


def _give_up(what: str) -> NoReturn:
    reason = f"NOT TESTED: {what}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    warnings.warn(reason, stacklevel=3)
    pytest.skip(reason)


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that left Postfix for the world."""

    mail_from: str
    recipient: str
    letter: EmailMessage
    is_encrypted: bool
    """Whether it came within TLS."""


@dataclass
class Sink:
    """The world's mail server: keeps what it gets, and refuses whom it is told to refuse."""

    refused: dict[str, str] = field(default_factory=dict)
    """Replies to RCPT by recipient."""
    taken: list[Taken] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Know the recipient, or not."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the letter."""
        letter = email.message_from_bytes(bytes(envelope.original_content or b""), policy=email.policy.default)
        is_encrypted = session.ssl is not None
        sender = envelope.mail_from or ""
        self.taken += [Taken(sender, recipient, letter, is_encrypted) for recipient in envelope.rcpt_tos]
        return "250 2.0.0 taken"

    def answers_to(self, message_id: str) -> list[Taken]:
        """The letters that answer one message."""
        return [one for one in self.taken if message_id in str(one.letter["In-Reply-To"])]


@dataclass(frozen=True, slots=True)
class Postfix:
    """An instance that runs."""

    folder: Path
    world: int
    """The port that strangers send to."""
    ours: int
    """The port that the service hands its letters to."""
    socket: Path
    """Where it expects the service's LMTP door."""
    sink: Sink
    """Where letters to the world go."""

    def queued(self) -> int:
        """How many messages wait in the queue, those under way included."""
        listed = _run(postfix_tool("postqueue"), "-c", str(self.folder / "etc"), "-j").stdout
        return len(listed.splitlines())

    def log(self) -> str:
        """What it logged."""
        file = self.folder / "mail.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def wait_until(self, happened: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait for something; fails with the log's end if it does not happen."""
        end = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s for {what} in vain; the log ends:\n{self.log()[-4000:]}")
            time.sleep(0.05)


@contextmanager
def running_postfix() -> Iterator[Postfix]:
    """An instance with a sink behind it, stopped and removed at the end."""
    command = postfix_tool("postfix")
    if os.geteuid() != 0:
        _give_up("Postfix can be started by root only")
    with ExitStack() as resources:
        folder = Path(mkdtemp(prefix="dspp-postfix-"))
        resources.callback(shutil.rmtree, folder, ignore_errors=True)
        sink = Sink()
        sink_port = free_port()
        world = Controller(sink, hostname="127.0.0.1", port=sink_port, tls_context=_encrypted(folder))
        world.start()
        resources.callback(world.stop)
        postfix = Postfix(folder, free_port(), free_port(), folder / "lmtp" / "lmtp.sock", sink)
        _write(postfix, _main(postfix, sink_port))
        started = _run(command, "-c", str(folder / "etc"), "start", check=False)
        resources.callback(_run, command, "-c", str(folder / "etc"), "abort", check=False)
        if started.returncode:
            _give_up(f"Postfix did not start: {started.stdout}{started.stderr}{postfix.log()}")
        yield postfix


def _encrypted(folder: Path) -> ssl.SSLContext:
    """A certificate for both servers, Postfix and the world's, as most have that are in use: signed by nobody known."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates.make(folder, AUTHSERV_ID))
    return context


def _main(postfix: Postfix, sink_port: int) -> dict[str, str]:
    """main.cf: where things are, then what the documentation recommends, then haste for the tests."""
    folder = postfix.folder
    addresses = ("dspp@aastrom.com", "postmaster@aastrom.com", "abuse@aastrom.com")
    return {
        "compatibility_level": "3.6",
        "queue_directory": f"{folder}/queue",
        "data_directory": f"{folder}/state",
        "maillog_file": f"{folder}/mail.log",
        "maillog_file_prefixes": str(folder),
        "myhostname": AUTHSERV_ID,
        "mydestination": "",
        "mynetworks": "127.0.0.1/32",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "alias_maps": "",
        "alias_database": "",
        "local_recipient_maps": "",
        "relayhost": f"[127.0.0.1]:{sink_port}",
        "relay_domains": "aastrom.com",
        "relay_recipient_maps": inline(dict.fromkeys((*addresses, "ir@aastrom.com"), "known")),
        "transport_maps": inline(dict.fromkeys(addresses, f"lmtp:unix:{postfix.socket}")),
        "recipient_delimiter": "+",
        "lmtp_destination_recipient_limit": "50",
        "lmtp_line_length_limit": "0",
        "nested_header_checks": "",
        "mime_header_checks": "",
        "smtp_tls_security_level": "may",
        "smtpd_tls_security_level": "may",
        "smtpd_tls_chain_files": f"{folder}/key.pem, {folder}/certificate.pem",
        "smtpd_tls_loglevel": "1",
        "smtp_tls_loglevel": "1",
        "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
        "smtpd_recipient_restrictions": "permit_mynetworks, reject_unverified_recipient",
        "unverified_recipient_reject_code": "550",
        "address_verify_poll_delay": "1s",
        "smtpd_forbid_bare_newline": "normalize",
        "smtpd_data_restrictions": "reject_unauth_pipelining",
        "smtpd_helo_required": "yes",
        "strict_rfc821_envelopes": "yes",
        "message_size_limit": str(SIZE),
        "queue_run_delay": "1s",
        "minimal_backoff_time": "1s",
        "maximal_backoff_time": "1s",
        "smtpd_client_connection_count_limit": "0",
    }


def inline(entries: Mapping[str, str]) -> str:
    """A lookup table that stands in main.cf itself."""
    return "inline:{ " + ", ".join(f"{{ {key} = {value} }}" for key, value in entries.items()) + " }"


def _write(postfix: Postfix, main: Mapping[str, str]) -> None:
    """The instance's folders and files. A file that is made beside the socket belongs to Postfix's group."""
    folder, user = postfix.folder, pwd.getpwnam("postfix")
    folder.chmod(0o755)
    for name, mode in (("etc", 0o755), ("queue", 0o755), ("state", 0o700), ("lmtp", 0o2750)):
        (folder / name).mkdir()
        (folder / name).chmod(mode)
    os.chown(folder / "state", user.pw_uid, -1)
    os.chown(folder / "lmtp", -1, grp.getgrnam("postfix").gr_gid)
    (folder / "lmtp").chmod(0o2750)  # A change of group takes the mode's mark away.
    (folder / "headers_of_strangers").write_text(_HEADERS_OF_STRANGERS)
    lines = "".join(f"{key} = {value}\n" for key, value in main.items())
    (folder / "etc" / "main.cf").write_text(lines)
    services = _SERVICES.format(world=postfix.world, ours=postfix.ours, folder=folder)
    (folder / "etc" / "master.cf").write_text(services)


def _run(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, check=check, capture_output=True, text=True, timeout=WAIT_SECONDS)
