"""News feeds as their makers write them, each with its own quirks. The headlines are invented."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

from aiohttp import web

from bot.demo.world import World

# (hours before now, headline, summary); told again from the newest hour on, so there is always fresh news.
STORIES = {
    "coindesk_rss": (
        (
            1,
            "Bitcoin slides under round number as longs are forced out",
            "Sellers took the lead in thin trading.",
        ),
        (
            5,
            "ETF holders sit below their average entry, desks say",
            "Fund investors are under water on average.",
        ),
        (11, "Miners' margins shrink as price falls", "Hash price is at its lowest of the year."),
    ),
    "cointelegraph_rss": (
        (
            2,
            "Analysts eye the 200-week average as the next support",
            "Chart watchers wait for a close.",
        ),
        (
            7,
            "Traders & market makers brace for <volatility>",
            "Options desks see more demand for puts.",
        ),
    ),
    "theblock_rss": (
        (
            3,
            "Spot bitcoin ETFs see net outflows for a second week",
            "Daily figures are still coming in.",
        ),
        (9, "Stablecoin supply steady while prices fall", "Issuers report no unusual redemptions."),
    ),
    "decrypt_rss": (
        (
            4,
            "What is a long squeeze, and is this one?",
            "Leverage, liquidations and falling open interest.",
        ),
    ),
    "fed_rss": (
        (26, "Federal Reserve Board issues minutes of its discount rate meetings", "Minutes"),
    ),
    "sec_rss": (
        (30, "SEC Names New Chief Accountant", "The Commission announced an appointment."),
    ),
    "house_rss": (
        (
            6,
            "Committee hears the Treasury Secretary on financial stability",
            "Members asked about digital assets.",
        ),
    ),
    "treasury_rss": (
        (6, "Secretary testifies: no bailout of crypto assets - home.treasury.gov", "Testimony"),
    ),
}


def routes(world: World) -> list[web.RouteDef]:
    def feed(name: str) -> web.RouteDef:
        async def handler(request: web.Request) -> web.Response:
            now = world.now()
            tag = f'"{name}-{now:%Y%m%d%H}"'
            if request.headers.get("If-None-Match") == tag:
                return web.Response(status=304, headers={"ETag": tag})
            body = _rss(name, now)
            return web.Response(
                body=body, content_type="application/rss+xml", headers={"ETag": tag}
            )

        return web.get(f"/{name}", handler)

    return [feed(name) for name in STORIES]


def _rss(name: str, now: datetime) -> bytes:
    hour = now.replace(minute=0, second=0, microsecond=0)
    items = "".join(
        _item(name, i, hour - timedelta(hours=age), *story)
        for i, (age, *story) in enumerate(STORIES[name])
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{name}</title><link>{_home(name)}</link><description>x</description>{items}</channel></rss>"
    )
    return (b"\xef\xbb\xbf" if name == "fed_rss" else b"") + text.encode()


def _home(name: str) -> str:
    """The Treasury is heard of through Google News."""
    return "https://news.google.com/search" if name == "treasury_rss" else "https://example.org/"


def _item(name: str, index: int, at: datetime, title: str, summary: str) -> str:
    link = f"https://example.org/{name}/{at:%Y%m%d%H}-{index}?utm_source=rss&utm_medium=rss"
    tail = "<dc:description/><content:encoded/>" if name == "coindesk_rss" else ""
    return (
        f'<item><title>{escape(title)}</title><guid isPermaLink="false">{name}-{at:%Y%m%d%H}-{index}</guid>'
        f"<link>{escape(link)}</link><pubDate>{format_datetime(at)}</pubDate>"
        f"<description><![CDATA[<p>{escape(summary)}</p>]]></description>{tail}</item>"
    )
