"""Over any picture of a market: each number of a text is a fact, and each word of comparison has its number's sign."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta

from hypothesis import given, settings

from bot.render.text import inline_text, plain
from handlers.analysis.price import change_pct
from handlers.analysis.squeeze import Mark
from handlers.facts.derivatives import funding_8h
from handlers.facts.shapes import Facts, Missing
from handlers.reply import Details, Reply, Text
from handlers.telling.flash import told
from handlers.telling.page import page
from handlers.telling.session import etf_day, last_session
from handlers.telling.spans import DAY, TWO_DAYS, WEEK, change_over, closed_over
from handlers.telling.week import long_average
from handlers.words import Words
from providers.types import Reading
from tests.handlers.telling.markets import pictures

WORDS = Words()
EASY = settings(max_examples=60, deadline=None)
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
CLOCK = re.compile(r"\b\d\d:\d\d\b")
DATE = re.compile(rf"\b\d{{1,2}} (?:{MONTHS})(?: \d{{4}})?")
AGE = re.compile(r" \(\d[^()]* old\)")
NAMED = re.compile(  # lengths of time, names of averages, the number of marks, a rate: no measurements
    r"\b(?:24 h|48 h|4 h|8 h|7 d|21 d|200-week|200-day|of 5 hold|all 5 marks|0\.5 % maintenance)(?!\w)"
)
NUMBER = re.compile(r"[−+]?\$?\d+(?:,\d{3})*(?:\.\d+)?(?: (?:tn|bn|M|k)\b)?")


def composed(facts: Facts) -> Iterator[tuple[timedelta, Reply]]:
    yield DAY, page(WORDS, facts, DAY, etf_day(WORDS, facts))
    yield WEEK, page(WORDS, facts, WEEK, long_average(WORDS, facts))
    yield TWO_DAYS, told(WORDS, facts)


def values(thing: object) -> Iterator[object]:
    if is_dataclass(thing):
        for one in fields(thing):
            yield from values(getattr(thing, one.name))
    elif isinstance(thing, tuple | frozenset):
        yield len(thing)
        for inside in thing:
            yield from values(inside)
    elif isinstance(thing, int | float | date) and not isinstance(thing, bool):
        yield thing


def derived(facts: Facts) -> Iterator[float]:
    """The few numbers that a text computes: a rate per eight hours, a share, a distance to an average."""
    if isinstance(facts.positioning, Reading):
        rate = funding_8h(facts.positioning.value)
        yield (rate or 0.0) * 100
    if isinstance(facts.liquidations, Reading) and facts.liquidations.value.sum_21d:
        yield facts.liquidations.value.sum_21d.covered * 100
    if isinstance(facts.price, Reading) and isinstance(facts.trend, Reading):
        average = facts.trend.value.ema200w
        yield (average and change_pct(facts.price.value.last, average)) or 0.0
    if isinstance(facts.flows, Reading) and facts.flows.value.partial:
        yield len(facts.flows.value.partial.missing)


def spelled(facts: Facts) -> set[str]:
    """Each number of the facts in every way that it may be written."""
    known: set[str] = set()
    for value in (*values(facts), *derived(facts)):
        if isinstance(value, int | float):
            for signed in (value, abs(value)):
                known |= {WORDS.number(signed, n, signed=s) for n in (0, 1, 4) for s in (0, 1)}
                known |= {
                    WORDS.price(signed),
                    WORDS.money(signed),
                    WORDS.money(signed, 0),
                    WORDS.money(signed, signed=True),
                }
    return known


def days(facts: Facts) -> set[str]:
    found = [one for one in values(facts) if isinstance(one, date)]
    found.append(last_session(facts.at)[0])
    dates = {one.date() if isinstance(one, datetime) else one for one in found}
    return {WORDS.long_date(d) for d in dates} | {WORDS.day(d).split(" ", 1)[1] for d in dates}


def clocks(facts: Facts) -> set[str]:
    at = {f"{one:%H:%M}" for one in values(facts) if isinstance(one, datetime)}
    return at | {"08:00"}


@given(pictures)
@EASY
def test_every_number_in_a_text_stands_among_the_facts(facts):
    known, dated, clocked = spelled(facts), days(facts), clocks(facts)
    for _, reply in composed(facts):
        text = plain(reply)
        assert set(CLOCK.findall(text)) <= clocked
        assert not set(DATE.findall(text)) - dated, text
        rest = NAMED.sub("", AGE.sub("", DATE.sub("", CLOCK.sub("", text))))
        strange = [one for one in NUMBER.findall(rest) if one not in known]
        assert not strange, (strange, text)


def fell_and_rose_below_and_above_have_the_sign_of_their_number(facts, replies):
    signs = {sign: set() for sign in (-1, 0, 1)}
    for value in (*values(facts), *derived(facts)):
        if isinstance(value, float):
            signs[(value > 0) - (value < 0)].add(WORDS.percent(abs(value), signed=False))
    down, up = signs[-1] | signs[0], signs[1] | signs[0]
    for _, reply in replies:
        text = plain(reply)
        assert set(re.findall(r"fell ([\d,.]+ %)", text)) <= down
        assert set(re.findall(r"([\d,.]+ %) below", text)) <= down
        assert set(re.findall(r"rose ([\d,.]+ %)", text)) <= up
        assert set(re.findall(r"([\d,.]+ %) above", text)) <= up
        for before, now in re.findall(r"fell from (\d+) to (\d+)", text):
            assert int(now) < int(before)
        for before, now in re.findall(r"rose from (\d+) to (\d+)", text):
            assert int(now) > int(before)


def arrows_point_the_way_of_the_number_beside_them(facts, replies):
    for _, reply in replies:
        for arrow, sign in re.findall(r"([↑↓→]) ([−+]?)\d", plain(reply)):
            assert (arrow, sign) in {("↑", "+"), ("↓", "−"), ("→", ""), ("↑", ""), ("↓", "")}


def price_is_said_to_fall_only_when_it_did_not_rise(facts, replies):
    if isinstance(facts.price, Missing):
        return
    for span, reply in replies:
        change = change_over(facts.price.value, span)
        text = plain(reply)
        if change and change < 0:
            assert "Price rose" not in text
        if change and change > 0:
            assert "Price fell" not in text


def the_lowest_since_is_the_day_that_the_facts_name(facts, replies):
    for _, reply in replies:
        for low, day in re.findall(
            r"low (?:of )?(\$\d+(?:,\d{3})*(?:\.\d+)?),? (?:is )?(?:the )?lowest since (\d+ \w+ \d+)",
            plain(reply),
        ):
            assert isinstance(facts.price, Reading)
            price = facts.price.value
            assert price.window_48h
            assert price.lowest_since
            assert low == WORDS.price(price.window_48h.low)
            assert day == WORDS.long_date(price.lowest_since)


def flows_go_the_way_that_they_went(facts, replies):
    for _, reply in replies:
        text = plain(reply)
        if "left the ETFs" in text or "came into the ETFs" in text:
            assert isinstance(facts.flows, Reading)
            net = facts.flows.value.last.net_usd or 0.0
            assert ("left the ETFs" in text) == (net < 0)
            assert ("came into the ETFs" in text) == (net > 0)


def sides_and_the_usual_are_compared_as_they_are(facts, replies):
    for span, reply in replies:
        text = plain(reply)
        if not isinstance(facts.liquidations, Reading):
            assert "closed by force in" not in text
            continue
        known = facts.liquidations.value
        total = closed_over(known, DAY if span == TWO_DAYS else span)
        if "Longs closed by force were" in text:
            assert total.long_usd > total.short_usd
        if "More longs than shorts" in text:
            assert total.long_usd > total.short_usd
        if "More shorts than longs" in text:
            assert total.long_usd < total.short_usd
        if "not above a usual day" in text:
            assert total.long_usd <= known.usual_long_24h_usd
        elif "above a usual day" in text:
            assert total.long_usd > known.usual_long_24h_usd


def a_squeeze_is_called_one_only_when_every_mark_holds(facts, replies):
    for _, reply in replies:
        text = plain(reply)
        squeeze = facts.squeeze.value if isinstance(facts.squeeze, Reading) else None
        if "marks of a long squeeze hold" in text:
            assert squeeze is not None
            assert squeeze.held == frozenset(Mark)
        if "not a long squeeze, as" in text:
            assert squeeze is not None
            assert squeeze.held | squeeze.unknown != frozenset(Mark)


def oversold_and_overbought_stand_beside_such_numbers_only(facts, replies):
    for _, reply in replies:
        text = plain(reply)
        assert all(float(n) <= 30 for n in re.findall(r"([\d.]+) \(oversold\)", text))
        assert all(float(n) >= 70 for n in re.findall(r"([\d.]+) \(overbought\)", text))


def a_partial_day_is_never_a_result(facts, replies):
    for _, reply in replies:
        for line in plain(reply).splitlines():
            if "so far" in line:
                assert "not a result" in line


def the_same_facts_give_the_same_words_and_no_infinity(facts, replies):
    first = [plain(reply) for _, reply in replies]
    assert first == [plain(reply) for _, reply in composed(facts)]
    assert not any(re.search(r"\b(?:nan|inf|None)\b", text) for text in first)


CHECKS = (
    fell_and_rose_below_and_above_have_the_sign_of_their_number,
    arrows_point_the_way_of_the_number_beside_them,
    price_is_said_to_fall_only_when_it_did_not_rise,
    the_lowest_since_is_the_day_that_the_facts_name,
    flows_go_the_way_that_they_went,
    sides_and_the_usual_are_compared_as_they_are,
    a_squeeze_is_called_one_only_when_every_mark_holds,
    oversold_and_overbought_stand_beside_such_numbers_only,
    a_partial_day_is_never_a_result,
    the_same_facts_give_the_same_words_and_no_infinity,
)


@given(pictures)
@EASY
def test_every_word_of_comparison_has_the_sign_of_its_number(facts):
    replies = tuple(composed(facts))
    for check in CHECKS:
        check(facts, replies)


@given(pictures)
@EASY
def test_what_is_missing_is_named_and_never_shown_as_zero(facts):
    reply = page(WORDS, facts, DAY)
    text = plain(reply)
    for section, label in ((facts.flows, "ETF flows"), (facts.sentiment, "Fear & Greed")):
        if isinstance(section, Missing) and section.reason != "unknown_symbol":
            lines = [line for line in text.splitlines() if line.startswith("Missing:")]
            assert lines
            assert label in lines[0]
            assert not any(line.startswith(f"{label} ") for line in text.splitlines())


@given(pictures)
@EASY
def test_a_screenful_stays_one(facts):
    reply = page(WORDS, facts, DAY)
    main = [b for b in reply.blocks if not isinstance(b, Details)]
    size = len(reply.title) + sum(
        len("".join(map(inline_text, line)))
        for b in main
        if isinstance(b, Text)
        for line in b.lines
    )
    assert size <= 1500
    assert len(plain(reply)) <= 4096
