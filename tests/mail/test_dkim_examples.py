"""The signed messages that the standards print, with their keys: signatures that were made by somebody else."""

from __future__ import annotations

import pytest

from bot.mail.dkim_check import check_dkim, key_names
from bot.mail.dkim_reasons import DkimReason
from bot.mail.dns import Answer
from bot.mail.limits import Limits
from tests.mail.signing import NOW

LIMITS = Limits()
RFC_6376 = b"\r\n".join([
    b"DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;",
    b"      c=simple/simple; q=dns/txt; i=joe@football.example.com;",
    b"      h=Received : From : To : Subject : Date : Message-ID;",
    b"      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
    b"      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB",
    b"      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut",
    b"      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV",
    b"      4bmp/YzhwvcubU4=;",
    b"Received: from client1.football.example.com  [192.0.2.1]",
    b"      by submitserver.example.com with SUBMISSION;",
    b"      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)",
    b"From: Joe SixPack <joe@football.example.com>",
    b"To: Suzie Q <suzie@shopping.example.net>",
    b"Subject: Is dinner ready?",
    b"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
    b"Message-ID: <20030712040037.46341.5F8J@football.example.com>",
    b"",
    b"Hi.",
    b"",
    b"We lost the game. Are you hungry yet?",
    b"",
    b"Joe.",
    b"",
])  # fmt: skip
RFC_6376_KEYS = {
    "brisbane._domainkey.example.com": Answer(
        True,
        (
            "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9"
            "v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQP"
            "NUYckcQ2QIDAQAB",
        ),
    ),
}


def test_the_example_of_rfc_6376_passes() -> None:
    """Appendix A.2: simple forms, so each of its spaces counts."""
    assert key_names(RFC_6376, LIMITS) == tuple(RFC_6376_KEYS)
    (found,) = check_dkim(RFC_6376, RFC_6376_KEYS, NOW, LIMITS)
    assert (found.reason, found.domain, found.key_bits) == (DkimReason.PASSED, "example.com", 1_024)
    assert found.identity == "joe@football.example.com"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param((b"game. Are", b"game.  Are"), DkimReason.BODY_CHANGED, id="a space in the body"),
        pytest.param((b"com  [192", b"com [192"), DkimReason.SIGNATURE_WRONG, id="a space in a signed field"),
        pytest.param((b"      c=", b"\tc="), DkimReason.SIGNATURE_WRONG, id="a tab in the signature"),
    ],
)
def test_no_space_of_it_may_change(change: tuple[bytes, bytes], reason: DkimReason) -> None:
    assert change[0] in RFC_6376
    (found,) = check_dkim(RFC_6376.replace(*change), RFC_6376_KEYS, NOW, LIMITS)
    assert found.reason is reason


RFC_8463 = b"\r\n".join([
    b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;",
    b" d=football.example.com; i=@football.example.com;",
    b" q=dns/txt; s=brisbane; t=1528637909; h=from : to :",
    b" subject : date : message-id : from : subject : date;",
    b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
    b" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus",
    b" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==",
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;",
    b" d=football.example.com; i=@football.example.com;",
    b" q=dns/txt; s=test; t=1528637909; h=from : to : subject :",
    b" date : message-id : from : subject : date;",
    b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
    b" b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3",
    b" DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz",
    b" dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=",
    b"From: Joe SixPack <joe@football.example.com>",
    b"To: Suzie Q <suzie@shopping.example.net>",
    b"Subject: Is dinner ready?",
    b"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
    b"Message-ID: <20030712040037.46341.5F8J@football.example.com>",
    b"",
    b"Hi.",
    b"",
    b"We lost the game.  Are you hungry yet?",
    b"",
    b"Joe.",
    b"",
])  # fmt: skip
RFC_8463_KEYS = {
    "brisbane._domainkey.football.example.com": Answer(
        True, ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",)
    ),
    "test._domainkey.football.example.com": Answer(
        True,
        (
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
            "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2"
            "kryOTIKT+l/K4w3QIDAQAB",
        ),
    ),
}


def test_the_example_of_rfc_8463_passes_with_both_its_keys() -> None:
    assert key_names(RFC_8463, LIMITS) == tuple(RFC_8463_KEYS)
    found = check_dkim(RFC_8463, RFC_8463_KEYS, NOW, LIMITS, ("from", "to", "subject", "date", "message-id"))
    assert [each.reason for each in found] == [DkimReason.PASSED, DkimReason.PASSED]
    assert [(each.algorithm, each.key_bits) for each in found] == [("ed25519-sha256", 256), ("rsa-sha256", 1_024)]
    ours = check_dkim(RFC_8463, RFC_8463_KEYS, NOW, LIMITS)
    assert {each.unsigned for each in ours} == {("content-type",)}, "its lines may have run on, by a type taken away"
    changed = RFC_8463.replace(b"We lost", b"We won ")
    assert {each.reason for each in check_dkim(changed, RFC_8463_KEYS, NOW, LIMITS)} == {DkimReason.BODY_CHANGED}
