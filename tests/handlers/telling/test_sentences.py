"""Single sentences, word for word."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.render.text import plain
from config.watchlist import Asset
from handlers.analysis.flows import CostBasis, FlowSum
from handlers.analysis.levels import Level
from handlers.analysis.liquidations import LiquidationSum
from handlers.analysis.price import Window
from handlers.analysis.squeeze import Mark, Squeeze
from handlers.analysis.zones import Kind, State
from handlers.commands.why import scored
from handlers.facts.shapes import (
    Facts,
    FlowFacts,
    HoldingFacts,
    LiquidationFacts,
    Missing,
    MomentumFacts,
    Mood,
    PriceFacts,
    Section,
)
from handlers.missing import absent
from handlers.telling.as_of import moment
from handlers.telling.details import beside, details
from handlers.telling.flash import told
from handlers.telling.gaps import gaps
from handlers.telling.headline import headline, price_headline
from handlers.telling.kinds import momentum
from handlers.telling.movers import Mover, closed_text, flow_text, ranked
from handlers.telling.page import page
from handlers.telling.places import distance, full_place
from handlers.telling.session import last_session, session_line
from handlers.telling.why import flow_sentence, liquidation_sentence, squeeze_clause
from handlers.words import Words
from providers.types import Candle, FlowDay, FlowStatus, Holding, Reading, Sentiment

NOW = datetime(2030, 3, 6, 12, 0, tzinfo=UTC)
WORDS = Words()
ALL = frozenset(Mark)


@pytest.mark.parametrize(
    ("held", "unknown", "says"),
    [
        (ALL, set(), "all 5 marks of a long squeeze hold"),
        (
            ALL - {Mark.OPEN_INTEREST, Mark.FALL},
            set(),
            "open interest in coins moved only −0.6 %",
        ),
        (ALL - {Mark.FALL}, set(), "price did not fall beyond a usual day's range"),
        (ALL - {Mark.FUNDING}, set(), "longs still pay to stay"),
        (ALL - {Mark.FUNDING}, {Mark.FUNDING}, "cannot be said without funding"),
    ],
)
def test_a_squeeze_is_named_or_what_speaks_against_it(held, unknown, says):
    assert says in squeeze_clause(WORDS, Squeeze(frozenset(held), frozenset(unknown), -0.6))


@pytest.mark.parametrize(
    ("pct", "says"),
    [
        (4.04, "open interest in coins rose 4.0 %"),
        (0.04, "open interest in coins did not shrink"),
        (-0.04, "open interest in coins did not shrink"),
        (-1.9, "open interest in coins moved only −1.9 %"),
    ],
)
def test_positions_that_stayed_are_told_with_their_number(pct, says):
    seen = Squeeze(ALL - {Mark.OPEN_INTEREST}, frozenset(), pct)
    assert squeeze_clause(WORDS, seen) == f"not a long squeeze, as {says}"


def test_where_it_was_not_mostly_longs_nothing_is_said_of_a_long_squeeze():
    assert squeeze_clause(WORDS, Squeeze(ALL - {Mark.LONGS}, frozenset())) is None


@pytest.mark.parametrize(
    ("net", "says"),
    [
        (-272e6, "$272.0 M left the ETFs on Tue 5 Mar"),
        (5e6, "$5.0 M came into the ETFs on Tue 5 Mar"),
        (0.0, "no net ETF flow on Tue 5 Mar"),
    ],
)
def test_a_flow_says_which_way_it_went(net, says):
    day = FlowDay(date(2030, 3, 5), net, (), FlowStatus.FINAL)
    assert flow_text(WORDS, day) == says


def test_the_most_unusual_comes_first_and_the_unknown_last():
    def mover(kind, score):
        return Mover(kind, score, "", "", NOW)

    found = ranked(
        [mover(Section.PRICE, None), mover(Section.FLOWS, 0.5), mover(Section.SENTIMENT, 2.0)]
    )
    assert [one.kind for one in found] == [Section.SENTIMENT, Section.FLOWS, Section.PRICE]


def test_an_old_figure_carries_its_day_and_its_age():
    def told(at):
        parts = moment(WORDS, at, NOW)
        return "".join(part if isinstance(part, str) else part.text for part in parts)

    assert told(NOW - timedelta(minutes=1)) == " · 11:59"
    assert told(NOW - timedelta(hours=2)) == " · 10:00 (2 h old)"
    assert told(NOW - timedelta(days=1)) == " · Tue 5 Mar 12:00 (1 d old)"


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2030, 3, 6, 20, 59, tzinfo=UTC), date(2030, 3, 5)),  # a minute before the close
        (datetime(2030, 3, 6, 21, 0, tzinfo=UTC), date(2030, 3, 6)),
        (datetime(2030, 3, 10, 12, 0, tzinfo=UTC), date(2030, 3, 8)),  # Sunday
        (datetime(2030, 7, 4, 23, 0, tzinfo=UTC), date(2030, 7, 3)),  # a holiday
    ],
)
def test_the_last_session_is_one_that_has_ended(now, day):
    start, end = last_session(now)
    assert start.date() == end.date() == day
    assert end <= now


def test_a_session_without_bars_has_no_line():
    assert session_line(WORDS, [], date(2030, 3, 6)) == ()
    bar = Candle(NOW, 100.0, 112.0, 99.0, 110.0, 1.0)
    (line,) = session_line(WORDS, [bar], date(2030, 3, 6))
    assert line[1] == " Wed 6 Mar, 10:00 to 16:00: ↑ +10.0 %, $99.00 to $112.00"


def test_the_larger_side_is_the_one_that_is_told():
    total = LiquidationSum(timedelta(days=1), NOW, NOW, 1e6, 3e6, 1.0)
    says = "at least $3.0 M of shorts closed by force in 24 h"
    assert closed_text(WORDS, total, timedelta(days=1)) == says


def picture(**known):
    """Nothing is known but what is given."""
    sections = {s.value: Missing(s, "unavailable") for s in Section}
    told = {
        name: value if isinstance(value, Reading | Missing) else Reading(value, "venue", NOW)
        for name, value in known.items()
    }
    return Facts(asset=Asset("BTC", "Bitcoin", etf=True), at=NOW, **(sections | told))


@pytest.mark.parametrize(
    ("longs", "shorts", "usual", "says"),
    [
        (9e6, 1e6, 5e6, "Longs closed by force were above a usual day's $5.0 M."),
        (4e6, 1e6, 5e6, "Longs closed by force were not above a usual day's $5.0 M."),
        (9e6, 1e6, None, "More longs than shorts were closed by force in 24 h."),
        (1e6, 9e6, 5e6, "More shorts than longs were closed by force in 24 h."),
        (3e6, 3e6, 5e6, "As many longs as shorts were closed by force in 24 h."),
    ],
)
def test_sides_and_the_usual_day_are_compared(longs, shorts, usual, says):
    total = LiquidationSum(timedelta(days=1), NOW, NOW, longs, shorts, 1.0)
    known = LiquidationFacts((), None, None, total, None, None, None, None, usual)
    said = liquidation_sentence(WORDS, picture(liquidations=known), timedelta(days=1))
    assert said.startswith(says)


@pytest.mark.parametrize(("gap", "says"), [(-13.3, "13.3 % below the"), (4.0, "4.0 % above the")])
def test_price_stands_below_or_above_what_creations_cost(gap, says):
    last = FlowDay(date(2030, 3, 5), -1e6, (), FlowStatus.FINAL)
    total = FlowSum(12, -1e6, 2, 10)
    known = FlowFacts(
        last, None, total, total, -1, 3, CostBasis(80_000.0, None), gap, None, (last,)
    )
    said = flow_sentence(WORDS, picture(flows=known), timedelta(days=1))
    assert said == f"Price is {says} $80,000 that ETF creations cost on average."


def falling(low, before, age=timedelta(0)):
    """Price facts whose 48 hours reach down to `low` and whose 24 hours reach down to `before`."""
    day, two = (Window(one, NOW, 80_000.0, NOW, -20.0, 5.0) for one in (before, low))
    known = PriceFacts(
        66_000.0, 2.0, -8.0, None, day, two, None, None, None,
        date(2028, 1, 1), None, None, None, None, True, 3.0,
    )  # fmt: skip
    return Reading(known, "v", NOW - age)


def test_a_low_of_another_window_than_the_change_is_called_by_its_name():
    told = headline(WORDS, picture(price=falling(60_000.0, 65_000.0)), timedelta(days=1))
    assert told.endswith(" in 24 h — 48 h low $60,000, lowest since 1 Jan 2028")
    told = headline(WORDS, picture(price=falling(60_000.0, 60_000.0)), timedelta(days=1))
    assert told.endswith(" in 24 h — low $60,000, lowest since 1 Jan 2028")


def test_an_old_price_says_so_in_the_title():
    known = picture(price=falling(60_000.0, 60_000.0, timedelta(hours=36)))
    assert " in 24 h (1 d 12 h old) — " in headline(WORDS, known, timedelta(days=1))


@pytest.mark.parametrize(
    ("score", "word"), [(0.9, "usual"), (1.0, "more than usual"), (2.0, "unusual")]
)
def test_a_move_is_unusual_from_two_standard_deviations(score, word):
    assert scored(WORDS, score) == f"{word} ({score} standard deviations)"


def test_every_section_without_a_figure_is_named():
    young = MomentumFacts(None, None, None, None)
    silent = LiquidationFacts(("v",), *([None] * 8))
    told = gaps(
        WORDS,
        picture(momentum=Reading(young, "v", NOW), liquidations=Reading(silent, "v", NOW)),
    )
    assert "RSI; " in told[1]
    assert "liquidations; " in told[1]


def test_liquidations_that_a_source_does_not_list_are_missing_all_the_same():
    gone = Missing(Section.LIQUIDATIONS, "unknown_symbol", "v")
    assert "liquidations" in gaps(WORDS, picture(liquidations=gone))[1]


def test_a_cost_stands_above_or_below_with_one_sign():
    assert beside(WORDS, -13.3) == "price is 13.3 % below it"
    assert beside(WORDS, 2.0) == "price is 2.0 % above it"


def test_marks_that_are_not_known_are_named():
    told = details(WORDS, picture(squeeze=Squeeze(frozenset({Mark.FALL}), ALL - {Mark.FALL})))
    marks = next(line[0] for line in told if "Marks" in line[0])
    assert marks.endswith("not known: the sides, the usual count, open interest, funding.")


def test_a_flash_leads_with_the_price_whatever_else_is_unusual():
    mood = Mood(None, 99.0)
    known = replace(
        picture(price=falling(60_000.0, 60_000.0), sentiment=Sentiment(9, "Fear", NOW.date())),
        mood=mood,
    )
    span = timedelta(days=1)
    assert "Fear & Greed" in headline(WORDS, known, span)
    assert "Fear & Greed" not in price_headline(WORDS, known, span)


@pytest.mark.parametrize(("minutes", "ends"), [(59, " · 11:01"), (61, " · 10:59 (1 h 1 min old)")])
def test_a_daily_rsi_of_this_hour_needs_no_age(minutes, ends):
    known = Reading(MomentumFacts(22.4, None, None, None), "v", NOW - timedelta(minutes=minutes))
    line = momentum(WORDS, picture(momentum=known), timedelta(days=1))
    said = "".join(part if isinstance(part, str) else part.text for part in line)
    assert said == f"RSI day 22.4 (oversold){ends}"


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (1, "−$1.0 M Tue 5 Mar (final) ·"),
        (2, "−$1.0 M Tue 5 Mar (final), −$3.0 M in 2 trading days ·"),
    ],
)
def test_a_single_day_of_flows_is_its_own_sum(days, says):
    last = FlowDay(date(2030, 3, 5), -1e6, (), FlowStatus.FINAL)
    total = FlowSum(days, -3e6, 0, days)
    known = FlowFacts(last, None, total, total, -1, 1, None, None, None, (last,))
    assert f"ETF flows {says}" in plain(page(WORDS, picture(flows=known), timedelta(days=1)))


def test_the_screen_keeps_the_daily_rsi_and_the_details_the_faster_one():
    known = picture(momentum=MomentumFacts(22.4, 25.7, None, None))
    line = "".join(map(str, momentum(WORDS, known, timedelta(days=1))))
    assert "22.4" in line
    assert "25.7" not in line
    assert ("RSI 4 h 25.7 (oversold)",) in details(WORDS, known)


def test_a_zone_that_price_is_in_has_no_state_beside_a_break():
    level = Level(
        74_508.0, 75_000.0, 74_800.0, Kind.SUPPORT, State.TOUCHED, 2, None, (), 1.0, 0.0, 0.0
    )
    assert "never closed beyond" in full_place(WORDS, level)[1]
    assert "never closed beyond" not in full_place(WORDS, level, became=False)[1]


def test_neither_the_lines_nor_the_details_of_a_break_gainsay_it():
    zone = Level(
        74_508.0, 75_000.0, 74_800.0, Kind.SUPPORT, State.TOUCHED, 2, None, (), 1.0, 0.0, 0.0
    )
    below = replace(zone, low=70_000.0, high=70_500.0, distance_pct=-5.0, distance_atr=-1.5)
    text = plain(told(WORDS, picture(levels=(zone, below))))
    assert text.count("$74,508–$75,000 price is inside\n") == 2
    assert text.count("$70,000–$70,500 ↓ −5.0 % · touched, never closed beyond") == 2


@pytest.mark.parametrize(
    ("as_of", "says"),
    [
        (date(2029, 10, 16), "US government: 316,760 BTC as of 16 Oct 2029"),
        (None, "US government: 316,760 BTC (venue gives no date; asked Wed 6 Mar 12:00 UTC)"),
    ],
)
def test_the_governments_coins_carry_a_date_or_say_that_there_is_none(as_of, says):
    known = HoldingFacts(Holding("United States", 316_760.0, None, as_of), ())
    assert (says,) in details(WORDS, picture(holdings=known))


@pytest.mark.parametrize(
    ("kind", "pct", "says"),
    [
        (Kind.SUPPORT, -1.0, "↓ −1.0 %"),
        (Kind.SUPPORT, 1.0, "price is 1.0 % beyond, not yet by a close"),
        (Kind.RESISTANCE, 1.0, "↑ +1.0 %"),
        (Kind.RESISTANCE, -1.0, "price is 1.0 % beyond, not yet by a close"),
        (Kind.SUPPORT, 0.0, "price is inside"),
    ],
)
def test_a_zone_that_price_went_through_without_a_close_is_told_so(kind, pct, says):
    level = Level(99.0, 99.5, 99.2, kind, State.TOUCHED, 2, None, (), 1.0, pct, pct / 3)
    assert distance(WORDS, level) == says


@pytest.mark.parametrize("source", ["events", "recorded"])
def test_an_inner_name_is_never_shown(source):
    gone = Missing(Section.POSITIONING, "unavailable", source)
    assert absent(WORDS, "open interest", gone) == "open interest: no data (no source answers)"
