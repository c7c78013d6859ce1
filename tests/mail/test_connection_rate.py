"""How often one address may connect."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.mail.connection_rate import ConnectionRate


class Watch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_let_in_and_then_one_at_a_time() -> None:
    watch = Watch()
    rate = ConnectionRate(3, 60, 100, watch)
    assert [rate.admits("a") for _ in range(4)] == [True, True, True, False]
    watch.now += 1
    assert [rate.admits("a") for _ in range(2)] == [True, False]
    watch.now += 3_600
    assert [rate.admits("a") for _ in range(4)] == [True, True, True, False]


def test_refused_attempts_do_not_keep_an_address_out() -> None:
    watch = Watch()
    rate = ConnectionRate(1, 60, 100, watch)
    assert rate.admits("a")
    for _ in range(9):
        watch.now += 0.1
        assert not rate.admits("a")
    watch.now += 0.2
    assert rate.admits("a")


def test_one_address_does_not_use_up_anothers() -> None:
    rate = ConnectionRate(1, 1, 100, Watch())
    assert rate.admits("a")
    assert not rate.admits("a")
    assert rate.admits("b")


def test_the_table_is_bounded_and_forgets_who_was_away_longest() -> None:
    rate = ConnectionRate(1, 1, 3, Watch())
    for host in "abc":
        rate.admits(host)
    assert not rate.admits("a")
    for number in range(1_000):
        rate.admits(f"host {number}")
    assert len(rate) == 3
    assert rate.admits("b")


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 100)), max_size=200))
def test_nobody_gets_more_than_burst_and_rate_allow(visits: list[tuple[str, float]]) -> None:
    watch = Watch()
    rate = ConnectionRate(5, 30, 100, watch)
    let_in = dict.fromkeys("abcdef", 0)
    for host, pause in visits:
        watch.now += pause
        let_in[host] += rate.admits(host)
    assert all(count <= 5 + watch.now * 0.5 + 1e-6 for count in let_in.values())
