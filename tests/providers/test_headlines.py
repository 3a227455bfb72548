"""Headlines: strangers' text made plain."""

import asyncio
import json
import time
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.read import answer
from config.settings import Addresses
from providers.errors import BadPayload
from providers.headlines import FEEDS, NewsFeed, canonical, parse_feed, plain
from tests.fakes import START, Clock
from tests.providers.sources import Source, payload, upstream

BOMB = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<rss version="2.0"><channel><title>&b;</title></channel></rss>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<rss version="2.0"><channel><title>&a;</title></channel></rss>"""


async def test_odd_items_are_cleaned_skipped_and_told_once(clock: Clock) -> None:
    source = Source({"/": "\ufeff" + payload("headlines/odd_items.xml")})

    items = (await NewsFeed("Odd", upstream(source, clock)).headlines()).value

    assert [(i.title, i.link) for i in items] == [
        ("From the future", "https://odd.test/f"),
        ("Padded title & more", "https://odd.test/a?id=7"),
        ("Older", "https://odd.test/o"),
    ]
    assert items[0].published_at == START
    assert items[1].published_at == datetime(2030, 3, 6, 10, tzinfo=UTC)
    assert items[1].summary == "Real words"
    assert items[2].summary == ""
    assert {i.source for i in items} == {"Odd"}


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, "<html><body>hello</body></html>", "", "{}"])
def test_bombs_and_what_is_no_feed_are_refused(text: str) -> None:
    with pytest.raises(BadPayload):
        parse_feed(text)


def feed(inside: str) -> str:
    return f'<rss version="2.0"><channel><title>c</title>{inside}</channel></rss>'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(feed("<item/>" * 20_000), id="many elements"),
        pytest.param(feed("<a>" * 50 + "</a>" * 50), id="deep"),
        pytest.param(feed("<item " + " ".join(f'a{n}="1"' for n in range(70)) + "/>"), id="wide"),
        pytest.param('<rss version="2.0"><channel>' + "<a>" * 50_000, id="unclosed and long"),
        pytest.param(feed("x" * 700_000), id="large"),
    ],
)
def test_what_would_take_seconds_to_read_is_refused(text: str) -> None:
    with pytest.raises(BadPayload):
        parse_feed(text)


async def test_a_long_feed_is_read_beside_the_event_loop(clock: Clock) -> None:
    when = "<pubDate>Wed, 06 Mar 2030 10:00:00 GMT</pubDate>"
    item = "<item><title>T</title><link>https://a.test/{n}</link>" + when + "</item>"
    source = Source({"/": feed("".join(item.format(n=n) for n in range(1000)))})
    asked = asyncio.create_task(NewsFeed("Long", upstream(source, clock)).headlines())
    longest = 0.0
    while not asked.done():
        before = time.perf_counter()
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - before)

    assert len((await asked).value) == 1000
    assert longest < 0.1


def test_half_a_feed_gives_the_items_it_has() -> None:
    text = payload("headlines/odd_items.xml")

    assert parse_feed(text[: text.index("<item><title>No date")])


@pytest.mark.parametrize(
    ("link", "clean"),
    [
        ("https://a.test/x?utm_source=r", "https://a.test/x"),
        ("HTTP://a.test/x?b=1&utm_medium=r#top", "http://a.test/x?b=1"),
        ("https://a.test/x?a=1&amp;b=2", "https://a.test/x?a=1&b=2"),
        ("javascript:alert(1)", None),
        ("//a.test/x", None),
        ("https://user:word@a.test/", None),
        ("https://[broken", None),
        (None, None),
    ],
)
def test_links_are_http_and_untracked(link: str | None, clean: str | None) -> None:
    assert canonical(link) == clean


def test_long_words_are_cut_between_words() -> None:
    assert plain("word " * 100, 22) == "word word word word…"


def test_less_than_is_not_a_tag() -> None:
    assert plain("BTC &lt; 70k &amp;amp; falling", 100) == "BTC < 70k & falling"


def test_signs_that_turn_text_around_are_removed() -> None:
    assert plain("abc\u202edef\u200b", 100) == "abcdef"


@given(st.text(), st.integers(10, 300))
def test_plain_text_is_one_line_within_its_length(markup: str, length: int) -> None:
    text = plain(markup, length)

    assert len(text) <= length
    assert "\n" not in text


def test_every_feed_has_an_address() -> None:
    addresses = Addresses()

    assert all(getattr(addresses, setting).startswith("https://") for _, setting in FEEDS)
    assert len({name for name, _ in FEEDS}) == len(FEEDS) == 8


def item(title: str, link: str = "https://a.test/1", more: str = "") -> str:
    when = "<pubDate>Wed, 06 Mar 2030 10:00:00 GMT</pubDate>"
    return f"<item><title>{title}</title><link>{link}</link>{when}{more}</item>"


@pytest.mark.parametrize(
    ("title", "more"),
    [
        pytest.param("Bonds - a plan - home.agency.test", "", id="a site"),
        pytest.param(
            "Bonds - a plan - Agency (.gov)",
            '<source url="https://home.agency.test">Agency (.gov)</source>',
            id="a name",
        ),
    ],
)
def test_the_site_that_google_news_appends_is_left_out(title: str, more: str) -> None:
    text = feed(item(title, "https://news.google.com/rss/articles/x?oc=5", more))

    assert [one.title for one in parse_feed(text)] == ["Bonds - a plan"]


def test_other_feeds_titles_may_end_with_a_site() -> None:
    text = feed(item("Why users leave - Crypto.com"))

    assert [one.title for one in parse_feed(text)] == ["Why users leave - Crypto.com"]


LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?>' + feed(item("Krönung in Zürich"))


@pytest.mark.parametrize(
    ("body", "header"),
    [
        pytest.param(LATIN.encode("latin-1"), "application/rss+xml", id="declared in the feed"),
        pytest.param(LATIN.encode(), "application/rss+xml; charset=utf-8", id="said by the header"),
        pytest.param(
            LATIN.encode("utf-16"), "application/rss+xml; charset=utf-7", id="marked in the bytes"
        ),
    ],
)
async def test_a_feed_is_read_in_its_own_encoding(body: bytes, header: str, clock: Clock) -> None:
    source = Source({"/": httpx.Response(200, content=body, headers={"content-type": header})})

    items = (await NewsFeed("Odd", upstream(source, clock)).headlines()).value

    assert [one.title for one in items] == ["Krönung in Zürich"]


def test_a_feed_in_latin_letters_is_read_from_the_command_line() -> None:
    told, status = answer("headlines", "headline", LATIN.encode("latin-1"))

    assert status == 0
    assert json.loads(told)[0]["title"] == "Krönung in Zürich"
