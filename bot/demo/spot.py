"""Coinbase, Kraken and Bitstamp in their wire forms: spot prices and candles."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bot.demo.quotes import day, listed, listed_abroad, ms, text, venue_price
from bot.demo.scenario import candles
from bot.demo.world import World, socket
from providers.types import Candle, Interval

COINBASE = {60: Interval.M1, 900: Interval.M15, 3600: Interval.H1, 86400: Interval.D1}
KRAKEN = {
    1: Interval.M1,
    15: Interval.M15,
    60: Interval.H1,
    240: Interval.H4,
    1440: Interval.D1,
    10080: Interval.W1,
}
BITSTAMP = {
    60: Interval.M1,
    900: Interval.M15,
    3600: Interval.H1,
    14400: Interval.H4,
    86400: Interval.D1,
}
PAIRS = {"XBTUSD": "XXBTZUSD", "ETHUSD": "XETHZUSD", "XDGUSD": "XDGUSD"}


def routes(world: World) -> list[web.RouteDef]:
    return [*_coinbase(world), *_kraken(world), *_bitstamp(world)]


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _from_text(value: str) -> datetime:
    if value.replace(".", "").isdigit():
        return datetime.fromtimestamp(float(value), UTC)
    return datetime.fromisoformat(value).astimezone(UTC)


def _coinbase(world: World) -> list[web.RouteDef]:
    products = listed("coinbase")

    async def bars(request: web.Request) -> web.Response:
        query, now = request.query, world.now()
        if request.match_info["id"] not in products:
            return web.json_response({"message": "NotFound"}, status=404)
        seconds = int(query["granularity"])
        end = _from_text(query["end"]) if {"start", "end"} <= query.keys() else now
        start = (
            _from_text(query["start"])
            if {"start", "end"} <= query.keys()
            else end - timedelta(seconds=300 * seconds)
        )
        count = round((end - start).total_seconds() / seconds)
        if count > 300:
            message = "granularity too small for the requested time range. Count of aggregations requested exceeds 300"
            return web.json_response({"message": message}, status=400)
        found = candles(
            products[request.match_info["id"]], COINBASE[seconds], end, max(count, 1), now
        )
        rows = [
            [round(b.opened_at.timestamp()), b.low, b.high, b.open, b.close, b.volume]
            for b in reversed(found)
        ]
        return web.json_response([r for r in rows if r[0] >= start.timestamp()])

    async def ticker(request: web.Request) -> web.Response:
        if request.match_info["id"] not in products:
            return web.json_response({"message": "NotFound"}, status=404)
        paid = venue_price("coinbase", products[request.match_info["id"]], world.now())
        body = {
            "ask": text(paid * 1.00001), "bid": text(paid * 0.99999), "volume": "9000.1", "trade_id": 1,
            "price": text(paid), "size": "0.01", "time": _iso(world.now()),
        }  # fmt: skip
        return web.json_response(body)

    async def stats(request: web.Request) -> web.Response:
        if request.match_info["id"] not in products:
            return web.json_response({"message": "NotFound"}, status=404)
        today = day("coinbase", products[request.match_info["id"]], world.now())
        body = {
            "open": text(today.open), "high": text(today.high), "low": text(today.low), "last": text(today.last),
            "volume": f"{today.volume:.4f}",
        }  # fmt: skip
        return web.json_response(body)

    def subscribe(message: str, topics: set[str]) -> Iterable[str]:
        order = json.loads(message)
        channels = [c if isinstance(c, str) else c["name"] for c in order.get("channels", [])]
        topics |= {
            f"{channel}:{product}"
            for channel in channels
            for product in order.get("product_ids", [])
        }
        listing = [{"name": c, "product_ids": order.get("product_ids", [])} for c in channels]
        return [json.dumps({"type": "subscriptions", "channels": listing})]

    def frames(topics: set[str], _: datetime, now: datetime) -> Iterator[str]:
        for topic in topics:
            channel, _sep, product = topic.partition(":")
            if product not in products:
                continue
            if channel == "heartbeat":
                yield json.dumps(
                    {
                        "type": "heartbeat",
                        "sequence": ms(now),
                        "product_id": product,
                        "time": _iso(now),
                    }
                )
            elif channel.startswith("ticker"):
                today = day("coinbase", products[product], now)
                yield json.dumps(
                    {
                        "type": "ticker", "sequence": ms(now), "product_id": product, "price": text(today.last),
                        "open_24h": text(today.open), "volume_24h": f"{today.volume:.4f}", "low_24h": text(today.low),
                        "high_24h": text(today.high), "best_bid": text(today.last), "best_ask": text(today.last),
                        "side": "buy", "time": _iso(now), "trade_id": ms(now), "last_size": "0.01",
                    }
                )  # fmt: skip

    return [
        web.get("/coinbase/products/{id}/candles", bars),
        web.get("/coinbase/products/{id}/ticker", ticker),
        web.get("/coinbase/products/{id}/stats", stats),
        web.get("/coinbase_stream", socket(world, "coinbase_stream", subscribe, frames)),
    ]


def _kraken(world: World) -> list[web.RouteDef]:
    pairs = listed("kraken")
    quoted = {name: (symbol, 1.0) for name, symbol in pairs.items()} | listed_abroad("kraken")

    async def ohlc(request: web.Request) -> web.Response:
        name, now = request.query["pair"], world.now()
        if name not in pairs:
            return web.json_response({"error": ["EQuery:Unknown asset pair"]})
        interval = KRAKEN[int(request.query.get("interval", 60))]
        found = candles(pairs[name], interval, now, 721, now)
        rows = [
            [round(b.opened_at.timestamp()), text(b.open), text(b.high), text(b.low), text(b.close), text(b.close),
             f"{b.volume:.8f}", 100]
            for b in found
        ]  # fmt: skip
        return web.json_response(
            {"error": [], "result": {PAIRS.get(name, name): rows, "last": rows[-2][0]}}
        )

    async def ticker(request: web.Request) -> web.Response:
        name = request.query["pair"]
        if name not in quoted:
            return web.json_response({"error": ["EQuery:Unknown asset pair"]})
        symbol, rate = quoted[name]
        today = day("kraken", symbol, world.now(), rate)
        last, low, high, volume = (
            text(today.last),
            text(today.low),
            text(today.high),
            f"{today.volume:.8f}",
        )
        row = {
            "a": [last, "1", "1.000"], "b": [last, "1", "1.000"], "c": [last, "0.01"], "v": [volume, volume],
            "p": [last, last], "t": [10, 20], "l": [low, low], "h": [high, high], "o": text(today.open),
        }  # fmt: skip
        return web.json_response({"error": [], "result": {PAIRS.get(name, name): row}})

    return [web.get("/kraken/OHLC", ohlc), web.get("/kraken/Ticker", ticker)]


def _bitstamp(world: World) -> list[web.RouteDef]:
    pairs = listed("bitstamp")
    unknown = {"status": "error", "reason": "Unknown pair", "code": "API0404"}

    async def ohlc(request: web.Request) -> web.Response:
        name, query, now = request.match_info["pair"], request.query, world.now()
        if name not in pairs:
            return web.json_response(unknown, status=404)
        end = datetime.fromtimestamp(int(query["end"]), UTC) if "end" in query else now
        limit = min(int(query["limit"]), 1000)
        found = candles(pairs[name], BITSTAMP[int(query["step"])], end, limit, now)
        if query.get("exclude_current_candle") == "true":
            found = [b for b in found if b.closed]
        rows = [_row(b) for b in found]
        return web.json_response({"data": {"pair": name.upper(), "ohlc": rows}})

    async def ticker(request: web.Request) -> web.Response:
        name, now = request.match_info["pair"], world.now()
        if name not in pairs:
            return web.json_response(unknown, status=404)
        today = day("bitstamp", pairs[name], now)
        body = {
            "timestamp": str(int(now.timestamp())), "open": text(today.open), "high": text(today.high),
            "low": text(today.low), "last": text(today.last), "volume": f"{today.volume:.8f}",
            "vwap": text(today.last), "bid": text(today.last * 0.99999), "ask": text(today.last * 1.00001),
            "side": "0", "open_24": text(today.open), "percent_change_24": f"{today.change_pct:.2f}",
        }  # fmt: skip
        return web.json_response(body)

    return [
        web.get("/bitstamp/ohlc/{pair}/", ohlc),
        web.get("/bitstamp/ticker/{pair}/", ticker),
    ]


def _row(bar: Candle) -> dict[str, str]:
    return {
        "timestamp": str(round(bar.opened_at.timestamp())), "open": text(bar.open), "high": text(bar.high),
        "low": text(bar.low), "close": text(bar.close), "volume": f"{bar.volume:.8f}",
    }  # fmt: skip
