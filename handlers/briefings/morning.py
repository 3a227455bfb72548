"""The last 24 hours on one screen."""

from config.watchlist import Asset
from handlers.briefing import Briefing
from handlers.desk import Desk
from handlers.facts import facts
from handlers.quoted import quoted
from handlers.reply import Reply
from handlers.telling.page import page
from handlers.telling.spans import DAY
from handlers.words import Words


async def compose(desk: Desk, asset: Asset, words: Words) -> Reply:
    known = await facts(desk.market, asset, desk.now())
    return page(words, known, DAY, quoted=await quoted(words, desk.market, asset))


BRIEFING = Briefing("morning", "Morning briefing", "The last 24 hours on one screen", compose)
