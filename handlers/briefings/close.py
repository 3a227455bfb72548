"""After New York has closed: the session, and whether the ETF day has a result yet."""

from config.watchlist import Asset
from handlers.briefing import Briefing
from handlers.desk import Desk
from handlers.facts import facts
from handlers.quoted import quoted
from handlers.reply import Reply
from handlers.telling.page import page
from handlers.telling.session import etf_day, session
from handlers.telling.spans import DAY
from handlers.words import Words


async def compose(desk: Desk, asset: Asset, words: Words) -> Reply:
    known = await facts(desk.market, asset, desk.now())
    extra = (*await session(words, desk.market, asset, desk.now()), *etf_day(words, known))
    return page(words, known, DAY, extra, await quoted(words, desk.market, asset))


BRIEFING = Briefing("close", "US close briefing", "The US session and the ETF day", compose)
