"""
The Block: the data behind its public charts of spot fund flows, by fund, since January 2024; no key.

GET https://data.tbstat.com/dashboard/markets_structuredproducts_btcspotetfflows_daily_other.json. Undocumented and
static; may be a day late. Points carry their trade date and no time of publication: told as of when it was fetched.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from config.watchlist import Asset
from providers.errors import UnknownSymbol
from providers.flow_days import asset_of, by_fund_days, honest, total_days
from providers.payload import decoded, moment, number, rows, table, understood
from providers.seen import Seen
from providers.types import FlowDay, Reading
from providers.upstream import Upstream

NAME = "theblock"
KEEP = timedelta(days=2)
FRESH = timedelta(minutes=3)


class TheBlock:
    """Flows."""

    name = "The Block"

    def __init__(self, upstream: Upstream, now: Callable[[], datetime]) -> None:
        self._upstream = upstream
        self._now = now

    async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        coin = asset.at(NAME)
        if coin is None:
            raise UnknownSymbol(NAME, f"no funds for {asset.symbol}")
        now = self._now()
        answer = await self._upstream.get(
            f"/markets_structuredproducts_{coin}spotetfflows_daily_other.json",
            {},
            parse_flows,
            fresh=FRESH,
            keep=KEEP,
        )
        return answer.map(lambda days: honest(days, now))


def parse_flows(text: str) -> tuple[FlowDay, ...]:
    """A chart with one series per fund, or one whose only series is the total; oldest first."""
    body = table(decoded(text))
    if "chart" in body:
        body = table(body["chart"]["jsonFile"])
    series = {
        name.strip(): _points(table(one)) for name, one in sorted(table(body["Series"]).items())
    }
    totals = next((points for name, points in series.items() if "total" in name.lower()), None)
    funds = {name: points for name, points in series.items() if "total" not in name.lower()}
    if not funds:
        return total_days((totals or {}).items())
    dates = sorted({trade_date for points in funds.values() for trade_date in points})
    return by_fund_days(
        (d, {fund: points.get(d) for fund, points in funds.items()}, None) for d in dates
    )


def _points(series: dict[str, Any]) -> dict[date, float | None]:
    """Stamped 12:00 UTC of the trade date."""
    return {moment(row["Timestamp"]).date(): number(row["Result"]) for row in rows(series["Data"])}


def _read(text: str) -> tuple[Seen, ...]:
    days = parse_flows(text)
    asset = asset_of(fund for d in days for fund, _ in d.by_fund)
    return tuple(Seen(d, NAME, asset) for d in days)


READS: dict[str, Callable[[str], Sequence[object]]] = {"flow": understood(NAME, _read)}
