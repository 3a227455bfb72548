"""Pictures of markets that may never have been: any part missing, any number unknown, zero or extreme."""

import math
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from config.watchlist import Asset
from handlers.analysis.flows import CostBasis, FlowSum
from handlers.analysis.levels import Level, Reason, ReasonKind
from handlers.analysis.liquidations import Hour, LiquidationSum
from handlers.analysis.options import ExpiryPain
from handlers.analysis.price import Peak, Window, change_pct
from handlers.analysis.squeeze import Mark, Squeeze
from handlers.analysis.zones import Kind, State
from handlers.facts.shapes import (
    Facts,
    FlowFacts,
    HoldingFacts,
    LeverageFacts,
    LiquidationFacts,
    Missing,
    MomentumFacts,
    Mood,
    PositioningFacts,
    PriceFacts,
    Section,
    Sized,
    TrendFacts,
    Wipeout,
)
from providers.types import (
    Event,
    FlowDay,
    FlowStatus,
    Funding,
    Headline,
    Holding,
    Importance,
    LeverageTier,
    OpenInterest,
    Reading,
    Sentiment,
)

NOW = datetime(2031, 5, 14, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ASSET = Asset("BTC", "Bitcoin", etf=True)

prices = st.floats(1e-6, 1e7)
changes = st.none() | st.just(0.0) | st.floats(-99.9, 900)
dollars = st.just(0.0) | st.floats(0, 1e11)
signed_dollars = st.just(0.0) | st.floats(-1e11, 1e11)
scores = st.none() | st.floats(-9, 9)
strengths = st.none() | st.sampled_from([0.0, 30.0, 70.0, 100.0]) | st.floats(0, 100)
times = st.datetimes(datetime(2031, 5, 1), datetime(2031, 5, 14, 18)).map(  # noqa: DTZ001 -- made aware here
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)
past_days = st.dates(date(2020, 1, 1), date(2031, 5, 14))
coming_days = st.dates(date(2031, 5, 14), date(2031, 7, 1))
names = st.text("abcdefghij&<>*_ ", min_size=1, max_size=12)


def known(kind, value):
    """The section, or how it is missing."""
    told = st.builds(Reading, value, st.sampled_from(["Venue", "Other"]), times)
    reasons = st.sampled_from(["unavailable", "unknown_symbol", "rate_limited"])
    gone = st.builds(Missing, st.just(kind), reasons, st.just("Venue"), st.none() | times)
    return st.one_of(told, told, told, gone)


@st.composite
def windows(draw):
    low, high = sorted((draw(prices), draw(prices)))
    fall = draw(st.just(0.0) | st.floats(-99.9, 0))
    rise = draw(st.just(0.0) | st.floats(0, 900))
    return Window(low, draw(times), high, draw(times), fall, rise)


@st.composite
def price_facts(draw):
    some = st.none() | windows()
    last, top = draw(prices), draw(st.none() | st.builds(Peak, prices, past_days))
    return PriceFacts(
        last,
        *(draw(changes) for _ in range(3)),
        *(draw(some) for _ in range(5)),
        draw(st.none() | past_days),
        draw(st.none() | past_days),
        top,
        draw(changes),
        draw(changes),
        draw(st.booleans()),
        draw(scores),
        draw(scores),
    )


@st.composite
def flow_days(draw, status):
    funds = draw(st.lists(st.sampled_from(["IBIT", "FBTC", "GBTC"]), min_size=1, unique=True))
    by_fund = tuple((fund, draw(st.none() | signed_dollars)) for fund in funds)
    return FlowDay(draw(past_days), draw(signed_dollars), by_fund, status)


@st.composite
def flow_facts(draw):
    last = draw(flow_days(FlowStatus.FINAL) | flow_days(FlowStatus.REVISED))
    price, paid, ran = draw(prices), draw(st.none() | prices), draw(st.none() | prices)
    days = st.integers(0, 12)
    sums = st.builds(FlowSum, st.integers(1, 12), signed_dollars, days, days)
    return FlowFacts(
        last,
        draw(st.none() | flow_days(FlowStatus.PARTIAL)),
        draw(sums),
        draw(sums),
        draw(st.integers(-9, 9)),
        draw(days),
        draw(st.none() | st.just(CostBasis(paid, ran))),
        None if paid is None else change_pct(price, paid),
        None if ran is None else change_pct(price, ran),
        (last,),
        draw(scores),
    )


@st.composite
def liquidation_facts(draw):
    def over(hours):
        size = timedelta(hours=hours)
        both = draw(st.tuples(dollars, dollars))
        told = LiquidationSum(size, NOW - size, NOW, *both, draw(st.floats(0.01, 1)))
        return draw(st.sampled_from([None, told, told]))

    return LiquidationFacts(
        ("Venue",),
        *(over(hours) for hours in (1, 4, 24, 168, 504)),
        draw(st.none() | st.builds(Hour, times, dollars, dollars)),
        draw(scores),
        draw(st.none() | dollars),
        over(48),
        draw(scores),
    )


@st.composite
def levels(draw):
    low, high = sorted((draw(prices), draw(prices)))
    kind = draw(st.sampled_from(Kind))
    away = draw(st.just(0.0) | st.floats(0, 400))
    sign = 1 if kind is Kind.RESISTANCE else -0.2
    whys = st.builds(Reason, st.sampled_from(ReasonKind), prices, st.just(1.0), times, past_days)
    reasons = tuple(draw(st.lists(whys, min_size=1, max_size=4)))
    return Level(
        low, high, math.sqrt(low * high), kind, draw(st.sampled_from(State)),
        draw(st.integers(0, 30)), None, reasons, 1.0, sign * away, sign * away / 4,
    )  # fmt: skip


@st.composite
def squeezes(draw):
    held = draw(st.frozensets(st.sampled_from(Mark)))
    return Squeeze(held, draw(st.frozensets(st.sampled_from(Mark))) - held, draw(changes))


def _venues():
    interest = st.builds(
        OpenInterest, st.just("v"), st.just("BTC"), st.none(), st.none() | dollars, times
    )
    rate = st.builds(
        Funding, st.just("v"), st.just("BTC"), st.floats(-0.02, 0.02),
        st.sampled_from([None, 1.0, 8.0]), times,
    )  # fmt: skip
    return st.builds(
        PositioningFacts,
        st.lists(st.builds(Reading, interest, st.just("Venue"), times), max_size=2).map(tuple),
        changes,
        st.lists(st.builds(Reading, rate, st.just("Venue"), times), max_size=3).map(tuple),
    )


sentiments = st.builds(
    Sentiment, st.integers(0, 100), st.sampled_from(["Fear", "Greed"]), past_days
)
leverages = st.none() | st.floats(1, 500)
sizes = st.just(()) | st.tuples(
    st.builds(Sized, st.just(1e4), leverages), st.builds(Sized, st.just(1e7), leverages)
)
wipeouts = st.none() | st.builds(Wipeout, prices, times, st.floats(-99, 0), leverages, sizes)
tiers = st.none() | st.just(Reading((LeverageTier(1e6, 0.004, 0.0),), "Venue", NOW))
expiries = st.builds(ExpiryPain, coming_days, prices, dollars, dollars, st.none() | st.floats(0, 9))
events = st.builds(
    Event, names, st.sampled_from(Importance),
    st.integers(0, 30 * 24).map(lambda h: NOW + timedelta(hours=h)),
)  # fmt: skip
headlines = st.builds(
    Headline, names, names, st.just("https://example.org"),
    st.sampled_from(["SEC", "Federal Reserve", "Press"]), times,
)  # fmt: skip
holdings = st.builds(
    Holding, st.just("United States"), st.floats(0, 1e6), st.none(), st.none() | past_days
)


def tuples(of, most=6):
    return st.lists(of, max_size=most).map(tuple)


pictures = st.builds(
    Facts,
    asset=st.just(ASSET),
    at=st.just(NOW),
    price=known(Section.PRICE, price_facts()),
    flows=known(Section.FLOWS, flow_facts()),
    liquidations=known(Section.LIQUIDATIONS, liquidation_facts()),
    momentum=known(
        Section.MOMENTUM, st.builds(MomentumFacts, strengths, strengths, strengths, strengths)
    ),
    trend=known(Section.TREND, st.builds(TrendFacts, *[st.none() | prices] * 5)),
    leverage=known(
        Section.LEVERAGE,
        st.builds(LeverageFacts, wipeouts, wipeouts, wipeouts, st.none(), st.none(), tiers=tiers),
    ),
    positioning=known(Section.POSITIONING, _venues()),
    sentiment=known(Section.SENTIMENT, sentiments),
    options=known(Section.OPTIONS, tuples(expiries, 3)),
    holdings=known(Section.HOLDINGS, st.builds(HoldingFacts, st.none() | holdings, st.just(()))),
    levels=known(Section.LEVELS, tuples(levels())),
    squeeze=known(Section.SQUEEZE, squeezes()),
    events=known(Section.EVENTS, tuples(events, 3)),
    headlines=known(Section.HEADLINES, tuples(headlines, 3)),
    mood=st.none() | st.builds(Mood, st.none() | sentiments, scores),
)
