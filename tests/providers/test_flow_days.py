"""Honest flow days: a placeholder is never a zero, a late fund makes a day partial."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.flow_days import (
    asset_of,
    by_fund_days,
    disagreements,
    flow_day,
    good_for,
    honest,
    merge,
    revise,
    total_days,
)
from providers.trading_days import is_trading_day, trading_days
from providers.types import FlowDay, FlowStatus

MONDAY = date(2030, 3, 4)
TUESDAY = date(2030, 3, 5)
WEDNESDAY = date(2030, 3, 6)
NEXT_DAY = datetime(2030, 3, 7, 13, tzinfo=UTC)


def final(day: date, net: float, **funds: float | None) -> FlowDay:
    return FlowDay(day, net, tuple(funds.items()), FlowStatus.FINAL)


@pytest.mark.parametrize(
    ("funds", "total", "net", "status"),
    [
        pytest.param({"A": None, "B": None}, 0.0, None, FlowStatus.NONE, id="nobody has reported"),
        pytest.param({"A": 5.0, "B": None}, 5.0, 5.0, FlowStatus.PARTIAL, id="one is late"),
        pytest.param({"A": 0.0, "B": None}, 0.0, 0.0, FlowStatus.PARTIAL, id="a true zero so far"),
        pytest.param({"A": 5.0, "B": -2.0}, 3.0, 3.0, FlowStatus.FINAL, id="all have reported"),
        pytest.param({"A": 5.0, "B": -2.0}, None, 3.0, FlowStatus.FINAL, id="no total given"),
        pytest.param({"A": 5.0, "B": -2.0}, 0.0, 3.0, FlowStatus.FINAL, id="a total not added up"),
        pytest.param({"A": 5.0, "B": None}, 0.0, 5.0, FlowStatus.PARTIAL, id="no total yet"),
        pytest.param({"A": 5.0, "B": -5.0}, 0.0, 0.0, FlowStatus.FINAL, id="funds that cancel out"),
        pytest.param({}, 7.0, None, FlowStatus.NONE, id="no funds"),
    ],
)
def test_a_day_is_as_final_as_its_funds(
    funds: dict[str, float | None], total: float | None, net: float | None, status: FlowStatus
) -> None:
    day = flow_day(MONDAY, tuple(funds.items()), total)

    assert (day.net_usd, day.status) == (net, status)


def test_a_trailing_zero_of_a_bare_total_is_no_figure() -> None:
    days = total_days([(TUESDAY, 0.0), (MONDAY, 3.0), (WEDNESDAY, None)])

    assert [(d.net_usd, d.status) for d in days] == [
        (3.0, FlowStatus.FINAL),
        (None, FlowStatus.NONE),
        (None, FlowStatus.NONE),
    ]


def test_a_zero_that_later_days_follow_is_a_zero() -> None:
    days = total_days([(MONDAY, 0.0), (TUESDAY, 3.0)])

    assert (days[0].net_usd, days[0].status) == (0.0, FlowStatus.FINAL)


def test_weekends_and_holidays_are_no_days() -> None:
    days = total_days([(date(2030, 3, 2), 1.0), (date(2030, 2, 18), 1.0), (MONDAY, 2.0)])

    assert [d.trade_date for d in days] == [MONDAY]


def test_a_row_that_lists_no_fund_is_a_bare_total() -> None:
    days = by_fund_days(
        [(MONDAY, {}, 7.0), (TUESDAY, {"A": 2.0, "B": 3.0}, 5.0), (WEDNESDAY, {}, 0.0)]
    )

    assert [(d.net_usd, d.by_fund, d.status) for d in days] == [
        (7.0, (), FlowStatus.FINAL),
        (5.0, (("A", 2.0), ("B", 3.0)), FlowStatus.FINAL),
        (None, (), FlowStatus.NONE),
    ]


def test_a_new_fund_does_not_make_old_days_incomplete() -> None:
    days = by_fund_days(
        [(MONDAY, {"OLD": 1.0, "NEW": None}, 1.0), (TUESDAY, {"OLD": 2.0, "NEW": 3.0}, 5.0)]
    )

    assert [(d.by_fund, d.status) for d in days] == [
        ((("OLD", 1.0),), FlowStatus.FINAL),
        ((("OLD", 2.0), ("NEW", 3.0)), FlowStatus.FINAL),
    ]


def test_a_closed_fund_is_not_waited_for() -> None:
    dates = list(trading_days(MONDAY, MONDAY + timedelta(days=30)))
    rows = [(d, {"A": 1.0, "GONE": 1.0 if n < 3 else None}, None) for n, d in enumerate(dates)]

    days = by_fund_days(rows)

    assert {d.status for d in days} == {FlowStatus.FINAL}
    assert days[-1].by_fund == (("A", 1.0),)


def test_a_fund_without_a_figure_long_ago_had_nothing_to_file() -> None:
    dates = list(trading_days(MONDAY, MONDAY + timedelta(days=14)))
    rows = [(d, {"A": 1.0, "B": None if n == 1 else 1.0}, None) for n, d in enumerate(dates)]

    days = by_fund_days(rows)

    assert (days[1].status, days[1].missing) == (FlowStatus.FINAL, ("B",))


def test_zeros_of_every_fund_on_the_newest_day_are_placeholders() -> None:
    days = by_fund_days([(MONDAY, {"A": 1.0, "B": 0.0}, 1.0), (TUESDAY, {"A": 0.0, "B": 0.0}, 0.0)])

    assert (days[-1].net_usd, days[-1].status) == (None, FlowStatus.NONE)
    assert days[-1].missing == ("A", "B")


def test_nothing_is_a_figure_before_the_closing_bell() -> None:
    day = final(WEDNESDAY, 0.0, A=0.0, B=0.0)

    (told,) = honest((day,), datetime(2030, 3, 6, 15, tzinfo=UTC))

    assert (told.net_usd, told.status, told.missing) == (None, FlowStatus.NONE, ("A", "B"))


def test_a_bare_total_is_partial_until_noon_of_the_next_day() -> None:
    day = final(WEDNESDAY, 5.0)

    (evening,) = honest((day,), datetime(2030, 3, 7, 11, 59, tzinfo=UTC))
    (noon,) = honest((day,), datetime(2030, 3, 7, 12, tzinfo=UTC))

    assert (evening.net_usd, evening.status) == (5.0, FlowStatus.PARTIAL)
    assert noon.status is FlowStatus.FINAL


@pytest.mark.parametrize(
    ("total", "status"),
    [
        pytest.param(30e6, FlowStatus.PARTIAL, id="far from the sum"),
        pytest.param(50.4e6, FlowStatus.FINAL, id="rounded"),
    ],
)
def test_a_total_that_misses_its_funds_waits_until_noon(total: float, status: FlowStatus) -> None:
    day = final(WEDNESDAY, total, A=60e6, B=-10e6)

    (night,) = honest((day,), datetime(2030, 3, 7, 2, tzinfo=UTC))
    (noon,) = honest((day,), datetime(2030, 3, 7, 12, tzinfo=UTC))

    assert (night.net_usd, night.status) == (total, status)
    assert noon.status is FlowStatus.FINAL


def test_a_day_whose_funds_all_filed_is_final_in_the_night() -> None:
    day = final(WEDNESDAY, 5.0, A=5.0)

    assert honest((day,), datetime(2030, 3, 7, 2, tzinfo=UTC)) == (day,)


def test_a_day_to_come_is_not_told() -> None:
    assert honest((final(date(2030, 3, 8), 5.0),), datetime(2030, 3, 7, 2, tzinfo=UTC)) == ()


def test_a_changed_final_day_is_revised_and_stays_so() -> None:
    once = revise((final(MONDAY, 5e6),), (final(MONDAY, 6e6),))
    twice = revise(once, (final(MONDAY, 6e6),))

    assert (once[0].net_usd, once[0].status) == (6e6, FlowStatus.REVISED)
    assert twice == once


def test_rounding_is_no_revision() -> None:
    assert revise((final(MONDAY, 5e6),), (final(MONDAY, 5.05e6),)) == (final(MONDAY, 5e6),)


def test_what_was_final_is_never_unsaid() -> None:
    known = (final(MONDAY, 5e6, A=5e6), final(TUESDAY, 1e6))
    seen = (FlowDay(MONDAY, None, (("A", None),), FlowStatus.NONE),)

    assert revise(known, seen) == known


def test_funds_once_named_stay_named() -> None:
    assert revise((final(MONDAY, 5e6, A=5e6),), (final(MONDAY, 5e6),))[0].by_fund == (("A", 5e6),)


def test_a_partial_day_follows_its_source() -> None:
    partial = FlowDay(MONDAY, 1.0, (("A", 1.0), ("B", None)), FlowStatus.PARTIAL)

    assert revise((partial,), (final(MONDAY, 3.0, A=1.0, B=2.0),)) == (
        final(MONDAY, 3.0, A=1.0, B=2.0),
    )


def test_the_better_source_wins_where_both_are_final_and_the_other_fills_in() -> None:
    merged = merge(((final(TUESDAY, 2.0),), (final(MONDAY, 1.0), final(TUESDAY, 9.0))))

    assert merged == (final(MONDAY, 1.0), final(TUESDAY, 2.0))


def test_a_final_day_beats_a_partial_one_and_more_funds_beat_fewer() -> None:
    one = FlowDay(MONDAY, 1.0, (("A", 1.0), ("B", None), ("C", None)), FlowStatus.PARTIAL)
    two = FlowDay(MONDAY, 2.0, (("A", 1.0), ("B", 1.0), ("C", None)), FlowStatus.PARTIAL)

    assert merge(((one,), (two,))) == (two,)
    assert merge(((two,), (final(MONDAY, 3.0),))) == (final(MONDAY, 3.0),)


def test_more_than_one_percent_apart_is_a_disagreement() -> None:
    ours = (final(MONDAY, 100e6), final(TUESDAY, 100e6), final(WEDNESDAY, 100e6))
    theirs = (final(MONDAY, 100.9e6), final(TUESDAY, 102e6))

    (found,) = disagreements(ours, theirs, by="other")

    assert (found.trade_date, found.ours, found.theirs, found.by) == (
        TUESDAY,
        100e6,
        102e6,
        "other",
    )


def test_rounding_of_small_days_is_no_disagreement() -> None:
    assert disagreements((final(MONDAY, 1e6),), (final(MONDAY, 1.1e6),)) == ()


FILING = FlowDay(WEDNESDAY, 1.0, (("IBIT", 1.0), ("GBTC", None)), FlowStatus.PARTIAL)


@pytest.mark.parametrize(
    ("at", "days", "often"),
    [
        pytest.param((6, 20, 59), (final(TUESDAY, 1.0),), False, id="before the bell"),
        pytest.param((6, 21, 0), (final(TUESDAY, 1.0),), True, id="after the bell"),
        pytest.param((7, 3, 0), (FILING,), True, id="while funds file"),
        pytest.param((6, 21, 30), (final(WEDNESDAY, 1.0),), False, id="once all have filed"),
        pytest.param((7, 15, 0), (FILING,), True, id="a late fund the day after"),
        pytest.param((9, 9, 0), (FILING,), True, id="Friday's on Saturday morning"),
        pytest.param((9, 12, 0), (FILING,), False, id="at noon on Saturday"),
        pytest.param((10, 22, 0), (), False, id="on Sunday"),
        pytest.param((11, 14, 0), (), True, id="Friday's on Monday"),
    ],
)
def test_a_report_is_waited_for_until_it_is_final(
    at: tuple[int, int, int], days: tuple[FlowDay, ...], often: bool
) -> None:
    patience = good_for(days, datetime(2030, 3, *at, tzinfo=UTC))

    assert patience == (timedelta(seconds=30) if often else timedelta(hours=1))


def test_tickers_tell_the_coin() -> None:
    assert asset_of(["XXXX", "IBIT"]) == "BTC"
    assert asset_of(["ETHA"]) == "ETH"
    assert asset_of([]) is None


figures = st.none() | st.floats(-1e9, 1e9, allow_nan=False)
dates = st.dates(date(2029, 1, 1), date(2031, 12, 31))


@given(st.lists(st.tuples(dates, st.fixed_dictionaries({"A": figures, "B": figures}), st.none())))
def test_days_are_ordered_unique_trading_days_and_their_status_is_true(rows: list) -> None:
    days = by_fund_days(rows)

    assert [d.trade_date for d in days] == sorted({r[0] for r in rows if is_trading_day(r[0])})
    for day in days:
        known = [usd for _, usd in day.by_fund if usd is not None]
        assert (day.net_usd is None) == (day.status is FlowStatus.NONE) == (not known)
        assert day.net_usd is None or day.net_usd == pytest.approx(sum(known))


@given(st.lists(st.tuples(dates, figures), max_size=20), st.lists(st.tuples(dates, figures)))
def test_revising_keeps_every_final_day(before: list, after: list) -> None:
    known = total_days(before)
    revised = {d.trade_date: d for d in revise(known, total_days(after))}

    assert all(revised[d.trade_date].final for d in known if d.final)
