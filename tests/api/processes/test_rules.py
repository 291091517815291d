from itertools import pairwise

from hypothesis import given, strategies as st

from api.processes.rules import BackOff

USUAL = BackOff()


def test_first_wait_is_short() -> None:
    assert USUAL.next_delay_s(None, ran_s=0) == 0.5


def test_waits_double_up_to_the_limit() -> None:
    waits = [0.5]
    for _ in range(8):
        waits.append(USUAL.next_delay_s(waits[-1], ran_s=1))
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_long_run_is_forgiven() -> None:
    assert USUAL.next_delay_s(30, ran_s=60) == 0.5


@given(st.lists(st.floats(0, 1000), min_size=2))
def test_wait_is_never_beyond_its_limits(runs: list[float]) -> None:
    waits: list[float] = []
    for ran_s in runs:
        waits.append(USUAL.next_delay_s(waits[-1] if waits else None, ran_s=ran_s))
    assert all(0.5 <= wait <= 30 for wait in waits)
    assert all(after <= before * 2 for before, after in pairwise(waits))
