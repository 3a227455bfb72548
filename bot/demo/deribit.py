"""Deribit in its wire form: one call with the open interest of every option."""

import math
from datetime import UTC, date, datetime, timedelta

from aiohttp import web

from bot.demo.quotes import ms
from bot.demo.scenario import chance, price
from bot.demo.world import World

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def routes(world: World) -> list[web.RouteDef]:
    async def summary(request: web.Request) -> web.Response:
        coin, now = request.query["currency"], world.now()
        if coin not in ("BTC", "ETH"):
            error = {
                "code": -32602,
                "message": "Invalid params",
                "data": {"reason": "unknown currency", "param": "currency"},
            }
            return web.json_response(
                {"jsonrpc": "2.0", "error": error, "testnet": False}, status=400
            )
        rows = [row for expiry in expiries(now.date()) for row in _chain(coin, expiry, now)]
        stamp = ms(now) * 1000
        return web.json_response(
            {
                "jsonrpc": "2.0",
                "result": rows,
                "usIn": stamp,
                "usOut": stamp + 900,
                "usDiff": 900,
                "testnet": False,
            }
        )

    async def index(request: web.Request) -> web.Response:
        coin = request.query["index_name"].split("_")[0].upper()
        paid = price(coin, world.now())
        result = {"index_price": round(paid, 2), "estimated_delivery_price": round(paid, 2)}
        return web.json_response({"jsonrpc": "2.0", "result": result, "testnet": False})

    root = "/deribit/public"
    return [
        web.get(f"{root}/get_book_summary_by_currency", summary),
        web.get(f"{root}/get_index_price", index),
    ]


def expiries(today: date) -> list[date]:
    """The next three Fridays and the last Fridays of the quarter months ahead."""
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    weekly = [friday + timedelta(weeks=i) for i in range(3)]
    quarters = []
    for ahead in range(1, 12):
        month = today.month - 1 + ahead
        first = date(today.year + month // 12, month % 12 + 1, 1)
        if first.month % 3 == 0:
            last = date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)
            quarters.append(last - timedelta(days=(last.weekday() - 4) % 7))
    return sorted({*weekly, *quarters})


def _chain(coin: str, expiry: date, now: datetime) -> list[dict[str, object]]:
    anchor = price(
        coin, datetime.combine(now.date(), datetime.min.time(), UTC) - timedelta(days=25)
    )
    step = 2000 if coin == "BTC" else 100
    middle = round(anchor / step) * step
    size = 60 if (expiry - now.date()).days < 21 else 240
    rows: list[dict[str, object]] = []
    for strike in (middle + step * i for i in range(-16, 17)):
        if strike <= 0:
            continue
        near = math.exp(-(((strike - middle) / (step * 7)) ** 2))
        for kind in ("C", "P"):
            lean = 1.2 if (kind == "C") == (strike >= middle) else 0.75
            held = round(size * near * lean * (1 + 0.5 * chance(coin, expiry, strike, kind)), 1)
            rows.append(_row(coin, expiry, strike, kind, held, now))
    return rows


def _row(
    coin: str, expiry: date, strike: int, kind: str, held: float, now: datetime
) -> dict[str, object]:
    name = f"{coin}-{expiry.day}{MONTHS[expiry.month - 1]}{expiry:%y}-{strike}-{kind}"
    return {
        "instrument_name": name, "base_currency": coin, "quote_currency": coin, "open_interest": held,
        "underlying_price": round(price(coin, now), 2), "underlying_index": f"{coin}-{expiry:%d%b%y}".upper(),
        "mark_price": 0.01, "mark_iv": 52.1, "volume": 1.0, "volume_usd": 700.0, "bid_price": None,
        "ask_price": None, "mid_price": None, "high": None, "low": None, "last": None, "price_change": None,
        "interest_rate": 0.0, "estimated_delivery_price": round(price(coin, now), 2),
        "creation_timestamp": ms(now),
    }  # fmt: skip
