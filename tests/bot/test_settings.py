"""Each setting is read from the file and from the environment; what is wrong is named with its place and remedy."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from bot.files.nacha_debits import Originator
from bot.setting_values import Address, Peers, SenderChecking, Smarthost, SocketPath
from bot.settings import PREFIX, READERS, BadSettings, Settings, read_settings
from tests.files.nacha_examples import COMPANY

READ = [
    pytest.param("state_dir", "/srv/dspp", Path("/srv/dspp"), id="state_dir"),
    pytest.param("database_url", "sqlite:////srv/plan.db", "sqlite:////srv/plan.db", id="database_url"),
    pytest.param("database_url", "postgresql://u@h/n", "postgresql+psycopg://u@h/n", id="database_url without driver"),
    pytest.param("smtp_listen", "0.0.0.0:25", Address("0.0.0.0", 25), id="smtp_listen"),  # noqa: S104  # a text only
    pytest.param("http_listen", "[::1]:8080", Address("::1", 8080), id="http_listen"),
    pytest.param("smarthost", "smtp://mx.example.com:25", Smarthost(Address("mx.example.com", 25)), id="smarthost"),
    pytest.param("smarthost", "smtp://[::1]:25/", Smarthost(Address("::1", 25)), id="smarthost with slash"),
    pytest.param(
        "smarthost",
        "smtp+starttls://mx.example.com:587",
        Smarthost(Address("mx.example.com", 587), "starttls"),
        id="smarthost that changes to TLS",
    ),
    pytest.param(
        "smarthost",
        "smtps://mx.example.com:465",
        Smarthost(Address("mx.example.com", 465), "tls"),
        id="smarthost in TLS",
    ),
    pytest.param("plan_terms", "terms.toml", Path("terms.toml"), id="plan_terms"),
    pytest.param("secret_file", "/etc/dspp/secret.key", Path("/etc/dspp/secret.key"), id="secret_file"),
    pytest.param("model_dir", "model", Path("model"), id="model_dir"),
    pytest.param("clock", "2003-11-05T09:00:00-05:00", datetime.fromisoformat("2003-11-05T14:00:00+00:00"), id="clock"),
    pytest.param("hostname", "dspp.aastrom.com", "dspp.aastrom.com", id="hostname"),
    pytest.param("read_seconds", "45", 45, id="read_seconds"),
    pytest.param(
        "smtp_listen", "unix:/run/smtp.sock", SocketPath(Path("/run/smtp.sock")), id="smtp_listen on a socket"
    ),
    pytest.param("lmtp_listen", "unix:/run/lmtp.sock", SocketPath(Path("/run/lmtp.sock")), id="lmtp_listen"),
    pytest.param("sender_check", "direct", SenderChecking.DIRECT, id="sender_check"),
    pytest.param(
        "nameservers",
        "127.0.0.1:5353, 9.9.9.9,[::1]:53,::1",
        (Address("127.0.0.1", 5353), Address("9.9.9.9", 53), Address("::1", 53), Address("::1", 53)),
        id="nameservers",
    ),
    pytest.param(
        "trusted_peers",
        "10.0.0.5,192.0.2.0/24,unix",
        Peers((ip_network("10.0.0.5"), ip_network("192.0.2.0/24")), over_unix=True),
        id="trusted_peers",
    ),
    pytest.param("proxy_peers", "fd00::/8", Peers((ip_network("fd00::/8"),)), id="proxy_peers"),
    pytest.param("public_url", "https://dspp.example.com", "https://dspp.example.com", id="public_url"),
    pytest.param("public_url", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/", id="public_url here"),
    pytest.param("second_factor", "no", False, id="second_factor"),
    pytest.param("dkim_selector", "dspp2026", "dspp2026", id="dkim_selector"),
    pytest.param("dkim_keys", "/etc/dspp/dkim", Path("/etc/dspp/dkim"), id="dkim_keys"),
    pytest.param("disk_free_mb", "500", 500, id="disk_free_mb"),
]
OF_THE_BANK = {
    "ach_bank_routing": ("bank_routing", COMPANY.bank_routing),
    "ach_bank_name": ("bank_name", COMPANY.bank_name),
    "ach_origin": ("origin", COMPANY.origin),
    "ach_company_name": ("company_name", COMPANY.company_name),
    "ach_company_id": ("company_id", COMPANY.company_id),
    "ach_description": ("description", "INVESTMENT"),
}
"""Fields of whoever collects debits, by setting."""
TOGETHER: dict[str, tuple[dict[str, str], dict[str, object]]] = {
    "a mail server in front": (
        {"trusted_authserv_id": "mx.example.com", "trusted_peers": "127.0.0.1"},
        {"trusted_authserv_id": "mx.example.com", "trusted_peers": Peers((ip_network("127.0.0.1"),))},
    ),
    "TLS": (
        {"tls_certificate": "/etc/c.pem", "tls_key": "/etc/k.pem", "tls_required": "yes"},
        {"tls_certificate": Path("/etc/c.pem"), "tls_key": Path("/etc/k.pem"), "tls_required": True},
    ),
    "a smarthost with a login": (
        {
            "smarthost": "smtps://mx.example.com:465",
            "smarthost_user": "dspp",
            "smarthost_password_file": "/etc/dspp/smarthost",
            "smarthost_ca_file": "/etc/dspp/ca.pem",
        },
        {
            "smarthost_user": "dspp",
            "smarthost_password_file": Path("/etc/dspp/smarthost"),
            "smarthost_ca_file": Path("/etc/dspp/ca.pem"),
        },
    ),
    "the bank that collects for us": (
        {key: value for key, (_, value) in OF_THE_BANK.items()},
        {"originator": Originator(**dict(OF_THE_BANK.values()), origin_name="EXAMPLE MOTORS")},
    ),
    "a login on this machine": (
        {"smarthost": "smtp://127.0.0.1:25", "smarthost_user": "u", "smarthost_password_file": "p"},
        {"smarthost_user": "u"},
    ),
    "the bank that collects": (
        {
            "ach_bank_routing": "091000019",
            "ach_bank_name": "EXAMPLE NATIONAL BANK",
            "ach_origin": "1999999999",
            "ach_company_name": "EXAMPLE MOTORS",
            "ach_company_id": "1999999999",
            "ach_description": "STOCK PLAN",
        },
        {"ach_bank_routing": "091000019", "ach_description": "STOCK PLAN"},
    ),
}
"""Settings that are wrong without one another."""


def _file(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_field_has_a_reader_and_every_reader_a_field() -> None:
    assert list(READERS) == [field.name for field in fields(Settings)]


def test_every_setting_is_tried_here() -> None:
    alone = {str(row.values[0]) for row in READ}
    together = {key for written, _ in TOGETHER.values() for key in written}
    assert alone | together == set(READERS)


@pytest.mark.parametrize(("written", "values"), TOGETHER.values(), ids=TOGETHER.keys())
def test_settings_that_belong_together_are_read(written: dict[str, str], values: dict[str, object]) -> None:
    read = read_settings(None, {PREFIX + key.upper(): value for key, value in written.items()})
    assert {key: getattr(read, key) for key in values} == values


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        pytest.param({"sender_check": "trusted"}, "trusted_authserv_id is not set", id="trust in nobody"),
        pytest.param({"trusted_authserv_id": "mx.example.com"}, "trusted_peers is not", id="trust in whoever connects"),
        pytest.param(
            {"trusted_authserv_id": "mx.example.com", "trusted_peers": "127.0.0.1", "sender_check": "direct"},
            "unset one of them",
            id="two ways at once",
        ),
        pytest.param({"tls_certificate": "/etc/c.pem"}, "set both or neither", id="a certificate without its key"),
        pytest.param({"tls_required": "yes"}, "set tls_certificate and tls_key", id="TLS without a certificate"),
        pytest.param(
            {"smarthost": "smtps://mx:465", "smarthost_user": "u"}, "set both or neither", id="a user without password"
        ),
        pytest.param(
            {"smarthost": "smtps://mx:465", "smarthost_password_file": "p"},
            "set both or neither",
            id="a password of nobody",
        ),
        pytest.param(
            {"smarthost": "smtp://mx:587", "smarthost_user": "u", "smarthost_password_file": "p"},
            "in the clear; use",
            id="a password in the clear",
        ),
        pytest.param(
            {"smarthost": "smtp://mx:25", "smarthost_ca_file": "ca.pem"}, "without TLS; use", id="trust in no TLS"
        ),
        pytest.param(
            {"ach_bank_routing": COMPANY.bank_routing}, "set all that begin with ach_", id="half of what a bank wants"
        ),
        pytest.param({"smarthost_ca_file": "ca.pem"}, "smarthost is not", id="trust in no smarthost"),
    ],
)
def test_settings_that_contradict_each_other_stop_the_start(written: dict[str, str], remedy: str) -> None:
    with pytest.raises(BadSettings, match=remedy):
        read_settings(None, {PREFIX + key.upper(): value for key, value in written.items()})


@pytest.mark.parametrize(
    ("written", "checking"),
    [
        pytest.param({}, SenderChecking.NONE, id="nothing set, doors of this machine only"),
        pytest.param({"smtp_listen": "0.0.0.0:25"}, SenderChecking.DIRECT, id="a door to the world"),
        pytest.param({"smtp_listen": "mx.example.com:25"}, SenderChecking.DIRECT, id="a door of some name"),
        pytest.param({"lmtp_listen": "192.0.2.1:24"}, SenderChecking.DIRECT, id="one of two doors to the world"),
        pytest.param({"lmtp_listen": "unix:/run/lmtp.sock"}, SenderChecking.DIRECT, id="a mail server in front"),
        pytest.param({"trusted_peers": "unix"}, SenderChecking.DIRECT, id="a trusted peer whose results have no name"),
        pytest.param({"proxy_peers": "127.0.0.1"}, SenderChecking.DIRECT, id="a load balancer in front"),
        pytest.param({"smtp_listen": "unix:/run/smtp.sock"}, SenderChecking.NONE, id="a door on a socket"),
        pytest.param({"nameservers": "127.0.0.1:5353"}, SenderChecking.DIRECT, id="name servers"),
        pytest.param(
            {"trusted_authserv_id": "mx.example.com", "trusted_peers": "unix"}, SenderChecking.TRUSTED, id="a server"
        ),
        pytest.param({"smtp_listen": "0.0.0.0:25", "sender_check": "none"}, SenderChecking.NONE, id="said so"),
    ],
)
def test_how_senders_are_checked_follows_from_settings_alone(written: dict[str, str], checking: SenderChecking) -> None:
    read = read_settings(None, {PREFIX + key.upper(): value for key, value in written.items()})
    assert read.sender_checking is checking


@pytest.mark.parametrize(
    ("written", "page"),
    [
        pytest.param({}, "http://127.0.0.1:8080/confirm/", id="while mail stays here"),
        pytest.param({"smarthost": "smtp://127.0.0.1:25"}, "", id="mail goes out and nobody was told where"),
        pytest.param(
            {"smarthost": "smtp://127.0.0.1:25", "public_url": "https://dspp.example.com/"},
            "https://dspp.example.com/confirm/",
            id="as set",
        ),
    ],
)
def test_where_holders_confirm(written: dict[str, str], page: str) -> None:
    assert read_settings(None, {PREFIX + key.upper(): value for key, value in written.items()}).confirm_page == page


def test_a_second_factor_is_asked_where_senders_are_checked_unless_set() -> None:
    assert not read_settings(None, {}).asks_second_factor
    assert read_settings(None, {"DSPP_NAMESERVERS": "127.0.0.1:53"}).asks_second_factor
    assert read_settings(None, {"DSPP_SECOND_FACTOR": "yes"}).asks_second_factor
    assert not read_settings(None, {"DSPP_NAMESERVERS": "127.0.0.1:53", "DSPP_SECOND_FACTOR": "no"}).asks_second_factor


def test_without_a_file_or_environment_the_defaults_hold() -> None:
    assert read_settings(None, {"PATH": "/bin", "DSPP_TEST_DATABASE_URL": "postgresql://somewhere"}) == Settings()


@pytest.mark.parametrize(("key", "written", "value"), READ)
def test_a_setting_is_read_from_the_environment(key: str, written: str, value: object) -> None:
    assert getattr(read_settings(None, {PREFIX + key.upper(): written}), key) == value


@pytest.mark.parametrize(("key", "written", "value"), READ)
def test_a_setting_is_read_from_the_file(key: str, written: str, value: object, tmp_path: Path) -> None:
    assert getattr(read_settings(_file(tmp_path, f'{key} = "{written}"\n'), {}), key) == value


def test_the_file_may_use_its_own_types(tmp_path: Path) -> None:
    read = read_settings(_file(tmp_path, "clock = 2003-11-05T09:00:00-05:00\nread_seconds = 30\n"), {})
    assert (read.clock, read.read_seconds) == (datetime.fromisoformat("2003-11-05T09:00:00-05:00"), 30)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = _file(tmp_path, 'read_seconds = 30\nhostname = "file.example.com"\n')
    read = read_settings(file, {"DSPP_READ_SECONDS": "40"})
    assert (read.read_seconds, read.hostname) == (40, "file.example.com")


def test_an_empty_variable_takes_the_default(tmp_path: Path) -> None:
    file = _file(tmp_path, 'smarthost = "smtp://mail.example.com:25"\n')
    assert read_settings(file, {"DSPP_SMARTHOST": ""}).smarthost is None


def test_where_a_path_is_not_set_it_follows_the_state_directory() -> None:
    read = Settings(state_dir=Path("elsewhere"))
    assert read.database == "sqlite:///elsewhere/dspp.sqlite3"
    assert (read.secrets, read.model, read.outbox_dir) == (
        Path("elsewhere/secret.key"),
        Path("elsewhere/model"),
        Path("elsewhere/outbox"),
    )


@pytest.mark.parametrize(
    ("key", "written", "remedy"),
    [
        pytest.param("database_url", "mysql://localhost/plan", "sqlite:///FILE", id="another database"),
        pytest.param(
            "database_url", "sqlite:///:memory:", "sqlite:///FILE", id="a database that nobody else would see"
        ),
        pytest.param("smtp_listen", "8025", "HOST:PORT", id="a port alone"),
        pytest.param("smtp_listen", "127.0.0.1", "HOST:PORT", id="a host alone"),
        pytest.param("smtp_listen", "127.0.0.1:70000", "HOST:PORT", id="no port at all"),
        pytest.param("http_listen", "http://127.0.0.1:8080", "HOST:PORT", id="a URL for an address"),
        pytest.param("http_listen", "[::1:8080", "HOST:PORT", id="an open bracket"),
        pytest.param("smarthost", "mail.example.com:25", "smtp://HOST:PORT", id="a smarthost without scheme"),
        pytest.param("smarthost", "smtp://mail.example.com", "smtp://HOST:PORT", id="a smarthost without port"),
        pytest.param("smarthost", "smtp+tls://mx:25", "smtp+starttls://HOST:PORT", id="a smarthost of no such scheme"),
        pytest.param("clock", "2003-11-05T09:00:00", "-05:00", id="a clock without offset"),
        pytest.param("clock", "yesterday", "2003-11-05T09:00:00-05:00", id="a clock in words"),
        pytest.param("hostname", "my server", "host name", id="a host name of two words"),
        pytest.param("read_seconds", "0", "1 to 3600", id="no seconds"),
        pytest.param("lmtp_listen", "unix:lmtp.sock", "whole path", id="half a path of a socket"),
        pytest.param("sender_check", "maybe", "direct, trusted or none", id="a check in words"),
        pytest.param("nameservers", "dns.example.com", "IP addresses", id="a name server by name"),
        pytest.param("nameservers", ",", "at least one", id="no name server"),
        pytest.param("trusted_peers", "10.0.0.0/33", "networks", id="no network"),
        pytest.param("proxy_peers", "10.0.0.7/24", "networks", id="an address with a mask that is not its network"),
        pytest.param("dkim_selector", "a b", "a selector", id="a selector of two words"),
        pytest.param("public_url", "http://dspp.example.com", "https://", id="pages in the clear"),
        pytest.param("public_url", "https://h/x?y", "https://", id="an address with more in it"),
        pytest.param("second_factor", "sometimes", "yes or no", id="now and then"),
        pytest.param("tls_required", "perhaps", "yes or no", id="neither yes nor no"),
        pytest.param("read_seconds", "a minute", "1 to 3600", id="seconds in words"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_remedy(key: str, written: str, remedy: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as from_environment:
        read_settings(None, {PREFIX + key.upper(): written})
    (fault,) = from_environment.value.faults
    assert fault.startswith(f"environment variable {PREFIX}{key.upper()}: {key} is {written!r}, but ")
    assert remedy in fault
    file = _file(tmp_path, f'# a comment, and\n\n{key} = "{written}"\n')
    with pytest.raises(BadSettings) as from_file:
        read_settings(file, {})
    assert from_file.value.faults == [fault.replace(f"environment variable {PREFIX}{key.upper()}", f"{file}, line 3")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("state_dir = 5\n", "line 1: state_dir is 5, but a text is wanted", id="a number for a path"),
        pytest.param("\nread_seconds = true\n", "line 2: read_seconds is True", id="a truth for a number"),
        pytest.param("clock = 2003-11-05\n", "line 1: clock is", id="a day for an instant"),
    ],
)
def test_a_wrong_type_in_the_file_is_named(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=says):
        read_settings(_file(tmp_path, text), {})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param('hostname = "a"\nsmpt_listen = "a:1"\n', "line 2: unknown key 'smpt_listen'", id="a slip"),
        pytest.param('\n"smpt_listen" = "a:1"\n', "line 2: unknown key 'smpt_listen'", id="in quotation marks"),
        pytest.param('\n\n[smtp]\nlisten = "a:1"\n', "line 3: unknown key 'smtp'", id="a table"),
        pytest.param('\nsmtp.listen = "a:1"\n', "line 2: unknown key 'smtp'", id="a dotted key"),
    ],
)
def test_an_unknown_key_of_the_file_is_named_with_those_known(text: str, line: str, tmp_path: Path) -> None:
    file = _file(tmp_path, text)
    with pytest.raises(BadSettings) as bad:
        read_settings(file, {})
    (fault,) = bad.value.faults
    assert fault.startswith(f"{file}, {line}; known are ach_bank_name, ")


def test_an_unknown_variable_is_named() -> None:
    with pytest.raises(BadSettings, match="environment variable DSPP_SMTP_PORT: unknown key 'smtp_port'; known are"):
        read_settings(None, {"DSPP_SMTP_PORT": "25"})


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    file = _file(tmp_path, "read_seconds = 0\nno_such_key = 1\n")
    with pytest.raises(BadSettings) as bad:
        read_settings(file, {"DSPP_HTTP_LISTEN": "nowhere"})
    assert len(bad.value.faults) == 3
    assert str(bad.value) == "\n".join(bad.value.faults)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"hostname = \n", "not TOML: .*line 1", id="no value"),
        pytest.param(b"read_seconds = 1\nread_seconds = 2\n", "not TOML: .*line 2", id="a key twice"),
        pytest.param(b"hostname = 'caf\xe9'\n", "not TOML", id="not UTF-8"),
        pytest.param(None, "settings.toml: no such file; correct the path", id="no file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, says: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadSettings, match=says) as bad:
        read_settings(file, {})
    assert str(bad.value).startswith(str(file))


@pytest.mark.parametrize(
    ("key", "written", "shown"),
    [
        pytest.param("database_url", "postgres://ana:hunter2@db/plan", "postgres://***@db/plan", id="a database"),
        pytest.param("database_url", "mysql://ana:hunter2/x@y@db/n", "mysql://***@db/n", id="a password with signs"),
        pytest.param("smarthost", "smtp://ana:hunter2@mx:25", "smtp://***@mx:25", id="a smarthost"),
        pytest.param("smarthost", "smtps://ana:hunter2@mx:465", "smtps://***@mx:465", id="a smarthost in TLS"),
    ],
)
def test_no_error_repeats_a_password(key: str, written: str, shown: str) -> None:
    with pytest.raises(BadSettings) as bad:
        read_settings(None, {PREFIX + key.upper(): written})
    assert f"{key} is {shown!r}, but " in str(bad.value)
    assert "hunter2" not in str(bad.value)
