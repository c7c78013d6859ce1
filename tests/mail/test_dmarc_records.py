"""How DMARC policy records are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.dmarc_records import LONGEST_RECORD, DmarcRecord, Policy, Suffix, only_record, read_record

NONE, QUARANTINE, REJECT = Policy
RUA = "rua=mailto:d@example.com"


def read(text: str) -> DmarcRecord:
    record = read_record(text)
    assert record is not None
    return record


def test_every_tag_is_read() -> None:
    text = (
        "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; psd=n; t=y; fo=1:d:s; "
        "rua=mailto:a@example.com, mailto:b@example.net!10m; ruf=mailto:c@example.com"
    )
    assert read_record(text) == DmarcRecord(
        policy=REJECT,
        subdomain_policy=QUARANTINE,
        absent_policy=NONE,
        dkim_is_strict=True,
        spf_is_strict=True,
        suffix=Suffix.NO,
        is_testing=True,
        failure_options=frozenset("1ds"),
        aggregate_addresses=("mailto:a@example.com", "mailto:b@example.net"),
        failure_addresses=("mailto:c@example.com",),
    )


def test_what_is_not_said_has_the_defaults_of_the_standard() -> None:
    assert read_record("v=DMARC1;p=none") == DmarcRecord(
        policy=NONE,
        subdomain_policy=None,
        absent_policy=None,
        dkim_is_strict=False,
        spf_is_strict=False,
        suffix=Suffix.UNKNOWN,
        is_testing=False,
        failure_options=frozenset("0"),
        aggregate_addresses=(),
        failure_addresses=(),
    )


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        # RFC 9989 appendix B.2
        pytest.param("v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com", NONE, id="monitoring"),
        pytest.param(
            "v=DMARC1; p=quarantine; rua=mailto:dmarc-feedback@example.com,mailto:tld-test@thirdparty.example.net; t=y",
            QUARANTINE,
            id="testing, with two addresses",
        ),
        pytest.param("v=DMARC1; p=reject; aspf=r; rua=mailto:dmarc-feedback@example.com", REJECT, id="in force"),
        # Its grammar
        pytest.param("V\t= DMARC1 \t;\tP =Reject ;", REJECT, id="spaces, tabs and capitals"),
        pytest.param("v=DMARC1;;;p=reject;;", REJECT, id="empty pieces"),
        pytest.param("v=DMARC1; unknown=x; pct=0; ri=1; rf=afrf; p=reject", REJECT, id="unknown and retired tags"),
        pytest.param("v=DMARC1; pct=0; pct=1; p=reject", REJECT, id="a retired tag twice"),
        pytest.param("v=DMARC1; this is no tag; p=reject", REJECT, id="a piece that is no tag"),
        pytest.param("v=DMARC1; p1=none; p=reject", REJECT, id="a tag whose name is not of letters"),
        pytest.param("v=DMARC1; ad\u212aim=s; adkim=r; p=reject", REJECT, id="a tag with the sign of Kelvin"),
        pytest.param(f"v=DMARC1; {RUA}; p=reject", REJECT, id="the policy last"),
        # Without a policy that can be applied: section 4.10.1
        pytest.param(f"v=DMARC1; {RUA}", NONE, id="no policy, and somebody to tell"),
        pytest.param("v=DMARC1", None, id="nothing but the version"),
        pytest.param("v=DMARC1;", None, id="nothing but the version, ended"),
        pytest.param("v=DMARC1; sp=reject", None, id="a policy for subdomains only, and nobody to tell"),
        pytest.param(f"v=DMARC1; p=block; {RUA}", NONE, id="an unknown policy, and somebody to tell"),
        pytest.param("v=DMARC1; p=block", None, id="an unknown policy, and nobody to tell"),
        pytest.param(f"v=DMARC1; p=; {RUA}", NONE, id="an empty policy"),
        pytest.param(f"v=DMARC1; p=reject; sp=block; {RUA}", NONE, id="an unknown policy for subdomains"),
        pytest.param("v=DMARC1; p=reject; sp=block", None, id="the same, and nobody to tell"),
        pytest.param(f"v=DMARC1; p=reject; np=; {RUA}", NONE, id="an empty policy for absent names"),
        pytest.param("v=DMARC1; p=reject; np=block", None, id="an unknown policy for absent names"),
        pytest.param("v=DMARC1; p=reject\x00", None, id="a null in the policy"),
        pytest.param("v=DMARC1; p=rejeсt", None, id="a Cyrillic letter in the policy"),
        pytest.param("v=DMARC1; p=re ject", None, id="a space in the policy"),
        pytest.param("v=DMARC1 p=reject", "absent", id="no semicolon after the version"),
        # Twice the same tag: RFC 6376 section 3.2
        pytest.param(f"v=DMARC1; p=none; p=reject; {RUA}", None, id="two policies"),
        pytest.param(f"v=DMARC1; p=reject; P=reject; {RUA}", None, id="the same policy twice"),
        pytest.param("v=DMARC1; p=reject; v=DMARC1", None, id="two versions"),
        pytest.param("v=DMARC1; p=reject; adkim=s; adkim=r", None, id="two modes"),
    ],
)
def test_the_policy_of_a_record(text: str, policy: Policy | str | None) -> None:
    record = read_record(text)
    assert record is None if policy == "absent" else record is not None and record.policy is policy


def test_a_policy_that_is_put_aside_takes_those_for_other_names_with_it() -> None:
    record = read(f"v=DMARC1; p=block; sp=reject; np=reject; {RUA}")
    assert (record.policy, record.subdomain_policy, record.absent_policy) == (NONE, None, None)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("v=spf1 -all", id="another kind of record"),
        pytest.param(" v=DMARC1; p=reject", id="a space before"),
        pytest.param("\tv=DMARC1; p=reject", id="a tab before"),
        pytest.param("\nv=DMARC1; p=reject", id="a line end before"),
        pytest.param("\ufeffv=DMARC1; p=reject", id="a byte order mark before"),
        pytest.param("v=dmarc1; p=reject", id="a version in small letters"),
        pytest.param("v=DMARC2; p=reject", id="another version"),
        pytest.param("v=DMARC10; p=reject", id="a longer version"),
        pytest.param("v=DMARC1\x00; p=reject", id="a null after the version"),
        pytest.param("v=DMARC1\n; p=reject", id="a line end after the version"),
        pytest.param("v=DMARC1\n", id="a line end at the end"),
        pytest.param("v\u00a0=DMARC1; p=reject", id="a hard space"),
        pytest.param("p=reject; v=DMARC1", id="the version second"),
        pytest.param("; v=DMARC1; p=reject", id="an empty piece first"),
        pytest.param("p=reject", id="no version"),
        pytest.param("DMARC1; p=reject", id="a version without its name"),
        pytest.param('"v=DMARC1; p=reject"', id="in quotation marks"),
    ],
)
def test_what_does_not_begin_as_a_record_is_none(text: str) -> None:
    assert read_record(text) is None
    assert only_record([text, "v=DMARC1; p=none"]) == DmarcRecord(policy=NONE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("adkim=S", True, id="strict, in capitals"),
        pytest.param("adkim=r", False, id="relaxed"),
        pytest.param("adkim=x", False, id="unknown"),
        pytest.param("adkim=", False, id="empty"),
        pytest.param("adkim=ss", False, id="more than a letter"),
    ],
)
def test_the_mode_of_alignment(text: str, expected: bool) -> None:
    assert read(f"v=DMARC1; p=none; {text}").dkim_is_strict is expected
    assert read(f"v=DMARC1; p=none; {text.replace('adkim', 'aspf')}").spf_is_strict is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("y", Suffix.YES), ("N", Suffix.NO), ("u", Suffix.UNKNOWN), ("yes", Suffix.UNKNOWN), ("", Suffix.UNKNOWN)],
)
def test_whether_a_name_is_a_suffix(value: str, expected: Suffix) -> None:
    assert read(f"v=DMARC1; p=none; psd={value}").suffix is expected
    assert read(f"v=DMARC1; p=block; psd={value}").suffix is expected


@pytest.mark.parametrize(("value", "expected"), [("y", True), ("Y", True), ("n", False), ("yes", False), ("", False)])
def test_whether_the_owner_is_testing(value: str, expected: bool) -> None:
    assert read(f"v=DMARC1; p=none; t={value}").is_testing is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", "0"), ("1", "1"), ("d:s", "ds"), ("1:s:d", "1sd"), ("D:0", "d0"), ("0:1", "0"), ("d:d", "0"), ("x", "0"),
        ("", "0"), (":", "0"), ("1:", "0"), ("1,d", "0"), ("d:" * 4_000, "0"),
    ],
)  # fmt: skip
def test_which_failures_are_reported(value: str, expected: str) -> None:
    assert read(f"v=DMARC1; p=none; fo={value}").failure_options == frozenset(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("mailto:a@example.com", 1, id="a mailbox"),
        pytest.param("MAILTO:a@example.com!10M", 1, id="with a limit of size"),
        pytest.param("mailto:a@example.com , https://example.com/report", 2, id="two kinds"),
        pytest.param("mailto:a@example.com?subject=x%20y", 1, id="with a subject"),
        pytest.param("mailto:a%2Cb@example.com", 1, id="an encoded comma"),
        pytest.param("mailto:", 0, id="no mailbox"),
        pytest.param("mailto:a", 0, id="no domain"),
        pytest.param("mailto:@example.com", 0, id="no mailbox before the domain"),
        pytest.param("mailto:a@b@example.com", 0, id="two domains"),
        pytest.param("a@example.com", 0, id="no scheme"),
        pytest.param("mailto:a@example.com!x", 0, id="a limit that is none"),
        pytest.param("mailto:a%zz@example.com", 0, id="a broken encoding"),
        pytest.param("mailto:a b@example.com", 0, id="a space"),
        pytest.param("mailto:<a@example.com>", 0, id="in angle brackets"),
        pytest.param(",,,", 0, id="commas"),
        pytest.param("1:x", 0, id="a scheme that begins with a digit"),
    ],
)
def test_where_reports_go(value: str, expected: int) -> None:
    record = read(f"v=DMARC1; rua={value}; ruf={value}")
    assert len(record.aggregate_addresses) == len(record.failure_addresses) == expected
    assert record.policy is (NONE if expected else None)


def test_of_several_records_none_applies() -> None:
    one, other = "v=DMARC1; p=none", "v=DMARC1; p=reject"
    assert only_record([]) is None
    assert only_record(["v=spf1 -all", one]) == read_record(one)
    assert only_record([one, other]) is None
    assert only_record([one, one]) is None
    assert only_record([one, "v=DMARC1; broken"]) is None
    assert only_record([one, other, one]) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("v=DMARC1; p=reject;" + " " * 1_000_000, id="spaces"),
        pytest.param("v=DMARC1" + " " * 1_000_000 + ";p=reject", id="spaces before the policy"),
        pytest.param("v=DMARC1; p=reject; " + "a=b;" * 250_000, id="tags"),
        pytest.param("v=DMARC1; p=reject; rua=" + "mailto:a@b.example!1," * 50_000, id="addresses"),
        pytest.param("v=DMARC1; p=reject; rua=" + "!1" * 500_000 + "!", id="limits of size"),
        pytest.param("v=DMARC1; p=reject; " + "\x00" * 1_000_000, id="nulls"),
    ],
)
def test_an_endless_record_is_one_without_a_policy(text: str) -> None:
    assert read_record(text) == DmarcRecord()


def test_a_record_of_the_longest_length_is_still_read() -> None:
    text = "v=DMARC1; p=reject; x="
    assert read(text + "x" * (LONGEST_RECORD - len(text))).policy is REJECT
    assert read(text + "x" * (LONGEST_RECORD - len(text) + 1)).policy is None


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    assert read_record(text) is None or text[0] in "vV"
    assert isinstance(read_record(f"v=DMARC1;{text}"), DmarcRecord)


WORDS = st.sampled_from(
    ["v", "p", "sp", "np", "psd", "t", "fo", "rua", "=", ";", " ", "none", "reject", "y", "d:s", RUA]
)


@given(st.lists(WORDS, max_size=40))
def test_a_policy_is_never_stricter_than_a_tag_that_is_there(words: list[str]) -> None:
    text = "v=DMARC1;" + "".join(words)
    record = read(text)
    said = {piece.replace(" ", "").lower() for piece in text.split(";")}
    assert record.policy is not REJECT or "p=reject" in said
    assert record.policy is None or "p=reject" in said or "p=none" in said or record.aggregate_addresses
