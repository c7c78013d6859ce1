"""What our own mail server found is believed only where it could know, and only for signatures that mean something."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.mail.authentication import Authentication, Ground
from bot.mail.sender_checks import TrustedCheck
from tests.mail.signing import LETTER, NOW, sign
from tests.mail.test_sender_checks import ELSEWHERE, OPEN_TO, arrived, direct, is_ours

PASSED = "mx.aastrom.com; dkim=pass header.d=example.com header.s=s1; dmarc=pass header.from=example.com"


def stamped(raw: bytes, *values: str) -> bytes:
    return b"".join(f"Authentication-Results: {value}\r\n".encode() for value in values) + raw


async def trusting(raw: bytes, peer: str = "10.0.0.5", at: datetime = NOW) -> Authentication:
    check = TrustedCheck("mx.aastrom.com", {"10.0.0.5"}.__contains__, is_ours)
    return await check.check(replace(arrived(raw), peer=peer, at=at))


async def test_what_our_own_mail_server_found_is_believed() -> None:
    found = await trusting(stamped(sign(LETTER), PASSED))
    assert found.ground is Ground.VOUCHED
    assert found.digest == (await direct(sign(LETTER))).digest
    assert "dmarc=pass" in found.results


@pytest.mark.parametrize(
    ("raw", "peer", "ground"),
    [
        pytest.param(stamped(sign(LETTER), PASSED), "192.0.2.9", Ground.NO_RESULTS, id="from somebody not listed"),
        pytest.param(stamped(sign(LETTER), PASSED), "local", Ground.NO_RESULTS, id="from a socket not listed"),
        pytest.param(sign(LETTER), "10.0.0.5", Ground.NO_RESULTS, id="no results"),
        pytest.param(
            stamped(sign(LETTER), "mx.other.example; dkim=none", PASSED),
            "10.0.0.5",
            Ground.NO_RESULTS,
            id="results that came with the message",
        ),
        pytest.param(
            stamped(sign(LETTER), PASSED.replace("mx.aastrom.com", "mx.aastrom.com.evil.example")),
            "10.0.0.5",
            Ground.NO_RESULTS,
            id="a longer name",
        ),
        pytest.param(
            stamped(sign(LETTER), PASSED.replace("dmarc=pass", "dmarc=fail")),
            "10.0.0.5",
            Ground.FAILED_POLICY,
            id="a failed policy",
        ),
        pytest.param(
            stamped(sign(LETTER), PASSED.replace("dmarc=pass", "dmarc=none")),
            "10.0.0.5",
            Ground.NO_POLICY,
            id="no policy",
        ),
        pytest.param(
            stamped(sign(LETTER), PASSED.replace("dmarc=pass", "dmarc=temperror")),
            "10.0.0.5",
            Ground.NO_ANSWER,
            id="no answer",
        ),
        pytest.param(
            stamped(sign(LETTER), PASSED.replace("from=example.com", "from=attacker.example")),
            "10.0.0.5",
            Ground.FAILED_POLICY,
            id="a policy of another domain",
        ),
        pytest.param(
            stamped(sign(LETTER), PASSED + "; dmarc=fail header.from=example.com"),
            "10.0.0.5",
            Ground.NO_POLICY,
            id="two findings on policy",
        ),
        pytest.param(
            stamped(
                sign(LETTER), "mx.aastrom.com; spf=pass smtp.mailfrom=example.com; dmarc=pass header.from=example.com"
            ),
            "10.0.0.5",
            Ground.NOT_SIGNED,
            id="a host alone",
        ),
        pytest.param(
            stamped(sign(LETTER), *(f"mx.aastrom.com; {each}" for each in PASSED.split("; ")[:0:-1])),
            "10.0.0.5",
            Ground.NOT_SIGNED,
            id="signature and policy in two fields",
        ),
        pytest.param(
            stamped(sign(LETTER), PASSED.replace("header.s=s1", "header.s=s2")),
            "10.0.0.5",
            Ground.NOT_SIGNED,
            id="another signature was found good",
        ),
        pytest.param(
            stamped(sign(LETTER, "attacker.example"), PASSED.replace("d=example.com", "d=attacker.example")),
            "10.0.0.5",
            Ground.NOT_ALIGNED,
            id="another's signature",
        ),
        pytest.param(stamped(sign(LETTER, tags={"l": "10"}), PASSED), "10.0.0.5", Ground.NOT_SIGNED, id="an open body"),
        pytest.param(
            stamped(sign(LETTER, names=("from", "to", "date")), PASSED),
            "10.0.0.5",
            Ground.NOT_SIGNED,
            id="an open subject",
        ),
        pytest.param(stamped(sign(ELSEWHERE), PASSED), "10.0.0.5", Ground.NOT_TO_US, id="to somebody else"),
    ],
)
async def test_results_count_only_from_that_server_and_only_for_sound_signatures(
    raw: bytes, peer: str, ground: Ground
) -> None:
    found = await trusting(raw, peer)
    assert (found.ground, found.is_aligned, found.is_temporary) == (ground, False, False), found


@pytest.mark.parametrize(
    ("extra", "ground"),
    [
        pytest.param("; spf=pass smtp.mailfrom=ann@example.com", Ground.VOUCHED, id="straight from the provider"),
        pytest.param("; spf=pass smtp.mailfrom=example.com", Ground.NOT_SIGNED, id="from the provider, for somebody"),
        pytest.param("; spf=pass smtp.mailfrom=eve@example.com", Ground.NOT_SIGNED, id="forwarded within it"),
        pytest.param("; spf=softfail smtp.mailfrom=ann@example.com", Ground.NOT_SIGNED, id="from elsewhere"),
        pytest.param("", Ground.NOT_SIGNED, id="from who knows where"),
    ],
)
async def test_our_server_too_must_say_that_nobody_was_in_between(extra: str, ground: Ground) -> None:
    assert (await trusting(stamped(sign(LETTER, names=OPEN_TO), PASSED + extra))).ground is ground


@pytest.mark.parametrize(
    ("signer", "sender"),
    [
        pytest.param("vendor.example.com", "example.com", id="below"),
        pytest.param("example.com", "mail.example.com", id="above"),
        pytest.param("a.example.com", "b.example.com", id="beside"),
    ],
)
@pytest.mark.parametrize(
    "more",
    [
        pytest.param("; spf=pass smtp.mailfrom=bounce@example.com", id="the host passed too"),
        pytest.param("", id="nothing of the host"),
    ],
)
async def test_a_passed_policy_may_rest_on_the_host_so_only_the_very_domains_signature_counts(
    signer: str, sender: str, more: str
) -> None:
    letter = LETTER.replace(b"From: Ann <ann@example.com>", f"From: Ann <ann@{sender}>".encode())
    said = f"mx.aastrom.com; dkim=pass header.d={{}} header.i=@{sender}{more}; dmarc=pass header.from={sender}"

    async def ground(by: str) -> Ground:
        raw = stamped(sign(letter, by), said.format(by))
        check = TrustedCheck("mx.aastrom.com", {"10.0.0.5"}.__contains__, is_ours)
        return (await check.check(replace(arrived(raw, f"ann@{sender}"), peer="10.0.0.5"))).ground

    assert await ground(signer) is Ground.NOT_ALIGNED
    assert await ground(sender) is Ground.VOUCHED


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            "dkim=pass header.d=gmail.com header.s=s1 header.b=a1B2c3D4; spf=pass (mx.aastrom.com: domain of"
            " ann@gmail.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=ann@gmail.com;"
            " dmarc=pass (policy=none) header.from=gmail.com",
            id="as rspamd writes it",
        ),
        pytest.param(
            'dkim=pass (2048-bit key; unprotected) header.d=gmail.com header.i=@gmail.com header.b="a1B2c3D4";'
            " dkim-atps=neutral; dmarc=pass (p=none dis=none) header.from=gmail.com",
            id="as OpenDKIM and OpenDMARC write it in one",
        ),
    ],
)
async def test_a_large_providers_customer_is_known_by_what_mail_servers_write(said: str) -> None:
    letter = LETTER.replace(b"ann@example.com", b"ann@gmail.com")
    check = TrustedCheck("mx.aastrom.com", {"10.0.0.5"}.__contains__, is_ours)
    raw = stamped(sign(letter, "gmail.com"), f"mx.aastrom.com; {said}")
    found = await check.check(replace(arrived(raw, "ann@gmail.com"), peer="10.0.0.5"))
    assert found.ground is Ground.VOUCHED


async def test_a_signature_that_ran_out_is_not_believed_though_our_server_passed_it() -> None:
    expired = sign(LETTER, tags={"x": str(int(NOW.timestamp()) + 60)})
    assert (await trusting(stamped(expired, PASSED))).ground is Ground.VOUCHED
    later = await trusting(stamped(expired, PASSED), at=NOW + timedelta(hours=2))
    assert later.ground is Ground.NOT_SIGNED
