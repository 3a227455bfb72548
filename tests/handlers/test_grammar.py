"""What people write to /alert is understood, or refused in kind words."""

import contextlib
from dataclasses import replace
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
                until="2031-12-31",
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
        ("btc rsi < 25 3h", "Candles come in"),
        ("btc 70k for 999w", "no span of time"),
        ("btc 9999999bn", "too large"),
        ("btc < 1e400", "1e400 is no number"),
        ("btc -1.5e+3% 1h", "-1.5e+3 is no number"),
        ("a" * 10_000, "too long"),
        ("btc new low 1h", "two days"),
        ("flows streak 2.5", "whole days"),
        ("btc " + ", ".join(f"{n}k" for n in range(60, 71)), "10 prices at most"),
        ("flows streak 0", "one day or more"),
        ("btc 2.150", "Write 2150 or 2.1500"),
        ("btc 70000,65000", "Write 70000, 65000 or 70000.65000"),
        ("btc 95,50,60", "needs a space after it"),
        ("btc 100 110", "Write 100110 or 100, 110"),
        ("btc 1,500k", "Write 1500k or 1.500k"),
        ("btc -2,125% 1h", "Write 2125% or 2.125%"),
        ("btc > -5% 1h", "> -5% can be read in two ways. Write -5% or +5%"),
        ("btc < +5% 1h", "Write -5% or +5%"),
        ("btc up -5%", "Write -5% or +5%"),
        ("btc drops less than 5%", "Write -5% or +5%"),
        ("btc falls above 70k", "Write < or >"),
        ("flows streak < 5", "Write < -5 or > 5"),
        ("outflow < 500M", "Write flows < -500M or flows > -500M"),
        ("funding > 0.01", "Write 0.01% or 1%"),
        ("btc -5% 30s", "no span of time"),
        ("oversold", "from “oversold”"),
        ("btc rsi oversold", "from “oversold”"),
        ("btc funding 5 fold", "from “fold”"),
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example_that_works(text, says):
    with pytest.raises(UserError) as refusal:
        parse(text, W)

    assert says in refusal.value.text
    assert parse((refusal.value.example or "").removeprefix("/alert add "), W)


@pytest.mark.parametrize(
    ("typed", "plainly"),
    [
        ("sol < 95,50", "sol < 95.5"),
        ("sol < 95,50, 90", "sol < 95.5, 90"),
        ("eth > 3,5k", "eth > 3500"),
        ("eth < 2.150,50", "eth < 2150.5"),
        ("btc > 1.070.000", "btc > 1070000"),
        ("btc 70,000,65,000", "btc 70000, 65000"),
        ("btc 70 000", "btc 70000"),
        ("btc 70\u202f123", "btc 70123"),
        ("btc 70'123", "btc 70123"),
        ("btc -2,5% 1h", "btc -2.5% 1h"),
        ("funding > 0,010%", "funding > 0.01%"),
        ("funding > 0.0001", "funding > 0.01%"),
        ("flows < -0,5bn", "flows < -500M"),
        ("btc < 5% 1h", "btc -5% 1h"),
        ("btc > 5% 1h", "btc +5% 1h"),
        ("btc drops 5% in 1h", "btc -5% 1h"),
        ("drops by more than 5 percent within 1 hour", "-5% 1h"),
        ("btc falls 5%", "btc -5%"),
        ("btc down 5%", "btc -5%"),
        ("btc up 5%", "btc +5%"),
        ("btc moves 5% in 1h", "btc 5% 1h"),
        ("btc hits 70k", "btc 70k"),
        ("btc crosses 70k", "btc 70k"),
        ("btc breaks 70k", "btc 70k"),
        ("btc breaks below 70k", "btc < 70k"),
        ("btc at 70k", "btc 70k"),
        ("btc = 70k", "btc 70k"),
        ("price < 70k", "< 70k"),
        ("the price of btc < 70k", "btc < 70k"),
        ("btc drops below 70k", "btc < 70k"),
        ("btc rises to 80k", "btc > 80k"),
        ("btc is less than 70k", "btc < 70k"),
        ("btc at least 80k", "btc >= 80k"),
        ("btc =< 70k", "btc <= 70k"),
        ("alert me when btc falls below 70k please", "btc < 70k"),
        ("btc unter 70k", "btc < 70k"),
        ("btc über 80k", "btc > 80k"),
        ("close below 70k", "< 70k close 1h"),
        ("btc daily close below 70k", "btc < 70k close 1d"),
        ("btc close 4h below 70k", "btc < 70k close 4h"),
        ("btc < 70k on a daily close", "btc < 70k close 1d"),
        ("btc < 70k 15m close", "btc < 70k close 15m"),
        ("btc 70k 65k 60k", "btc 70k, 65k, 60k"),
        ("btc 70k and 65k", "btc 70k, 65k"),
        ("btc 70000$", "btc 70000"),
        ("btc 70k usd", "btc 70k"),
        ("new 90d low", "new low 90d"),
        ("btc 52 week high", "btc new high 364d"),
        ("btc rsi 4h < 25", "btc rsi < 25 4h"),
        ("btc rsi 15m < 25", "btc rsi < 25 15m"),
        ("btc daily rsi drops below 25", "btc rsi < 25 1d"),
        ("liqs 24h > 500M", "liqs > 500M 24h"),
        ("etf flows < -500M", "flows < -500M"),
        ("outflow 500M", "flows < -500M"),
        ("etf outflows > $500 million", "flows < -500M"),
        ("inflow at least 500M", "flows >= 500M"),
        ("streak 5 days", "flows streak 5"),
        ("outflow streak of 5 days", "flows streak -5"),
        ("funding rate < 0", "funding < 0"),
        ("greed > 75", "fear > 75"),
        ("fear & greed < 15", "fear < 15"),
        ("btc breaks a level", "btc level break"),
        ("word rate cut", 'word "rate cut"'),
        ("word rate cut once critical", 'word "rate cut" once critical'),
        ("word 'bailout'", 'word "bailout"'),
        ("word ‘rate cut’", 'word "rate cut"'),
        ("critical btc < 70k", "btc < 70k critical"),
        ("btc -5% 1h rearm 3", "btc -5% 1h rearm -3"),
        ("btc -5% 1h rearm 3%", "btc -5% 1h rearm -3"),
        ("funding < -0.01% rearm 0.005%", "funding < -0.01% rearm -0.005%"),
        ("btc < 70k for 30 seconds", "btc < 70k for 0.5m"),
    ],
)
def test_what_people_say_at_length_is_what_they_would_write(typed, plainly):
    assert parse(typed, W) == parse(plainly, W)


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("2030-03-07", "2030-03-07T23:00"),
        ("7.3.2030", "2030-03-07T23:00"),
        ("tomorrow", "2030-03-07T23:00"),
        ("18:00", "2030-03-06T17:00"),
        ("6 pm", "2030-03-06T17:00"),
        ("12:30", "2030-03-07T11:30"),
        ("tomorrow at 8am", "2030-03-07T07:00"),
        ("Friday", "2030-03-08T23:00"),
        ("wednesday 12:00", "2030-03-13T11:00"),
        ("2030-03-07 18:00", "2030-03-07T17:00"),
    ],
)
def test_an_end_is_a_day_or_a_time_on_the_clock_of_the_chat(typed, ends):
    """It is Wednesday, one in the afternoon in Berlin."""
    author = replace(AUTHOR, words=Words(zone=ZoneInfo("Europe/Berlin")))

    (rule,) = settled(parse(f"btc < 70k until {typed} once", W), author, "BTC", None, ["1"])

    assert rule.until == datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert rule.once


@pytest.mark.parametrize(
    ("typed", "example"),
    [
        ("btc rsi sideways", "rsi"),
        ("liqs sideways", "liqs"),
        ("etf sideways", "flows"),
        ("funding sideways", "funding"),
        ("greed sideways", "fear"),
        ("btc new low sideways", "new low"),
        ("btc 5% sideways", "-5%"),
        ("word", "word"),
        ("btc rsi > 120", "rsi"),
        ("fear > 120", "fear"),
    ],
)
def test_an_error_shows_an_alert_of_the_kind_that_was_tried(typed, example):
    with pytest.raises(UserError) as refusal:
        _made(typed)

    assert example in refusal.value.example


@given(
    st.text(max_size=300) | st.text(alphabet="btc<>=%km0123456789.,$- \u202e🚀forcd", max_size=60)
)
def test_no_text_is_met_with_anything_but_an_answer_or_a_refusal(text):
    with contextlib.suppress(UserError):
        assert isinstance(parse(text, W), Draft)


SPANS = st.sampled_from([60, 600, 900, 3600, 5400, 14400, 86400, 604800])
WINDOWS = st.sampled_from([300, 600, 900, 3600, 5400, 14400, 86400, 604800])
SCORES = st.integers(0, 100).map(float)
DAYS = st.integers(2, 366).map(float)
WRITTEN = st.text(alphabet="abcdüé 019.,%'<for-", min_size=2, max_size=60).filter(
    lambda word: len(word) > 1 and word == word.strip()
)
ENDS = st.integers(1, 500_000).map(lambda minutes: START + timedelta(minutes=minutes))
ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])


def _rules() -> st.SearchStrategy[Rule]:
    daily = st.just(0)
    money = st.decimals("0.0001", "900000", places=4).map(float)
    way = st.sampled_from([ABOVE, BELOW])

    def of(metric: Metric, **parts: st.SearchStrategy) -> st.SearchStrategy[Rule]:
        options = {
            "hold": st.just(0) | SPANS,
            "cooldown": st.just(0) | SPANS,
            "until": st.none() | ENDS | st.just(datetime(2032, 1, 1, tzinfo=UTC)),
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
        of(
            Metric.CHANGE,
            value=st.integers(1, 99).map(float),
            direction=st.just(ABOVE),
            window=WINDOWS,
            rearm_at=st.none() | st.integers(-9, 1).map(float),
        ),
        of(
            Metric.CHANGE,
            value=st.integers(-99, -1).map(float),
            direction=st.just(BELOW),
            window=WINDOWS,
            rearm_at=st.none() | st.integers(-1, 9).map(float),
        ),
        of(
            Metric.CHANGE,
            value=st.integers(1, 99).map(float),
            direction=st.just(EITHER),
            window=WINDOWS,
            rearm_at=st.none() | st.just(1.0),
            **never,
        ),
        of(Metric.RSI, value=SCORES, interval=closes),
        of(Metric.LIQUIDATIONS, value=st.integers(10**5, 10**10).map(float), window=SPANS),
        of(Metric.FLOW, value=st.integers(10**6, 10**10).map(lambda n: -float(n)), hold=daily),
        of(Metric.FLOW, value=st.integers(10**6, 10**10).map(float), hold=daily),
        of(Metric.FUNDING, value=st.decimals("-0.1", "0.1", places=7).map(float)),
        of(
            Metric.FUNDING,
            value=st.decimals("-0.1", "-0.001", places=14).map(float),
            direction=st.just(BELOW),
            rearm_at=st.decimals("-0.001", "0.1", places=14).map(float),
        ),
        of(Metric.FEAR, value=SCORES, asset=st.none(), hold=daily),
        of(Metric.NEW_LOW, value=DAYS, direction=st.just(BELOW), hold=daily, **never),
        of(Metric.NEW_HIGH, value=DAYS, direction=st.just(ABOVE), hold=daily, **never),
        of(Metric.LEVEL, value=st.just(0.0), direction=st.just(EITHER), hold=daily, **never),
        of(
            Metric.FLOW_STREAK,
            value=st.integers(1, 99).map(float),
            direction=st.just(EITHER),
            inclusive=st.just(True),
            hold=daily,
        ),
        of(
            Metric.FLOW_STREAK,
            value=st.integers(-99, -1).map(float),
            direction=st.just(BELOW),
            hold=daily,
        ),
        of(
            Metric.HEADLINE,
            value=st.just(0.0),
            asset=st.none(),
            direction=st.just(ABOVE),
            word=WRITTEN,
            hold=daily,
            **never,
        ),
    )


@given(_rules(), ZONES)
def test_a_rule_as_it_is_spelled_reads_back_as_the_same_rule(rule, zone):
    author = replace(AUTHOR, words=Words(zone=ZoneInfo(zone)))
    if rule.until and not _named_once(rule.until, author.words.zone):
        rule = msgspec.structs.replace(rule, until=None)
    text = spelled(rule, author.words.zone)

    (again,) = settled(parse(text, W), author, "BTC", None, ["1"])

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


def _named_once(at: datetime, zone: ZoneInfo) -> bool:
    """A wall clock that shows the same time twice means the first; 23:59 is the end of its day."""
    local = at.astimezone(zone)
    return local.fold == 0 and (local.hour, local.minute) != (23, 59)


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
        ("btc 70k until 2131-01-01", "too far away"),
        ("btc 70k until 2031-02-30", "2031-02-30 is no date"),
        ("btc 70k until 9999-12-31", "no date"),
        ("btc 70k until the cows come home", "no date"),
        ("btc 5% 1h rearm 7", "wrong side"),
        ("btc -5% 1h rearm 7", "wrong side"),
        ("btc level break for 1h", "about one moment"),
        ('word "bailout" for 1h', "about one moment"),
        ("btc new low 90d for 10m", "about one moment"),
        ("flows < -500M for 10m", "comes once a day"),
        ("flows streak 5 for 10m", "comes once a day"),
        ("fear < 15 for 10m", "comes once a day"),
        ("btc new low rearm 60000", "value to come back to"),
        ("flows < -500M rearm 0", "value to come back to"),
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


def test_one_that_must_last_is_no_twin_of_one_that_need_not():
    (first,), (lasting,) = _made("btc < 70000"), _made("btc < 70000 for 10m")

    assert twin(msgspec.structs.replace(lasting, id="2"), [first]) is None


@pytest.mark.parametrize(
    ("typed", "echo"),
    [
        ("btc < 5% 1h", "BTC −5.0 % within 1 h"),
        ("btc <= -5% 1h", "BTC −5.0 % or more within 1 h"),
        ("btc 5% 1h rearm 3", "BTC 5.0 % within 1 h, either way, ready again at 3.0 %"),
        ("btc -5% 1h rearm 3", "BTC −5.0 % within 1 h, ready again at −3.0 %"),
        ("btc <= 70k critical", "BTC at or below $70,000, critical"),
        (
            "btc >= 80k rearm 78k once info",
            "BTC at or above $80,000, ready again at $78,000, once, info",
        ),
        ("btc < 70k for 30s", "BTC below $70,000, for 30 s"),
        ("btc < 70k until 2030-12-31", "BTC below $70,000, until 31 Dec 2030"),
        ("btc < 70k until 18:00", "BTC below $70,000, until Wed 6 Mar 18:00 EST (23:00 UTC)"),
    ],
)
def test_every_part_of_an_alert_is_read_back(typed, echo):
    words = Words(zone=ZoneInfo("America/New_York"))
    (rule,) = settled(parse(typed, W), replace(AUTHOR, words=words), "BTC", 75_000.0, ["1"])

    assert in_words(rule, words) == echo


def test_an_alert_whose_sign_and_way_disagree_is_told_as_it_is():
    (rule,) = _made("btc -5% 1h")
    odd = msgspec.structs.replace(rule, direction=ABOVE)

    assert in_words(odd, W) == "BTC change within 1 h above −5.0 %"


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
