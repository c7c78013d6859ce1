"""Where a DMARC policy is found, whose domain a domain is by the tree walk, and what is asked for."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.mail.dmarc import (
    DmarcResult,
    check_dmarc,
    names_walked,
    policy_in_force,
)
from bot.mail.dmarc_records import DmarcRecord, Policy
from tests.mail.dmarc_zone import Zone, dkim

DEEP = "a.b.c.d.e.f.g.h.i.j.k.example.com"


# The walk


def test_a_walk_goes_up_label_by_label() -> None:
    assert names_walked("a.mail.example.com") == ("a.mail.example.com", "mail.example.com", "example.com", "com")
    assert names_walked("com") == ("com",)


def test_a_long_name_is_shortened_to_seven_labels() -> None:
    # The example of RFC 9989 section 4.10
    assert names_walked("a.b.c.d.e.f.g.h.i.j.mail.example.com") == (
        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    )


@pytest.mark.parametrize("labels", range(1, 127))
def test_a_walk_never_asks_more_than_eight_times(labels: int) -> None:
    names = names_walked(".".join(["a"] * labels))
    assert len(names) == min(labels, 8)
    assert [name.count(".") + 1 for name in names[1:]] == list(range(min(labels - 1, 7), 0, -1))


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param({}, None, id="no record"),
        pytest.param({"a.mail.example.com": "u"}, "a.mail.example.com", id="its own only"),
        # The three examples of RFC 9989 section 4.10.2
        pytest.param({"mail.example.com": "u", "example.com": "u"}, "example.com", id="the highest of two"),
        pytest.param({"mail.example.com": "n", "example.com": "u"}, "mail.example.com", id="not a suffix, below"),
        pytest.param({"com": "y"}, "example.com", id="below a suffix"),
        # Every level
        pytest.param({"a.mail.example.com": "n", "example.com": "u"}, "a.mail.example.com", id="not a suffix, itself"),
        pytest.param({"example.com": "n", "com": "u"}, "example.com", id="not a suffix, further up"),
        pytest.param({"com": "n"}, "com", id="not a suffix, at the top"),
        pytest.param({"a.mail.example.com": "y", "example.com": "u"}, "a.mail.example.com", id="a suffix, itself"),
        pytest.param({"mail.example.com": "y"}, "a.mail.example.com", id="a suffix, one up"),
        pytest.param({"example.com": "y"}, "mail.example.com", id="a suffix, two up"),
        pytest.param({"mail.example.com": "u", "example.com": "y"}, "mail.example.com", id="a record below a suffix"),
        pytest.param({"a.mail.example.com": "u", "com": "y"}, "example.com", id="no record right below the suffix"),
        pytest.param({"a.mail.example.com": "u", "mail.example.com": "n"}, "mail.example.com", id="a record below it"),
    ],
)
async def test_the_organization_by_the_walk(records: Mapping[str, str], expected: str | None) -> None:
    zone = Zone({name: f"v=DMARC1; p=none; psd={suffix}" for name, suffix in records.items()})
    author = "a.mail.example.com"
    found = await check_dmarc(author, [], zone)
    assert found.organizational_domain == expected
    marked = next((name for name in names_walked(author) if records.get(name) in {"y", "n"}), "com")
    asked = [f"_dmarc.{name}" for name in names_walked(author)]
    assert zone.asked == asked[: asked.index(f"_dmarc.{marked}") + 1], "the walk ends at a mark, and only there"


async def test_a_suffix_right_above_a_name_that_was_passed_over() -> None:
    zone = Zone({"g.h.i.j.k.example.com": "v=DMARC1; p=none; psd=y"})
    found = await check_dmarc(DEEP, [], zone)
    assert found.organizational_domain == "f.g.h.i.j.k.example.com"


# The policy


@pytest.mark.parametrize(
    ("author", "records", "where", "policy"),
    [
        pytest.param("example.com", {"example.com": "p=reject; sp=none"}, "example.com", "reject", id="its own"),
        pytest.param(
            "a.example.com",
            {"a.example.com": "p=none; sp=reject", "example.com": "p=reject"},
            "a.example.com",
            "none",
            id="its own before its organization's",
        ),
        pytest.param(
            "a.example.com", {"example.com": "p=reject; sp=none"}, "example.com", "none", id="its organization's"
        ),
        pytest.param("a.example.com", {"example.com": "p=reject"}, "example.com", "reject", id="without one for below"),
        pytest.param(
            "a.b.example.com",
            {"b.example.com": "p=none", "example.com": "p=reject"},
            "example.com",
            "reject",
            id="its organization's, not the one between",
        ),
        pytest.param(
            "a.b.example.com",
            {"b.example.com": "p=none; psd=n", "example.com": "p=reject"},
            "b.example.com",
            "none",
            id="its organization's, marked",
        ),
        pytest.param("a.example.com", {"com": "p=none; sp=reject; psd=y"}, "com", "reject", id="its suffix's"),
        pytest.param(
            "a.example.com",
            {"example.com": "p=quarantine", "com": "p=reject; psd=y"},
            "example.com",
            "quarantine",
            id="its organization's before its suffix's",
        ),
        pytest.param(
            "a.b.example.com",
            {"b.example.com": "p=none", "com": "p=reject; psd=y"},
            "com",
            "reject",
            id="its suffix's, not one between",
        ),
        pytest.param("example.com", {"example.com": "p=reject; t=y"}, "example.com", "quarantine", id="testing"),
        pytest.param("example.com", {"example.com": "p=quarantine; t=y"}, "example.com", "none", id="testing less"),
        pytest.param("example.com", {"example.com": "p=none; t=y"}, "example.com", "none", id="testing nothing"),
        pytest.param("a.example.com", {"example.com": "p=none; np=reject"}, "example.com", "none", id="it exists"),
        pytest.param(
            "absent.example.com", {"example.com": "p=none; np=reject"}, "example.com", "reject", id="it does not exist"
        ),
        pytest.param(
            "absent.example.com", {"example.com": "p=none; sp=reject"}, "example.com", "reject", id="absent, only sp"
        ),
        pytest.param(
            "absent.example.com",
            {"example.com": "p=none; sp=reject; np=quarantine"},
            "example.com",
            "quarantine",
            id="absent, all three",
        ),
        pytest.param(
            "absent.example.com",
            {"absent.example.com": "p=none; np=reject"},
            "absent.example.com",
            "none",
            id="absent, and its own",
        ),
        pytest.param(
            "absent.example.com",
            {"com": "p=none; np=reject; psd=y; t=y"},
            "com",
            "quarantine",
            id="absent below a suffix that tests",
        ),
    ],
)
async def test_the_policy_in_force(author: str, records: Mapping[str, str], where: str, policy: str) -> None:
    zone = Zone({name: f"v=DMARC1; {text}" for name, text in records.items()}, absent=("absent.example.com",))
    found = await check_dmarc(author, [dkim("example.net")], zone)
    assert (found.result, found.record_domain, found.policy.value) == (DmarcResult.FAIL, where, policy)


async def test_existence_is_asked_for_only_where_it_matters() -> None:
    for text, asked in (("p=none; np=reject", 1), ("p=reject; np=reject", 0), ("p=reject", 0)):
        zone = Zone({"example.com": f"v=DMARC1; {text}"})
        await check_dmarc("a.example.com", [], zone)
        assert zone.asked.count("a.example.com") == asked


def test_testing_never_goes_below_nothing() -> None:
    for policy in Policy:
        record = DmarcRecord(policy=policy, is_testing=True)
        lowered = policy_in_force(record, is_inherited=False, is_domain=True)
        assert list(Policy).index(lowered) == max(list(Policy).index(policy) - 1, 0)
