"""The last seven days: the week's flows, the weekly RSI, and how price stands to the 200-week average."""

from config.watchlist import Asset
from handlers.briefing import Briefing
from handlers.desk import Desk
from handlers.facts import facts
from handlers.quoted import quoted
from handlers.reply import Reply
from handlers.telling.page import page
from handlers.telling.spans import WEEK
from handlers.telling.week import long_average
from handlers.words import Words


async def compose(desk: Desk, asset: Asset, words: Words) -> Reply:
    known = await facts(desk.market, asset, desk.now())
    also = await quoted(words, desk.market, asset)
    return page(words, known, WEEK, long_average(words, known), also)


BRIEFING = Briefing("weekly", "Weekly briefing", "Seven days: flows, weekly RSI, averages", compose)
