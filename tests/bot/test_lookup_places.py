"""A stranger's slow name servers take no places that others need."""

from __future__ import annotations

from datetime import timedelta

from bot.lookup_places import ORGANIZATIONS, PLACES, REMEMBERED, SLOW_SECONDS, Full, LookupPlaces

OFTEN = 1_000
SLOWLY = SLOW_SECONDS * 4


def looked_up(places: LookupPlaces, name: str, seconds: float, now: float = 0.0) -> None:
    """One lookup that has been and gone."""
    assert places.take(name, now) is None
    places.leave(name, now, now + seconds)


def taken(places: LookupPlaces, name: str, now: float) -> int:
    """How many places `name` gets when it asks for many."""
    return sum(places.take(name, now) is None for _ in range(OFTEN))


def test_an_organization_that_nobody_knows_gets_few_places_until_it_is_quick() -> None:
    places = LookupPlaces()
    assert taken(places, "new.example", 0.0) == 4
    for _ in range(4):
        places.leave("new.example", 0.0, 0.1)
    assert taken(places, "new.example", 1.0) == 16


def test_strangers_with_many_domains_leave_half_of_the_places_to_those_who_are_quick() -> None:
    places = LookupPlaces()
    looked_up(places, "provider.example", 0.1)
    got = sum(taken(places, f"stranger{number}.example", 1.0) for number in range(OFTEN))
    assert got == PLACES // 2
    for later in (1.0, 60.0):
        looked_up(places, "provider.example", 0.1, now=later)


def test_slow_organizations_share_a_quarter_of_the_places_and_wait_longer() -> None:
    places = LookupPlaces()
    for number in range(OFTEN):
        looked_up(places, f"slow{number}.example", SLOWLY)
    assert sum(taken(places, f"slow{number}.example", 100.0) for number in range(OFTEN)) == PLACES // 4
    assert places.take("slow0.example", 100.0) == Full(timedelta(seconds=10))
    assert taken(places, "new.example", 100.0) == 4


def test_what_is_slow_already_counts_before_it_ends() -> None:
    places = LookupPlaces()
    looked_up(places, "example.com", 0.1)
    for _ in range(5):
        assert places.take("example.com", 0.0) is None
    assert places.take("example.com", SLOW_SECONDS) is None
    assert places.take("example.com", SLOW_SECONDS + 0.1) == Full(timedelta(seconds=10))


def test_a_lost_packet_now_and_then_makes_nobody_slow() -> None:
    places = LookupPlaces()
    for number in range(10 * REMEMBERED):
        looked_up(places, "provider.example", SLOWLY if number % 6 == 5 else 0.1, now=100.0 * number)
        assert taken(places, "provider.example", 100.0 * number + 50) == 16
        for _ in range(16):
            places.leave("provider.example", 100.0 * number + 50, 100.0 * number + 50)


def test_who_was_slow_is_quick_again_after_answering_quickly() -> None:
    places = LookupPlaces()
    for _ in range(REMEMBERED):
        looked_up(places, "example.com", SLOWLY)
    assert places.take("example.com", 50.0) is None
    places.leave("example.com", 50.0, 50.1)
    for _ in range(REMEMBERED):
        looked_up(places, "example.com", 0.1, now=60.0)
    assert taken(places, "example.com", 70.0) == 16


def test_no_more_organizations_are_remembered_than_allowed_and_places_come_back() -> None:
    places = LookupPlaces()
    assert places.take("first.example", 0.0) is None
    for number in range(ORGANIZATIONS + 10):
        looked_up(places, f"stranger{number}.example", 0.1)
    places.leave("first.example", 0.0, 0.1)  # Forgotten while it was looked up, and its place is free all the same.
    assert len(places._known) == ORGANIZATIONS
    assert sum(taken(places, f"other{number}.example", 1.0) for number in range(OFTEN)) == PLACES // 2
