"""
Farside Investors: daily fund flows by fund, read from the public page https://farside.co.uk/btc/; no key.

Figures are US$ million. The site refuses plain clients at times; it is the last resort and off by default. Rows carry
their trade date and the page no time: told as of when it was fetched.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from selectolax.lexbor import LexborHTMLParser, LexborNode

from config.watchlist import Asset
from providers.errors import ProviderError, Unavailable, UnknownSymbol
from providers.flow_days import SUMMED, Row, asset_of, by_fund_days, honest
from providers.payload import most, understood
from providers.seen import Seen
from providers.types import FlowDay, Reading
from providers.upstream import Upstream

NAME = "farside"
KEEP = timedelta(days=2)
FRESH = timedelta(minutes=15)  # a page for people: seldom, and only while a report is due
MILLION = 1e6

_TICKER = re.compile(r"[A-Z][A-Z0-9]{2,5}")
_DATE = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}")


class Farside:
    """Flows: about the last fifteen days."""

    name = "Farside"

    def __init__(self, upstream: Upstream, now: Callable[[], datetime]) -> None:
        self._upstream = upstream
        self._now = now

    async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        page = asset.at(NAME)
        if page is None:
            raise UnknownSymbol(NAME, f"no page for {asset.symbol}")
        now = self._now()
        answer = await self._upstream.get(f"/{page}/", {}, parse_flows, fresh=FRESH, keep=KEEP)
        return answer.map(lambda days: honest(days, now))


def parse_flows(text: str) -> tuple[FlowDay, ...]:
    """
    The table's dated rows, oldest first, USD; one whose funds do not add up to its total is left out, and a total
    of 0.0 has not been added up yet. Raises Unavailable for the challenge page and ValueError when most rows do
    not add up: then columns have moved.
    """
    challenged = refusal(200, {}, text)
    if challenged is not None:
        raise challenged
    lines = [_cells(line) for line in LexborHTMLParser(text).css("table.etf tr")]
    funds = _tickers(lines)
    dated = [line for line in lines if line and _DATE.fullmatch(line[0])]
    if not dated:
        raise ValueError("a table without a dated row")
    return by_fund_days(most(dated, partial(_row, funds)))


def refusal(_status: int, _headers: Mapping[str, str], text: str) -> ProviderError | None:
    """The challenge page, which some clients get with HTTP 403 and some with 200."""
    if "<title>Just a moment" in text or "challenge-platform" in text:
        return Unavailable(NAME, "the site asks for a browser", retry_after=timedelta(hours=1))
    return None


def _tickers(lines: Sequence[Sequence[str]]) -> Sequence[str]:
    """The heading that names funds; the other headings hold logos and fees."""
    heading = max(lines, key=lambda line: sum(map(bool, map(_TICKER.fullmatch, line))), default=[])
    funds = heading[1:-1]
    if not funds or not all(map(_TICKER.fullmatch, funds)):
        raise ValueError("no heading names the funds")
    return funds


def _row(funds: Sequence[str], line: Sequence[str]) -> Row:
    if len(line) != len(funds) + 2:
        raise ValueError("a row does not fit the heading")
    figures = {fund: _usd(cell) for fund, cell in zip(funds, line[1:-1], strict=True)}
    total = _usd(line[-1])
    known = [usd for usd in figures.values() if usd is not None]
    if known and total and abs(sum(known) - total) > SUMMED:
        raise ValueError("the funds do not add up to the total")
    return _trade_date(line[0]), figures, total


def _trade_date(words: str) -> date:
    return datetime.strptime(words, "%d %b %Y").date()  # noqa: DTZ007 – a trade date has no zone


def _usd(cell: str) -> float | None:
    """ "(1,113.7)" is −1,113.7 M; a dash has not been reported."""
    if cell in ("", "-", "–"):
        return None
    figure = float(cell.strip("()").replace(",", "")) * MILLION
    return -figure if cell.startswith("(") else figure


def _cells(line: LexborNode) -> list[str]:
    return [cell.text(strip=True) for cell in line.css("th, td")]


def _read(text: str) -> tuple[Seen, ...]:
    days = parse_flows(text)
    asset = asset_of(fund for d in days for fund, _ in d.by_fund)
    return tuple(Seen(d, NAME, asset) for d in days)


READS: dict[str, Callable[[str], Sequence[object]]] = {"flow": understood(NAME, _read)}
