"""What people see on Telegram, and that nothing from outside can disturb it."""

from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.columns import columns, width
from bot.render.telegram import CAPTION_LIMIT, MESSAGE_LIMIT, pages, title_page, units
from bot.render.text import clean, plain
from handlers.reply import (
    Button,
    CandleChart,
    Choice,
    Code,
    Details,
    Link,
    Moment,
    Prompt,
    Reply,
    Select,
    Strong,
    Table,
    Text,
    text,
)

NOON = datetime(2030, 3, 6, 12, 0, tzinfo=UTC)
HOSTILE = (
    "<b>",
    "</b></pre>",
    "&amp;&lt",
    "@everyone",
    "@here and me@example.com",
    "😀" * 5000,
    "👩‍👩‍👧" * 40,
    "\u202eevil\u2066",
    "مرحبا بالعالم",
    "a\u200bb\u200d\ufeff",
    "\ud800 lone",
    "\x00\x07\x1b[31m",
    "line\nbreak\r\n\ttab",
    "#tag " * 300,
    "https://example.org/x?y=1&z=2 " * 60,
    "w" * 9000,
    " " * 5000,
    "<pre>" * 900,
    '" onclick="x',
    "",
)
strings = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(codec=None), max_size=80),
    st.text(max_size=3000),
)
urls = st.one_of(strings, st.just("https://example.org/?a=1&b=2"), st.just("tg://user?id=1"))
parts = st.one_of(
    strings,
    st.builds(Strong, strings),
    st.builds(Code, strings),
    st.builds(Link, strings, urls),
    st.builds(Moment, st.just(NOON), strings),
)
lines = st.lists(parts, max_size=4).map(tuple)
many_lines = st.lists(lines, max_size=6).map(tuple)
rows = st.lists(st.lists(strings, max_size=3).map(tuple), max_size=5).map(tuple)
blocks = st.one_of(
    st.builds(Text, many_lines),
    st.builds(
        Table, rows, st.lists(strings, max_size=3).map(tuple), st.sampled_from(("", "<>", ">>>"))
    ),
    st.builds(Details, strings, many_lines),
)
replies = st.builds(Reply, strings, st.lists(blocks, max_size=4).map(tuple), many_lines)

TAGS = {"b", "i", "code", "pre", "a", "blockquote"}


class Reader(HTMLParser):
    """Reads our HTML as Telegram would: known tags, closed in order; keeps the text and what is in monospace."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.free = ""  # outside monospace, where "@name" would ring
        self.entities = 0

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS
        if tag == "a":
            ((name, url),) = attrs
            assert name == "href"
            assert url.startswith(("http://", "https://"))
        elif tag == "blockquote":
            assert attrs == [("expandable", None)]
        else:
            assert attrs == []
        self.open.append(tag)
        self.entities += 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if not {"pre", "code"} & set(self.open):
            self.free += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@settings(max_examples=150, deadline=None)
@given(replies, st.sampled_from((MESSAGE_LIMIT, CAPTION_LIMIT)))
def test_no_page_is_too_long_malformed_or_pings_anyone(reply, limit):
    for page in pages(reply, limit):
        reader = read(page.html)

        assert reader.text == page.plain
        assert 0 < units(page.plain) <= limit
        assert reader.entities <= 100
        assert not any(f"@{letter}" in reader.free for letter in "ehm")
        page.html.encode()
        assert "\x00" not in page.html


@settings(max_examples=100, deadline=None)
@given(replies)
def test_pages_together_say_everything(reply):
    def letters(words: str) -> str:
        return "".join(c for c in words if c.isprintable() and not c.isspace()).strip("–")

    together = letters("".join(page.plain for page in pages(reply)))
    said = letters(plain(Reply(reply.title, reply.blocks, reply.footer)))

    assert together == said


@settings(deadline=None)
@given(rows, st.text("<>", max_size=4))
def test_columns_never_lose_a_cell(table, align):
    result = columns(Table(table, align=align))

    assert len(result) == len(table)
    for line, row in zip(result, table, strict=True):
        for cell in row:
            assert cell.rstrip() in line


def test_a_reply_looks_like_this():
    reply = Reply(
        "BTC $70,412",
        (
            text("Up & away", (Strong("3 %"), " since ", Moment(NOON, "12:00 UTC"))),
            Table((("IBIT", "−120"), ("FBTC", "7")), head=("Fund", "$M"), align="<>"),
            Details("How", (("Closes <only>, see ", Link("docs", "https://example.org/a?b&c")),)),
            text(("Try ", Code("/price btc"))),
        ),
        footer=(("Binance · now",),),
    )

    (page,) = pages(reply)

    assert page.html == (
        "<b>BTC $70,412</b>\n\n"
        "Up &amp; away\n<b>3 %</b> since 12:00 UTC\n\n"
        "<pre>Fund    $M\nIBIT  −120\nFBTC     7</pre>\n\n"
        "<blockquote expandable><b>How</b>\nCloses &lt;only&gt;, see "
        '<a href="https://example.org/a?b&amp;c">docs</a></blockquote>\n\n'
        "Try <code>/price btc</code>\n\n"
        "<i>Binance · now</i>"
    )
    assert unescape(page.plain) == page.plain


def test_a_block_moves_to_the_next_message_whole():
    block = text(*(f"line {n} " + "x" * 60 for n in range(40)))

    first, second = pages(Reply("Title", (block, block)))

    assert first.plain.count("line 0") == second.plain.count("line 0") == 1
    assert second.plain.startswith("line 0")


def test_a_table_longer_than_a_message_is_cut_between_rows():
    table = Table(tuple((f"row{n}", "v" * 40) for n in range(200)))

    result = pages(Reply("Long", (table,)))

    assert len(result) > 1
    assert all(page.html.endswith("</pre>") for page in result)
    assert result[1].html.startswith("<pre>row")


def test_the_page_before_a_long_block_is_filled():
    first, *_ = pages(Reply("Title", (text(*(["word " * 20] * 100)),)))

    assert first.html.startswith("<b>Title</b>\n\nword ")


def test_many_bold_words_are_spread_before_telegram_drops_them():
    line = tuple(part for n in range(250) for part in (Strong(f"b{n}"), " "))

    result = pages(Reply("Bold", (Text((line,)),)))

    assert len(result) == 3
    assert all(page.html.count("<b>") <= 100 for page in result)


def test_a_message_without_anything_to_see_is_still_a_message():
    assert [page.html for page in pages(Reply("\u200b", (text(" "),)))] == ["–"]
    assert [page.html for page in pages(Reply(""))] == ["–"]


def test_a_title_page_is_the_title_alone():
    page = title_page(Reply("T" * 2000, (text("never"),)))

    assert page.plain == "T" * 1023 or page.plain == "T" * 1024 or len(page.plain) >= 960
    assert "never" not in page.plain


@pytest.mark.parametrize("url", ["javascript:alert(1)", "tg://user?id=7", "https://", "http://[x"])
def test_a_link_that_is_no_web_address_shows_only_its_text(url):
    (page,) = pages(Reply("", (text((Link("here", url),)),)))

    assert page.html == "here"


def test_wide_characters_take_two_cells():
    assert width("比特币") == 6
    assert width("e\u0301") == 1
    assert columns(Table((("比特币", "1"), ("BTC", "20")), align="<>")) == (
        "比特币   1",
        "BTC     20",
    )


def test_clean_keeps_people_s_words_and_drops_what_would_disturb():
    assert clean("Ünïcode مرحبا 👩‍👩‍👧 −3 %") == "Ünïcode مرحبا 👩‍👩‍👧 −3 %"
    assert clean("a\r\nb\x00\u202ec\ud83d") == "a bc\ufffd"


def test_plain_text_names_the_commands_behind_the_buttons():
    reply = Reply(
        "BTC",
        (text("one"),),
        footer=(("src",),),
        controls=(
            (
                Button("4h", "chart btc 4h"),
                Prompt("Add", "Rule", "what", "alert add {answer}", "btc 70k"),
            ),
        ),
        selects=(Select("Zone", (Choice("UTC", "settings zone UTC", chosen=True),)),),
        chart=CandleChart("c", "BTC fell", "f"),
    )

    assert plain(reply, controls=True) == (
        "BTC\n\n[BTC fell]\n\none\n\nsrc\n\n"
        "[4h] /chart btc 4h\n[Add] /alert add btc 70k\n[✓ UTC] /settings zone UTC"
    )
