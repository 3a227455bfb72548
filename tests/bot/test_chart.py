"""Pictures: what is drawn, where labels stand, and that nothing breaks a drawing."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.charts import Charts
from bot.render.chart import draw
from bot.render.chart_axes import Plot, dollars, round_values, spread, time_label, times
from bot.render.chart_bars import money_axis
from bot.render.chart_canvas import HEIGHT, WIDTH, cut, font, width
from bot.render.chart_palette import DARK, LIGHT
from handlers.reply import (
    Bar,
    CandleChart,
    FlowBar,
    FlowChart,
    LiquidationBar,
    LiquidationChart,
    ZoneMark,
)
from handlers.words import Words

START = datetime(2030, 1, 7, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = Words()


def candles(*closes, step=HOUR, zones=(), dark=True):
    opens = [closes[0], *closes]
    bars = tuple(
        Bar(START + i * step, o, max(o, c) * 1.01, min(o, c) * 0.99, c)
        for i, (o, c) in enumerate(zip(opens, closes, strict=False))
    )
    return CandleChart("ABC $1", "ABC rose", "venue", dark, bars=bars, zones=zones, interval="1h")


def flows(*nets, partial=False):
    bars = tuple(
        FlowBar(date(2030, 1, 7) + i * DAY, net, partial and i == len(nets) - 1)
        for i, net in enumerate(nets)
    )
    return FlowChart("ABC flows", "ABC flows", "source", legend=("net", "sum"), bars=bars)


def liquidations(*pairs, price=()):
    bars = tuple(LiquidationBar(START + i * HOUR, *pair) for i, pair in enumerate(pairs))
    line = tuple((START + i * HOUR, value) for i, value in enumerate(price))
    return LiquidationChart("ABC liquidations", "…", "s", bars=bars, price=line)


def picture(chart):
    image = Image.open(BytesIO(draw(chart)))
    image.load()
    return image


def pixels(chart, colour):
    """Where this colour stands: (x, y) of each of its pixels."""
    image = picture(chart).convert("RGB")
    data = image.get_flattened_data()
    return [(i % WIDTH, i // WIDTH) for i, seen in enumerate(data) if seen == colour]


def test_a_picture_is_a_small_png_of_sixteen_colours():
    data = draw(candles(*[100 + (i * 7919) % 23 for i in range(120)]))

    image = Image.open(BytesIO(data))
    assert (image.format, image.mode, image.size) == ("PNG", "P", (WIDTH, HEIGHT))
    assert len(image.convert("RGB").getcolors()) <= 16
    assert len(data) <= 20_000


@pytest.mark.parametrize(("dark", "look"), [(True, DARK), (False, LIGHT)], ids=["dark", "light"])
def test_the_ground_is_the_one_the_chat_chose(dark, look):
    image = picture(candles(1.0, 2.0, dark=dark)).convert("RGB")

    assert image.getpixel((2, 2)) == look.ground


def test_a_candle_that_rose_is_hollow_and_one_that_fell_is_filled():
    rose = pixels(candles(100.0, 120.0), DARK.up)
    fell = pixels(candles(120.0, 100.0), DARK.down)

    assert len(fell) > 3 * len(rose) > 0


def test_a_hole_in_the_bars_stays_a_hole():
    whole = candles(*[100.0 - i for i in range(20)])
    holed = CandleChart("t", "a", "f", bars=whole.bars[:5] + whole.bars[15:], interval="1h")

    columns = sorted({x for x, _ in pixels(holed, DARK.down)})
    assert max(b - a for a, b in pairwise(columns)) > WIDTH / 4


@pytest.mark.parametrize("price", [5.0, 0.00001234, 1e11], ids=["plain", "tiny", "huge"])
def test_the_last_price_stands_whole_inside_the_picture(price):
    tag = pixels(candles(price, price), DARK.ink)
    right = max(x for x, y in tag if y > 100)

    assert right < WIDTH - 4


def test_a_candle_without_a_body_is_still_seen():
    assert len(pixels(candles(5.0, 5.0), DARK.up)) > 20


def test_nothing_liquidated_is_one_zero_and_no_scale():
    axis = money_axis(WORDS, [0.0, 0.0], zero=True)

    assert [text for _, text in axis.marks] == ["$0"]


def test_amounts_both_ways_are_written_without_a_sign():
    axis = money_axis(WORDS, [4e6, -4e6], zero=True, signed=False)

    assert [text for _, text in axis.marks] == ["$4 M", "$2 M", "$0", "$2 M", "$4 M"]


def test_the_running_sum_ends_with_the_last_final_day():
    line = pixels(flows(9e6, 8e6, 7e6, partial=True), DARK.line)
    whole = pixels(flows(9e6, 8e6, 7e6), DARK.line)
    inside = range(200, WIDTH - 200)

    ends = [max(x for x, y in drawn if y > 150 and x in inside) for drawn in (line, whole)]
    assert ends[0] < ends[1] - 100


def test_a_zone_is_a_band_right_across_in_the_colour_of_its_side():
    chart = candles(100.0, 101.0, zones=(ZoneMark(104.0, 106.0, "105 round", True),))
    band = pixels(chart, DARK.resistance_band)

    assert max(x for x, _ in band) - min(x for x, _ in band) > WIDTH / 2
    assert pixels(chart, DARK.support_band) == []


def test_a_partial_day_is_hatched():
    final, partial = (
        len(pixels(flows(9e6, 8e6, partial=hatched), DARK.up)) for hatched in (False, True)
    )

    assert 0.2 * final < partial < 0.9 * final


def test_longs_go_down_and_shorts_go_up():
    chart = liquidations((5e6, 3e6), (4e6, 1e6))
    longs, shorts = pixels(chart, DARK.down), pixels(chart, DARK.up)

    assert max(y for _, y in shorts) < min(y for _, y in longs)


def test_a_picture_without_bars_says_its_words_instead():
    told = CandleChart("ABC", "There is nothing to draw", "f")

    assert len(pixels(told, DARK.dim)) > len(pixels(CandleChart("ABC", "", "f"), DARK.dim))


numbers = st.one_of(
    st.floats(0.0, 1e12), st.sampled_from([0.0, 1e-9, 5.0, 1e12, float("nan"), float("inf")])
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), max_size=6), st.lists(numbers))
@example([(0.0, 0.0, 0.0, 38019519.0)], [])  # a body outside its own low and high
def test_whatever_the_figures_there_is_a_picture(rows, places):
    bars = tuple(Bar(START + i * HOUR, *row) for i, row in enumerate(rows))
    zones = tuple(ZoneMark(p, p, "zone", i % 2 == 0) for i, p in enumerate(places))
    hours = tuple(LiquidationBar(bar.at, bar.open, bar.high) for bar in bars)
    days = tuple(FlowBar(date(2030, 1, 7) + i * DAY, -row[0]) for i, row in enumerate(rows))

    for chart in (
        CandleChart("t", "alt", "f", bars=bars, zones=zones),
        FlowChart("t", "alt", "f", bars=days),
        LiquidationChart("t", "alt", "f", bars=hours, price=tuple((b.at, b.low) for b in bars)),
    ):
        assert picture(chart).size == (WIDTH, HEIGHT)


@given(
    st.lists(st.floats(0, 500), min_size=1, max_size=10).map(sorted),
    st.floats(10, 50),
)
def test_labels_never_overlap_and_stay_inside_when_there_is_room(wanted, height):
    placed = spread(wanted, height, 0, 500)

    assert all(b - a >= height - 1e-6 for a, b in pairwise(placed))
    assert min(placed) >= 0
    assert max(placed) <= 500 + 1e-6


def test_labels_with_room_stand_where_they_want_to():
    assert spread([10, 100, 300], 40, 0, 500) == [10, 100, 300]


def test_two_labels_in_one_place_move_apart_by_the_same():
    assert spread([100, 100], 40, 0, 500) == [80, 120]


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12))
def test_axis_figures_are_few_inside_and_told_apart(low, span):
    values, digits = round_values(low, low + span)
    if low + span - low < abs(low) * 1e-9:
        return  # nearer together than a float can tell

    assert 1 <= len(values) <= 7
    assert all(low - span * 1e-6 <= v <= low + span * (1 + 1e-6) for v in values)
    if digits <= 8:
        assert len({WORDS.number(v, digits) for v in values}) == len(values)


@given(st.integers(2, 20 * 365 * 24))
def test_axis_times_are_few_round_and_inside(hours):
    last = START + timedelta(hours=hours)
    marks = times(START, last)

    assert 1 <= len(marks) <= 7
    assert all(START <= at <= last and at.minute == 0 for at in marks)


@pytest.mark.parametrize(
    ("step", "at", "label"),
    [
        (HOUR, START.replace(hour=3), "03:00"),
        (HOUR, START, "7 Jan"),
        (7 * DAY, START, "7 Jan"),
        (31 * DAY, START.replace(day=1, month=4), "Apr"),
        (31 * DAY, START.replace(day=1), "2030"),
    ],
    ids=["hour", "midnight", "Monday", "month", "January"],
)
def test_a_time_is_written_by_what_tells_it_from_its_neighbours(step, at, label):
    assert time_label(WORDS, at, step) == label


@pytest.mark.parametrize(
    ("value", "label"),
    [(0.0, "$0"), (-5e8, "−$500 M"), (1.5e9, "$1.5 bn"), (2.5e5, "$250 k"), (1.25e9, "$1.25 bn")],
)
def test_axis_money_has_no_digits_it_does_not_need(value, label):
    assert dollars(WORDS, value) == label


def test_a_flat_price_stands_in_the_middle():
    y = Plot(0, 0, 10, 100).scale(5.0, 5.0)

    assert y(5.0) == pytest.approx(50.0)


@pytest.mark.parametrize("text", ["−$€%≥·–“”…", "äöüßéñçøåğışłżő", "Привет,Київ", "Ελλάδα", "ếộ"])
def test_the_font_has_every_letter_of_the_languages_drawn(text):
    absent = bytes(font(30).getmask("\U000f0000"))

    assert [c for c in text if bytes(font(30).getmask(c)) == absent] == []


def test_a_title_too_long_is_cut_with_an_ellipsis():
    short = cut("wide " * 100, 30, 400)

    assert short.endswith("…")
    assert width(short, 30) <= 400


async def test_everybody_who_asks_at_once_gets_one_drawing():
    chart = candles(1.0, 2.0, 3.0)
    async with Charts() as charts:
        first, *others = await asyncio.gather(*(charts.draw(chart) for _ in range(10)))

        assert charts.drawn == 1
        assert all(other is first for other in others)
        assert await charts.draw(chart) is first


async def test_a_chart_that_shows_something_else_is_drawn_anew():
    async with Charts() as charts:
        await charts.draw(candles(1.0, 2.0))
        await charts.draw(candles(1.0, 2.5))

        assert charts.drawn == 2


async def test_only_so_many_pictures_are_kept():
    async with Charts(kept=2) as charts:
        for last in (2.0, 3.0, 4.0, 3.0, 2.0):
            await charts.draw(candles(1.0, last))

        assert charts.drawn == 4


async def test_who_stops_waiting_does_not_stop_the_drawing_for_others():
    chart = candles(*range(1, 100))
    async with Charts() as charts:
        impatient = asyncio.create_task(charts.draw(chart))
        patient = asyncio.create_task(charts.draw(chart))
        await asyncio.sleep(0)
        impatient.cancel()

        assert (await patient).startswith(b"\x89PNG")
        assert charts.drawn == 1


async def test_a_drawing_that_fails_fails_for_its_asker_and_is_tried_again():
    broken = CandleChart("t", "a", "f", locale="not a locale", bars=(Bar(START, 1, 1, 1, 1),))
    async with Charts() as charts:
        for _ in range(2):
            with pytest.raises(ValueError, match="locale"):
                await charts.draw(broken)

        assert charts.drawn == 0


def test_labels_of_zones_stand_beside_the_picture_and_never_behind_the_last_price():
    zones = (ZoneMark(100.4, 100.4, "$100 above", True), ZoneMark(99.6, 99.6, "$99 below", False))
    chart = candles(99.0, 101.0, 100.0, zones=zones)
    tag = [(x, y) for x, y in pixels(chart, DARK.ink) if y > 100 and x > WIDTH - 200]
    top, bottom = min(y for _, y in tag), max(y for _, y in tag)
    left = min(x for x, _ in tag) + 12
    above = [y for x, y in pixels(chart, DARK.resistance) if x > left]
    below = [y for x, y in pixels(chart, DARK.support) if x > left]

    assert above
    assert below
    assert max(above) < top
    assert min(below) > bottom
