"""When something breaks: what broke, the last 48 hours, who was liquidated, the next levels."""

from config.watchlist import Asset
from handlers.briefing import Briefing
from handlers.desk import Desk
from handlers.reply import Reply
from handlers.telling.flash import flash
from handlers.words import Words


async def compose(desk: Desk, asset: Asset, words: Words) -> Reply:
    return await flash(desk, asset, words)


BRIEFING = Briefing(
    "flash", "Flash briefing", "The last 48 hours when something breaks", compose, scheduled=False
)
