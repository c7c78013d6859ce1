"""What DMARC does with many names, endless names and whatever names and records hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.mail.dmarc import MOST_IDENTIFIERS, MOST_WALKED, DmarcResult, check_dmarc
from tests.mail.dmarc_zone import Zone, dkim, spf

NONE, PASS, FAIL, TEMPERROR, PERMERROR = DmarcResult


async def test_many_strangers_cost_no_question_and_hide_no_proof() -> None:
    strangers = [dkim(f"x{number}.example.net") for number in range(MOST_IDENTIFIERS - 2)]
    strangers.append(dkim("anotherexample.com"))
    zone = Zone({"example.com": "v=DMARC1; p=reject"})
    found = await check_dmarc("example.com", [*strangers, dkim("a.example.com")], zone)
    assert found.dkim_aligned
    assert zone.asked == ["_dmarc.example.com", "_dmarc.com", "_dmarc.a.example.com"]


async def test_the_questions_for_one_message_are_bounded() -> None:
    many = [dkim("".join(f"{letter}{number}." for letter in "abcdefghi") + "com") for number in range(10_000)]
    zone = Zone({"com": "v=DMARC1; p=none; np=reject"})
    found = await check_dmarc("a.b.c.d.e.f.g.h.i.example.com", many, zone)
    assert (found.result, found.organizational_domain) == (FAIL, "com")
    assert len(zone.asked) == 8 + 7 * MOST_WALKED + 1
    assert len(zone.asked) == len(set(zone.asked))


async def test_those_that_can_align_are_looked_up_before_those_that_cannot() -> None:
    strangers = [dkim(f"x{number}.co.uk") for number in range(MOST_WALKED)]
    zone = Zone({"co.uk": "v=DMARC1; p=none"})
    found = await check_dmarc("example.co.uk", [*strangers, dkim("a.example.co.uk")], zone)
    assert found.aligned == (dkim("a.example.co.uk"),)


# Whatever the names and records

NAMES = st.from_regex(r"((a|b|mail)\.){0,3}(example|victim)\.(com|co\.uk|github\.io)|co\.uk|com", fullmatch=True)
RECORDS = st.dictionaries(
    NAMES | st.sampled_from(["com", "uk", "co.uk", "io", "github.io", "example.com", "victim.co.uk"]),
    st.sampled_from([f"v=DMARC1; p=none{rest}" for rest in ("", "; psd=y", "; psd=n", "; adkim=s", "; np=reject")]),
    max_size=6,
)


@given(author=NAMES, proven=NAMES, records=RECORDS)
async def test_a_pass_is_always_within_one_registered_name(author: str, proven: str, records: dict[str, str]) -> None:
    zone = Zone(records)
    found = await check_dmarc(author, [dkim(proven)], zone)
    if found.result is PASS:
        registered = [name.removesuffix(suffix).split(".")[-1] + suffix for name in (author, proven) for suffix in
                      (".com", ".co.uk", ".github.io") if name.endswith(suffix)]  # fmt: skip
        assert len(registered) == 2
        assert registered[0] == registered[1]
    assert (found.result is PASS) is bool(found.aligned) is found.dkim_aligned


@given(author=NAMES, proven=NAMES, records=RECORDS, silent=st.integers(0, 20))
async def test_a_failure_turns_a_verdict_into_none_or_leaves_it(
    author: str, proven: str, records: dict[str, str], silent: int
) -> None:
    calm = Zone(records)
    expected = await check_dmarc(author, [dkim(proven)], calm)
    if silent < len(calm.asked):
        found = await check_dmarc(author, [dkim(proven)], Zone(records, (calm.asked[silent],)))
        assert found.result in {TEMPERROR, expected.result}


@given(author=st.text(max_size=80), proven=st.text(max_size=80), record=st.text(max_size=80))
async def test_no_text_breaks_the_check(author: str, proven: str, record: str) -> None:
    zone = Zone({"example.com": (record, f"v=DMARC1; {record}")})
    assert (await check_dmarc(author, [dkim(proven)], zone)).result in DmarcResult
    found = await check_dmarc("example.com", [dkim(proven), spf(author)], zone)
    assert found.result in DmarcResult
