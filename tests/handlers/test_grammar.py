"""What people write to /alert is understood, or refused in kind words."""

import contextlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.command import Channel, UserError
from handlers.draft import Author, Draft, settled, twin
from handlers.grammar import parse
from handlers.preferences import Severity
from handlers.rule import Direction, Metric, Rule
from handlers.rule_words import in_words
from handlers.spelling import spelled
from handlers.words import Words
from tests.fakes import START

W = Words()
HERE = Channel("telegram", "-5")
AUTHOR = Author(HERE, "telegram:1", START, W)
BELOW, ABOVE, EITHER = Direction.BELOW, Direction.ABOVE, Direction.EITHER
BTC = {"asset": "BTC"}


@pytest.mark.parametrize(
    ("text", "draft"),
    [
        ("btc 70k", Draft(Metric.PRICE, "BTC", (70_000.0,))),
        ("BTC above $70,000", Draft(Metric.PRICE, "BTC", (70_000.0,), ABOVE)),
        ("btc ≥ 70,000", Draft(Metric.PRICE, "BTC", (70_000.0,), ABOVE, inclusive=True)),
        ("btc ７０k", Draft(Metric.PRICE, "BTC", (70_000.0,))),
        ("btc 1.5k", Draft(Metric.PRICE, "BTC", (1_500.0,))),
        ("btc 70k, 65k,60k", Draft(Metric.PRICE, "BTC", (70_000.0, 65_000.0, 60_000.0))),
        (
            "btc < 70000 close 1h",
            Draft(Metric.PRICE, "BTC", (70_000.0,), BELOW, interval="1h", on_close=True),
        ),
        ("btc -5% 1h", Draft(Metric.CHANGE, "BTC", (-5.0,), BELOW, window=3600)),
        ("btc -5% within 1h", Draft(Metric.CHANGE, "BTC", (-5.0,), BELOW, window=3600)),
        ("liqs > 1bn in 4h", Draft(Metric.LIQUIDATIONS, None, (1e9,), ABOVE, window=14400)),
        ("btc −5 % 1h", Draft(Metric.CHANGE, "BTC", (-5.0,), BELOW, window=3600)),
        ("btc 5% 4h", Draft(Metric.CHANGE, "BTC", (5.0,), EITHER, window=14400)),
        ("btc new low 90d", Draft(Metric.NEW_LOW, "BTC", (90.0,), BELOW)),
        ("eth new high 12w", Draft(Metric.NEW_HIGH, "ETH", (84.0,), ABOVE)),
        ("btc rsi < 25 4h", Draft(Metric.RSI, "BTC", (25.0,), BELOW, interval="4h")),
        ("liqs > 500M 24h", Draft(Metric.LIQUIDATIONS, None, (5e8,), ABOVE, window=86400)),
        ("flows < -500M", Draft(Metric.FLOW, None, (-5e8,), BELOW)),
        ("etf < −$0.5bn", Draft(Metric.FLOW, None, (-5e8,), BELOW)),
        ("flows streak 5", Draft(Metric.FLOW_STREAK, None, (5.0,), EITHER, inclusive=True)),
        ("funding < 0", Draft(Metric.FUNDING, None, (0.0,), BELOW)),
        ("funding < -0.01%", Draft(Metric.FUNDING, None, (-0.0001,), BELOW)),
        ("fear < 15", Draft(Metric.FEAR, None, (15.0,), BELOW)),
        ("btc level break", Draft(Metric.LEVEL, "BTC", direction=EITHER)),
        ("word “bailout”", Draft(Metric.HEADLINE, direction=ABOVE, word="bailout")),
        (
            "btc < 70k for 10m cd=30m until=2031-12-31 once critical",
            Draft(
                Metric.PRICE,
                "BTC",
                (70_000.0,),
                BELOW,
                hold=600,
                cooldown=1800,
                until=date(2031, 12, 31),
                once=True,
                severity=Severity.CRITICAL,
            ),
        ),
    ],
)
def test_what_people_write_is_understood(text, draft):
    assert parse(text, W) == draft


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("btc 70.000", "two ways"),
        ("btc 70k sideways", "cannot read"),
        ("", "Say what to watch"),
        ("btc 70k until 2031-02-30", "no date"),
        ("btc rsi < 25 3h", "Candles come in"),
        ("btc 70k for 999w", "no span of time"),
        ("btc 9999999bn", "too large"),
        ("btc < 1e400", "1e400 is no number"),
        ("btc -1.5e+3% 1h", "-1.5e+3 is no number"),
        ("a" * 10_000, "too long"),
        ("btc new low 1h", "two days"),
        ("flows streak 2.5", "whole days"),
        ("btc " + ", ".join(f"{n}k" for n in range(60, 71)), "10 prices at most"),
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example_that_works(text, says):
    with pytest.raises(UserError) as refusal:
        parse(text, W)

    assert says in refusal.value.text
    assert parse((refusal.value.example or "").removeprefix("/alert add "), W)


@given(
    st.text(max_size=300) | st.text(alphabet="btc<>=%km0123456789.,$- \u202e🚀forcd", max_size=60)
)
def test_no_text_is_met_with_anything_but_an_answer_or_a_refusal(text):
    with contextlib.suppress(UserError):
        assert isinstance(parse(text, W), Draft)


SPANS = st.sampled_from([60, 600, 900, 3600, 5400, 14400, 86400, 604800])
WINDOWS = st.sampled_from([300, 600, 900, 3600, 5400, 14400, 86400, 604800])
SCORES = st.integers(0, 100).map(float)


def _rules() -> st.SearchStrategy[Rule]:
    money = st.decimals("0.0001", "900000", places=4).map(float)
    way = st.sampled_from([ABOVE, BELOW])

    def of(metric: Metric, **parts: st.SearchStrategy) -> st.SearchStrategy[Rule]:
        options = {
            "hold": st.just(0) | SPANS,
            "cooldown": st.just(0) | SPANS,
            "until": st.none() | st.just(datetime(2032, 1, 1, tzinfo=UTC)),
            "once": st.booleans(),
            "severity": st.sampled_from(Severity),
            "inclusive": st.booleans(),
        }
        fixed = {
            "id": st.just("1"),
            "channel": st.just(HERE.key),
            "created_by": st.just("telegram:1"),
            "created_at": st.just(START),
            "metric": st.just(metric),
            "asset": st.just("BTC"),
            "direction": way,
        }
        return st.builds(Rule, **(fixed | options | parts))

    closes = st.sampled_from(["15m", "1h", "4h", "1d", "1w"])
    never = {"inclusive": st.just(False)}
    return st.one_of(
        of(Metric.PRICE, value=money),
        of(Metric.PRICE, value=money, interval=closes, on_close=st.just(True)),
        of(Metric.CHANGE, value=st.integers(-99, 99).filter(bool).map(float), window=WINDOWS),
        of(Metric.RSI, value=SCORES, interval=closes),
        of(Metric.LIQUIDATIONS, value=st.integers(10**5, 10**10).map(float), window=SPANS),
        of(Metric.FLOW, value=st.integers(10**6, 10**10).map(lambda n: -float(n))),
        of(Metric.FUNDING, value=st.decimals("-0.01", "0.01", places=6).map(float)),
        of(Metric.FEAR, value=SCORES, asset=st.none()),
        of(Metric.NEW_LOW, value=st.integers(2, 366).map(float), direction=st.just(BELOW), **never),
        of(Metric.LEVEL, value=st.just(0.0), direction=st.just(EITHER), **never),
        of(
            Metric.FLOW_STREAK,
            value=st.integers(1, 99).map(float),
            direction=st.just(EITHER),
            inclusive=st.just(True),
        ),
    )


@given(_rules())
def test_a_rule_as_it_is_spelled_reads_back_as_the_same_rule(rule):
    text = spelled(rule, W.zone)

    (again,) = settled(parse(text, W), AUTHOR, "BTC", None, ["1"])

    assert again == rule


@pytest.mark.parametrize(
    "zone", ["America/New_York", "UTC", "Asia/Kolkata", "Pacific/Auckland", "Africa/Cairo"]
)
@pytest.mark.parametrize("day", ["2030-12-31", "2030-04-25", "2030-03-10"])
def test_a_rule_watches_until_the_end_of_the_day_on_its_chats_clock_however_often_edited(zone, day):
    words = Words(zone=ZoneInfo(zone))
    author = Author(HERE, "telegram:1", START, words)
    text = f"btc < 70000 until {day}"

    (made,) = settled(parse(text, words), author, "BTC", None, ["1"])
    last = made.until - timedelta(seconds=1)

    assert made.until.astimezone(words.zone).date() == date.fromisoformat(day) + timedelta(days=1)
    assert last.astimezone(words.zone).date() == date.fromisoformat(day)
    assert spelled(made, words.zone) == text
    said = words.long_date(date.fromisoformat(day))
    assert in_words(made, words) == f"BTC below $70,000, until {said}"


def test_a_rule_that_ended_a_minute_before_midnight_keeps_its_day():
    words = Words(zone=ZoneInfo("America/New_York"))
    author = Author(HERE, "telegram:1", START, words)
    (made,) = settled(parse("btc < 70000", words), author, "BTC", None, ["1"])
    until = datetime(2031, 1, 1, 4, 59, tzinfo=UTC)

    assert spelled(msgspec.structs.replace(made, until=until), words.zone).endswith("2030-12-31")


def _made(text: str, price: float | None = 75_000.0) -> tuple[Rule, ...]:
    draft = parse(text, W)
    ids = [str(n + 1) for n in range(len(draft.values))]
    return settled(draft, AUTHOR, "BTC", price, ids)


def test_a_bare_price_takes_its_direction_from_the_market():
    below, above = _made("btc 70k, 80k")

    assert (below.direction, above.direction) == (BELOW, ABOVE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("btc < 7000", "far from the price"),
        ("btc > 700000", "far from the price"),
        ("btc < -70000", "above zero"),
        ("btc rsi > 120", "outside"),
        ("flows < -500", "millions"),
        ("btc 70k until 2020-01-01", "is over"),
        ("btc 70k until 9999-12-31", "too far away"),
        ("btc < 70000 rearm 69000", "wrong side"),
        ("btc -500% 1h", "between 0 and 100"),
        ("btc -5% 4m", "shortest window of a change is 5 min"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, says):
    with pytest.raises(UserError, match=says):
        _made(text)


def test_without_a_price_the_direction_must_be_said():
    with pytest.raises(UserError, match="which way"):
        _made("btc 70k", price=None)


def test_a_rule_within_a_thousandth_of_another_is_its_twin():
    (first,) = _made("btc < 70000")
    near, far, other = (
        msgspec.structs.replace(first, id="2", value=70_050.0),
        msgspec.structs.replace(first, id="3", value=70_500.0),
        msgspec.structs.replace(first, id="4", asset="ETH"),
    )

    assert twin(near, [first]) is first
    assert twin(far, [first]) is None
    assert twin(other, [first]) is None
