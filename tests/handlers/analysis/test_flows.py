"""Sums, streaks and the two cost bases."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.analysis import flows
from providers.types import FlowDay, FlowStatus

nets = st.lists(st.floats(-1e9, 1e9, allow_nan=False), max_size=60)


def day(index, net, status=FlowStatus.FINAL):
    return FlowDay(date(2030, 1, 7) + timedelta(days=index), net, (("AAA", net),), status)


@pytest.mark.parametrize(
    ("given_nets", "expected"),
    [
        pytest.param([], 0, id="no day"),
        pytest.param([1, 2, 3], 3, id="all in"),
        pytest.param([1, -2, -3], -2, id="two out"),
        pytest.param([-1, 0, -1], -1, id="a flat day breaks a streak"),
        pytest.param([-1, 0], 0, id="a flat day is no streak"),
    ],
)
def test_streak(given_nets, expected):
    assert flows.streak(given_nets) == expected


def test_the_longest_run_of_outflow_is_within_the_days_asked():
    days = [day(i, net) for i, net in enumerate([-1, -1, -1, -1, 5, -1, -1, 0, -1])]
    today = date(2030, 1, 7) + timedelta(days=8)

    assert flows.longest_outflow(days, today, timedelta(days=90)) == 4
    assert flows.longest_outflow(days, today, timedelta(days=5)) == 2
    assert flows.longest_outflow([], today, timedelta(days=5)) is None


def test_the_partial_day_is_later_than_the_last_final_one():
    half = day(3, -5.0, FlowStatus.PARTIAL)
    nothing = day(4, None, FlowStatus.NONE)

    assert flows.partial_day([day(1, 1.0), half]) is half
    assert flows.partial_day([day(1, 1.0), half, nothing]) is half
    assert flows.partial_day([half, day(5, 1.0)]) is None
    assert flows.partial_day([]) is None


def test_a_revised_day_is_final_and_a_partial_one_is_not():
    days = [day(0, 1.0, FlowStatus.REVISED), day(1, 2.0, FlowStatus.PARTIAL)]

    assert flows.final_days(days) == (days[0],)


def test_a_sum_counts_days_in_and_out():
    assert flows.flow_sum([5, -1, 0, -2], 3) == flows.FlowSum(3, -3, 0, 2)
    assert flows.flow_sum([5], 12) == flows.FlowSum(1, 5, 1, 0)
    assert flows.flow_sum([], 12) is None


def test_outflows_leave_at_average_cost_in_running_and_do_not_count_in_creations():
    basis = flows.cost_basis([(100.0, 10.0), (-100.0, 20.0), (200.0, 40.0)])

    assert basis.creations == pytest.approx(300 / 15)
    assert basis.running == pytest.approx((50 + 200) / (5 + 5))


def test_money_only_ever_leaving_has_no_basis():
    assert flows.cost_basis([(-5.0, 10.0), (-5.0, 10.0)]) == flows.CostBasis(None, None)


def test_a_day_without_a_price_is_left_out():
    days = [(100.0, 10.0), (100.0, None), (100.0, float("nan")), (float("nan"), 10.0)]

    assert flows.cost_basis(days) == flows.CostBasis(10.0, 10.0)


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(1, 1e6)), max_size=60))
def test_a_basis_is_between_the_prices_paid(days):
    basis = flows.cost_basis(days)
    paid = [price for net, price in days if net > 0]

    for value in (basis.creations, basis.running):
        if value is not None:
            assert min(paid) * 0.999 <= value <= max(paid) * 1.001


@given(nets)
def test_a_streak_is_never_longer_than_the_days(given_nets):
    assert abs(flows.streak(given_nets)) <= len(given_nets)


def test_without_a_final_day_in_the_quarter_there_is_no_longest_run():
    assert flows.longest_outflow([], date(2030, 3, 6), timedelta(days=90)) is None
