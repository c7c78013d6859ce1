"""A From address is believed only if the domain's own signature, its policy and the letter's address all say so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from bot.lookup_places import PLACES
from bot.mail.arc import ArcReason
from bot.mail.authentication import NOBODY, UNCHECKED, Arrived, Authentication, Ground, NoCheck
from bot.mail.authres import read_results
from bot.mail.dkim_check import SIGNATURES_CHECKED
from bot.mail.dns import Answer, DnsFailure, Kind
from bot.mail.dns_kept import DnsLimits
from bot.mail.sender_checks import KEYS_AT_ONCE, DirectCheck, addressed, relays_said
from bot.mail.spf import SpfResult
from tests.mail.signing import LETTER, NOW, key_record, rsa_key, seal, sign
from tests.name_server import ZoneAnswers

OURS = "dspp@aastrom.com"
OPEN_TO = ("from", "subject", "date", "message-id", "content-type")
OPEN_TYPE = ("from", "to", "subject", "date", "message-id")
OPEN_BOTH = ("from", "to", "subject", "date")
KEY = {"s1._domainkey.example.com": {"TXT": [key_record()]}}
POLICY = {"_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]}}
HOSTS = {"example.com": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]}}
ZONES = {**KEY, **POLICY, **HOSTS}

Zones = Mapping[str, Mapping[str, Sequence[str] | str]]


def is_ours(address: str) -> bool:
    return address.lower() == OURS


def arrived(raw: bytes, sender: str = "ann@example.com") -> Arrived:
    return Arrived(raw, sender, "ann@example.com", "192.0.2.1", "mail.example.com", NOW)


async def direct(raw: bytes, zones: Zones = ZONES, sender: str = "ann@example.com") -> Authentication:
    return await DirectCheck(ZoneAnswers(zones), is_ours, "mx.aastrom.com").check(arrived(raw, sender))


async def test_a_letter_that_its_domain_signed_and_covers_by_policy_is_believed() -> None:
    found = await direct(sign(LETTER))
    assert (found.ground, found.is_aligned, found.is_temporary) == (Ground.VOUCHED, True, False)
    assert len(found.digest) == 64
    results = read_results(found.results)
    assert results is not None
    assert results.authserv_id == "mx.aastrom.com"
    assert [(one.method, one.result) for one in results.results] == [
        ("spf", "pass"), ("dkim", "pass"), ("dmarc", "pass"), ("arc", "none"),
    ]  # fmt: skip


def without(*names: str) -> dict[str, Mapping[str, Sequence[str] | str]]:
    """The zones without some names."""
    zones: dict[str, Mapping[str, Sequence[str] | str]] = {k: v for k, v in ZONES.items() if k not in names}
    return zones


def txt(name: str, text: str) -> dict[str, Mapping[str, Sequence[str] | str]]:
    return {**ZONES, name: {"TXT": [text]}}


FAILING: Mapping[str, Sequence[str] | str] = {"TXT": "servfail"}
SUBDOMAIN_KEY = {"s1._domainkey.mail.example.com": {"TXT": [key_record()]}}
FOREIGN_KEY = {"s1._domainkey.attacker.example": {"TXT": [key_record()]}}
ELSEWHERE = LETTER.replace(b"To: dspp@aastrom.com", b"To: attacker@attacker.example")


@pytest.mark.parametrize(
    ("raw", "zones", "ground"),
    [
        pytest.param(LETTER, ZONES, Ground.NOT_SIGNED, id="no signature, though the host may send for the domain"),
        pytest.param(
            sign(LETTER, "attacker.example"), {**ZONES, **FOREIGN_KEY}, Ground.NOT_ALIGNED, id="another's signature"
        ),
        pytest.param(sign(LETTER), without("_dmarc.example.com"), Ground.NO_POLICY, id="no policy"),
        pytest.param(
            sign(LETTER),
            {**without("_dmarc.example.com"), "_dmarc.example.com": {"TXT": ["v=DMARC1; p=none", "v=DMARC1; p=none"]}},
            Ground.NO_POLICY,
            id="two policies are none",
        ),
        pytest.param(sign(LETTER), txt("_dmarc.example.com", "v=DMARC1; p=none"), Ground.VOUCHED, id="a mild policy"),
        pytest.param(
            sign(LETTER, "mail.example.com"), {**ZONES, **SUBDOMAIN_KEY}, Ground.VOUCHED, id="a subdomain's signature"
        ),
        pytest.param(
            sign(LETTER, "mail.example.com"),
            {**txt("_dmarc.example.com", "v=DMARC1; p=reject; adkim=s"), **SUBDOMAIN_KEY},
            Ground.NOT_ALIGNED,
            id="a subdomain's signature where the policy wants the very domain",
        ),
        pytest.param(sign(LETTER).replace(b"$250", b"$950"), ZONES, Ground.NOT_SIGNED, id="a changed body"),
        pytest.param(sign(LETTER, tags={"l": "10"}), ZONES, Ground.NOT_SIGNED, id="a body that may be added to"),
        pytest.param(
            sign(LETTER, names=("from", "to", "date", "message-id", "content-type")),
            ZONES,
            Ground.NOT_SIGNED,
            id="an open subject",
        ),
        pytest.param(b"Subject: Sell\r\n" + sign(LETTER), ZONES, Ground.NOT_SIGNED, id="a second subject on top"),
        pytest.param(sign(LETTER), without("s1._domainkey.example.com"), Ground.NOT_SIGNED, id="no key"),
        pytest.param(sign(LETTER, key=rsa_key(1_024)), ZONES, Ground.NOT_SIGNED, id="another key"),
        pytest.param(sign(ELSEWHERE), ZONES, Ground.NOT_TO_US, id="a letter to somebody else"),
        pytest.param(
            sign(LETTER.replace(b"To: dspp@aastrom.com\r\n", b"")), ZONES, Ground.NOT_TO_US, id="a letter to nobody"
        ),
    ],
)
async def test_what_a_message_and_the_name_servers_say_together(raw: bytes, zones: Zones, ground: Ground) -> None:
    found = await direct(raw, zones)
    assert (found.ground, found.is_temporary) == (ground, False), found
    assert found.is_aligned is (ground is Ground.VOUCHED)
    assert bool(found.digest) is found.is_aligned


@pytest.mark.parametrize("names", [OPEN_TO, OPEN_TYPE, OPEN_BOTH], ids=["recipient", "type", "type and id"])
async def test_an_open_field_is_believed_only_straight_from_the_writers_own_provider(names: tuple[str, ...]) -> None:
    raw = sign(LETTER, names=names)
    check = DirectCheck(ZoneAnswers(ZONES), is_ours, "mx.aastrom.com")
    straight = arrived(raw)
    assert (await check.check(straight)).ground is Ground.VOUCHED
    for changed in (
        replace(straight, peer="192.0.2.99"),
        replace(straight, mail_from="eve+forwarded@example.com"),
        replace(straight, mail_from=""),
        replace(straight, mail_from="", helo="example.com"),
        replace(straight, peer="local"),
    ):
        found = await check.check(changed)
        assert found.ground is Ground.NOT_SIGNED, changed
        assert "leaves a field open" in found.note


@pytest.mark.parametrize(
    ("raw", "zones"),
    [
        pytest.param(sign(LETTER), {**ZONES, "s1._domainkey.example.com": FAILING}, id="no answer about the key"),
        pytest.param(sign(LETTER), {**ZONES, "_dmarc.example.com": FAILING}, id="no answer about the policy"),
        pytest.param(
            sign(LETTER, "mail.example.com"),
            {**ZONES, **SUBDOMAIN_KEY, "_dmarc.mail.example.com": FAILING},
            id="no answer on the way up from the signer",
        ),
    ],
)
async def test_silent_name_servers_are_asked_again_later_and_never_pass(raw: bytes, zones: Zones) -> None:
    found = await direct(raw, zones)
    assert (found.ground, found.is_aligned, found.is_temporary, found.digest) == (Ground.NO_ANSWER, False, True, "")


async def asked(message: Arrived, zones: Zones = ZONES) -> list[str]:
    """The names that one message makes us ask for."""
    answers = ZoneAnswers(zones)
    await DirectCheck(answers, is_ours, "mx.aastrom.com").check(message)
    return [name for name, _kind in answers.asked]


async def test_nothing_that_a_stranger_names_is_asked_for() -> None:
    named = sign(seal(sign(LETTER), "relay.example", "arc"), "attacker.example")
    message = replace(arrived(named), mail_from="eve@attacker.example", helo="attacker.example")
    assert await asked(message) == ["s1._domainkey.example.com", "_dmarc.example.com", "_dmarc.com"]
    assert (await direct(named)).ground is Ground.VOUCHED


@pytest.mark.parametrize(
    ("mail_from", "is_asked"),
    [
        pytest.param("ann@example.com", True, id="the sender"),
        pytest.param("bounces@mail.example.com", True, id="somebody of the sender's organization"),
        pytest.param("eve@attacker.example", False, id="a stranger"),
        pytest.param("", False, id="nobody"),
        pytest.param("eve@com", False, id="a public suffix"),
    ],
)
async def test_hosts_are_asked_about_only_where_they_could_count(mail_from: str, is_asked: bool) -> None:
    found = await DirectCheck(ZoneAnswers(ZONES), is_ours, "mx.aastrom.com").check(
        replace(arrived(LETTER), mail_from=mail_from)
    )
    assert ("spf=" in found.results) is is_asked
    assert any(not name.startswith("_") for name in await asked(replace(arrived(LETTER), mail_from=mail_from))) is (
        is_asked
    )


async def test_one_message_asks_few_questions_at_a_time_and_few_in_all() -> None:
    raw = LETTER
    for number in range(30):
        raw = sign(raw, "mail.example.com" if number % 2 else "example.com", f"k{number}")
    counts: list[int] = [0, 0, 0]

    class Counts(ZoneAnswers):
        async def lookup(self, name: str, kind: Kind) -> Answer:
            counts[0], counts[2] = counts[0] + 1, counts[2] + 1
            counts[1] = max(counts[1], counts[0])
            await asyncio.sleep(0.001)
            counts[0] -= 1
            raise DnsFailure("silent")

    found = await DirectCheck(Counts(ZONES), is_ours, "mx.aastrom.com").check(arrived(raw))
    assert found.is_temporary
    assert counts[1] <= KEYS_AT_ONCE + 1
    assert DnsLimits().questions_under_way > PLACES * (KEYS_AT_ONCE + 1)
    assert counts[2] <= SIGNATURES_CHECKED + 2


@pytest.mark.parametrize(
    ("record", "is_disowned"),
    [
        pytest.param("v=DMARC1; p=reject", True, id="refused"),
        pytest.param("v=DMARC1; p=quarantine", True, id="set apart"),
        pytest.param("v=DMARC1; p=none", False, id="let through"),
        pytest.param("v=DMARC1; p=quarantine; t=y", False, id="a policy on trial"),
    ],
)
async def test_what_the_domain_asks_for_forgeries_is_kept(record: str, is_disowned: bool) -> None:
    found = await DirectCheck(ZoneAnswers(txt("_dmarc.example.com", record)), is_ours, "mx").check(
        replace(arrived(LETTER), mail_from="eve@attacker.example")
    )
    assert found.is_disowned is is_disowned
    assert Authentication.of_record(found.record(), "", found.address).is_disowned is is_disowned
    assert not (await direct(sign(LETTER), txt("_dmarc.example.com", record))).is_disowned


async def test_what_relays_said_is_asked_for_only_by_whoever_wants_to_know() -> None:
    sealed = seal(sign(LETTER), "relay.example", "arc")
    assert " arc=" not in (await direct(sealed)).results
    answers = ZoneAnswers({**ZONES, "arc._domainkey.relay.example": {"TXT": [key_record()]}})
    assert (await relays_said(sealed, answers)).reason is ArcReason.WHOLE
    assert (await relays_said(sealed, ZoneAnswers(ZONES))).reason is ArcReason.NO_KEY


async def test_a_coding_that_was_taken_away_is_believed_only_straight_from_the_provider() -> None:
    coded = LETTER.replace(b"$250", b"$2=\r\n50").replace(
        b"Content-Type: text/plain\r\n", b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    )
    signed = sign(coded, names=(*OPEN_TYPE, "content-type"))
    taken = signed.replace(b"Content-Transfer-Encoding: quoted-printable\r\n", b"")
    check = DirectCheck(ZoneAnswers(ZONES), is_ours, "mx.aastrom.com")
    for raw in (signed, taken):
        assert (await check.check(arrived(raw))).ground is Ground.VOUCHED
        elsewhere = await check.check(replace(arrived(raw), mail_from="eve@attacker.example"))
        assert (elsewhere.ground, elsewhere.note.endswith("(content-transfer-encoding)")) == (Ground.NOT_SIGNED, True)


async def test_silence_about_a_foreign_signature_holds_nothing_up_that_is_signed_well() -> None:
    raw = sign(sign(LETTER), "attacker.example")
    found = await direct(raw, {**ZONES, "s1._domainkey.attacker.example": FAILING})
    assert found.ground is Ground.VOUCHED


async def test_silence_about_hosts_holds_nothing_up() -> None:
    found = await direct(sign(LETTER), {**ZONES, "example.com": FAILING})
    assert found.ground is Ground.VOUCHED
    assert f"spf={SpfResult.TEMPERROR.value}" in found.results


async def test_a_replay_has_the_digest_of_the_first_and_another_letter_has_not() -> None:
    first = await direct(sign(LETTER))
    replayed = await direct(b"Received: from elsewhere\r\nX-Note: again\r\n" + sign(LETTER))
    other = await direct(sign(LETTER.replace(b"11:59:00", b"11:59:01")))
    assert first.digest == replayed.digest
    assert other.ground is Ground.VOUCHED
    assert other.digest != first.digest


async def test_what_was_found_is_kept_and_read_back() -> None:
    found = await direct(sign(LETTER))
    found = replace(found, address="ann@example.com")
    assert Authentication.of_record(found.record(), found.digest, "ann@example.com") == found
    assert Authentication.of_record(found.record(), found.digest, "eve@example.com") is NOBODY


async def test_a_replay_that_leaves_one_of_two_signatures_away_is_known() -> None:
    both = sign(sign(LETTER), "mail.example.com")
    zones = {**ZONES, **SUBDOMAIN_KEY}
    upper = (await direct(both, zones)).digest
    assert (
        upper
        == (await direct(sign(LETTER), zones)).digest
        == (await direct(sign(LETTER, names=OPEN_BOTH), zones)).digest
    )
    without_date = LETTER.replace(b"Date: Mon, 23 Nov 2026 11:59:00 +0000\r\n", b"")
    other = without_date.replace(b"<1@", b"<2@")
    assert (await direct(sign(without_date))).digest != (await direct(sign(other))).digest


@pytest.mark.parametrize(
    ("to", "found"),
    [
        pytest.param("dspp@aastrom.com", ("dspp@aastrom.com",), id="bare"),
        pytest.param("Aastrom <dspp@aastrom.com>, a@b.example", ("dspp@aastrom.com", "a@b.example"), id="two"),
        pytest.param('"dspp@aastrom.com" <eve@x.example>', ("eve@x.example",), id="in a name"),
        pytest.param('"dspp@aastrom.com, " <eve@x.example>', ("eve@x.example",), id="in a name with a comma"),
        pytest.param("eve@x.example (dspp@aastrom.com)", ("eve@x.example",), id="in a comment"),
        pytest.param("eve@x.example (a (dspp@aastrom.com) b)", ("eve@x.example",), id="in an inner comment"),
        pytest.param("dspp@aastrom.com <eve@x.example>", (), id="a bare address for a name"),
        pytest.param("<dspp@aastrom.com> <eve@x.example>", (), id="two brackets"),
        pytest.param("eve@x.example, (dspp@aastrom.com", (), id="a comment without end"),
        pytest.param('eve@x.example, "dspp@aastrom.com', (), id="a quotation without end"),
        pytest.param("friends: eve@x.example, dspp@aastrom.com;", ("eve@x.example", "dspp@aastrom.com"), id="a group"),
        pytest.param("undisclosed-recipients:;", (), id="an empty group"),
    ],
)
def test_whom_a_letter_is_addressed_to(to: str, found: tuple[str, ...]) -> None:
    assert addressed(to) == found


async def test_two_fields_that_say_to_whom_are_to_nobody() -> None:
    raw = sign(LETTER.replace(b"To: ", b"To: eve@x.example\r\nTo: "), names=("to", *OPEN_TYPE, "to", "content-type"))
    assert (await direct(raw)).ground is not Ground.VOUCHED


@pytest.mark.parametrize("record", [None, {}, {"ground": "SURELY"}, {"ground": None}])
def test_without_a_record_the_sender_is_not_known(record: Mapping[str, object] | None) -> None:
    assert Authentication.of_record(record, "", "") is NOBODY
    assert not NOBODY.is_aligned


async def test_without_a_check_the_word_of_a_message_counts() -> None:
    assert await NoCheck().check(arrived(LETTER)) is UNCHECKED
    assert await NoCheck().check(replace(arrived(LETTER), from_address="")) is NOBODY
