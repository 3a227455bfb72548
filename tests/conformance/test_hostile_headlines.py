"""Headlines that want to be more than words, from a feed to the screens of both platforms."""

import re
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

import pytest
import pytest_asyncio
from aiohttp import web

from bot.demo.scenario import FIRST
from bot.demo.world import World, serve
from tests.conformance.home import ANN, BOB, GROUP, TEXT, at_home, frozen, platforms, rows, said

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]

POLICY = (
    "No bailout of crypto <b>assets</b> @everyone @here @ann <@&777> <@500> \u202egnihtemos\u200b **x** "
    "<script>y</script>"
)
PRESS = (
    ("<b>Bold</b> &amp; <i>brave</i> </blockquote></b><a href='tg://user?id=11'>Ann</a>",
     "https://example.org/1"),
    ("@everyone @here <@500> <@&777> <#301> [free](javascript:alert(1)) `code` ||hidden||", "https://example.org/2?a=1&b=(2)"),
    ("\u202eeman eht si rotceriD\u202c \u2066a\u2069 z\u200be\u200cr\u200do\ufeff w\u2060idth مرحبا", "https://example.org/3"),
)  # fmt: skip
EMOJI = ("🚀" * 5_000, "https://example.org/4")
TRAPS = (
    ("A link that runs", "javascript:alert(1)"), ("A link with data", "data:text/html,x"),
    ("A link with a password", "https://u:p@example.org/"), ("A link home", "tg://user?id=11"),
)  # fmt: skip


def feed(stories) -> str:
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><guid>{n}</guid>"
        f"<pubDate>{format_datetime(FIRST - timedelta(minutes=9 + n))}</pubDate>"
        f"<description>{escape(title)}</description></item>"
        for n, (title, link) in enumerate(stories)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
    )


@asynccontextmanager
async def hostile(addresses):
    """The demo world's addresses, but for three feeds that somebody else writes."""
    pages = {
        "treasury_rss_url": feed([(POLICY, "https://example.org/0")]),
        "decrypt_rss_url": feed(PRESS),
        "coindesk_rss_url": feed([EMOJI, *TRAPS]),
    }
    app = web.Application()
    for name, page in pages.items():

        async def answer(_, page=page):
            return web.Response(text=page, content_type="application/rss+xml")

        app.router.add_get(f"/{name}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield addresses.model_copy(update={name: f"http://{host}:{port}/{name}" for name in pages})
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(shared, tmp_path_factory):
    world = World(frozen)
    async with (
        platforms(shared) as rigs,
        serve(world) as theirs,
        hostile(theirs) as addresses,
        at_home(rigs, world, addresses, tmp_path_factory.mktemp("hostile")) as home,
    ):
        home.telegram.rig.users[ANN]["username"] = "ann"
        yield home
        assert home.telegram.rig.violations == []
        assert home.discord.rig.violations == []
        assert home.discord.rig.timings()["pending"] == []


def read(text: str) -> str:
    """What a person sees: without the marks that keep a name from ringing."""
    return text.replace("\u2060", "").replace("\u200b", "")


def links(message) -> list[str]:
    return [e["url"] for e in message.get("entities", ()) if e["type"] == "text_link"]


async def on_telegram(home, line):
    """In a group, where somebody could be rung."""
    message = await home.telegram.ask(GROUP, BOB, line)
    kinds = {entity["type"] for entity in message.get("entities", ())}
    assert not kinds & {"mention", "text_mention", "hashtag", "cashtag", "spoiler"}
    assert all(url.startswith("https://") for url in links(message))
    assert "\u202e" not in said(message)
    return message


async def on_discord(home, line):
    message = await home.discord.slash(line, where=TEXT)
    assert message["_allowed_mentions"] == {"parse": []}
    whole = str(message["embeds"]) + (message.get("content") or "")
    for ping in ("@everyone", "@here", "<@500>", "<@&777>", "<#301>"):
        assert ping not in whole
    assert "\u202e" not in whole
    return message


async def test_news_on_telegram_are_words_and_ring_nobody(home):
    message = await on_telegram(home, "/news")
    text = read(said(message))

    assert "@everyone @here" in text
    assert "zero width مرحبا" in text
    assert "🚀🚀🚀" in text
    assert len(text.encode("utf-16-le")) // 2 <= 4096
    assert "https://example.org/2?a=1&b=%282%29" in links(message)
    assert not any(link.startswith(("javascript", "tg", "data")) for link in links(message))
    assert not any("A link" in line for line in text.split("\n"))  # nothing to trust about those
    bold = [e for e in message["entities"] if e["type"] in ("bold", "italic")]
    assert not any("brave" in said(message)[e["offset"] : e["offset"] + e["length"]] for e in bold)


async def test_news_on_discord_are_words_and_ring_nobody(home):
    message = await on_discord(home, "news")
    text = read(said(message))

    assert "🚀🚀🚀" in text
    assert "مرحبا" in text
    for embed in message["embeds"]:
        ends = re.findall(r"(?<!\\)\]\((\w+):", embed.get("description", ""))
        assert set(ends) <= {"https"}  # a bracket that is not escaped ends a link
    assert sum(len(e.get("description", "")) for e in message["embeds"]) <= 6000


async def test_a_briefing_quotes_policy_word_for_word_and_rings_nobody(home):
    telegram = await on_telegram(home, "/brief")
    discord = await on_discord(home, "brief")

    for text in (read(said(telegram)), read(said(discord))):
        quoted = text.partition("“")[2].partition("”")[0]
        assert quoted.startswith("No bailout of crypto")
        assert "@everyone @here" in quoted
        assert "— US Treasury" in text
    assert rows(telegram)


async def test_a_word_of_a_headline_is_found_and_named_harmlessly(home):
    told = await on_telegram(home, "/news <b>@everyone</b>")
    assert "<b>@everyone</b>" in read(said(told))
    found = await home.discord.slash("news", {"word": "<@500> @everyone"})
    assert found["_allowed_mentions"] == {"parse": []}
    assert "<@500>" not in str(found["embeds"])
