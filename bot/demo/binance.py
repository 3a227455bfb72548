"""Binance spot and USD-M futures in their wire forms."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bot.demo import liquidations
from bot.demo.quotes import at_ms, day, listed, ms, text, venue_price
from bot.demo.scenario import candles, funding_rate, open_interest, price
from bot.demo.world import Frames, World, socket
from providers.types import Candle, Interval

EIGHT_HOURS = timedelta(hours=8)
INVALID = {"code": -1121, "msg": "Invalid symbol."}


def routes(world: World) -> list[web.RouteDef]:
    spot, futures = listed("binance"), listed("binance_usdm")

    def klines(symbols: dict[str, str], most: int) -> web.RouteDef:
        async def handler(request: web.Request) -> web.Response:
            query = request.query
            if query["symbol"] not in symbols:
                return web.json_response(INVALID, status=400)
            now = world.skewed("binance_spot")
            until = at_ms(query["endTime"]) if "endTime" in query else now
            limit = min(int(query.get("limit", 500)), most)
            interval = Interval(query["interval"])
            bars = candles(symbols[query["symbol"]], interval, until, limit, now)
            return web.json_response([_kline(b, interval) for b in bars])

        return web.get(
            "/{source:binance_spot|binance_futures}/{path:api/v3|fapi/v1}/klines", handler
        )

    async def ticker(request: web.Request) -> web.Response:
        now = world.now()
        if "symbols" in request.query:
            names = json.loads(request.query["symbols"])
            return web.json_response([_ticker(n, spot[n], now) for n in names])
        name = request.query["symbol"]
        if name not in spot:
            return web.json_response(INVALID, status=400)
        return web.json_response(_ticker(name, spot[name], now))

    async def last(request: web.Request) -> web.Response:
        name = request.query["symbol"]
        if name not in spot:
            return web.json_response(INVALID, status=400)
        return web.json_response({"symbol": name, "price": text(price(spot[name], world.now()))})

    return [
        klines(spot | futures, 1500),
        web.get("/binance_spot/api/v3/ticker/24hr", ticker),
        web.get("/binance_spot/api/v3/ticker/price", last),
        *_derivatives(world, futures),
        web.get(
            "/binance_spot_stream",
            socket(world, "binance_spot_stream", _subscribe, _spot_frames(spot)),
        ),
        web.get(
            "/binance_futures_stream",
            socket(world, "binance_futures_stream", _subscribe, _futures_frames(futures)),
        ),
    ]


def _derivatives(world: World, futures: dict[str, str]) -> list[web.RouteDef]:
    async def interest(request: web.Request) -> web.Response:
        name, now = request.query["symbol"], world.now()
        if name not in futures:
            return web.json_response(INVALID, status=400)
        coins = open_interest(futures[name], now)
        return web.json_response({"openInterest": f"{coins:.3f}", "symbol": name, "time": ms(now)})

    async def interest_history(request: web.Request) -> web.Response:
        name, now = request.query["symbol"], world.now()
        step = Interval(request.query["period"]).length
        count = min(int(request.query.get("limit", 30)), 500)
        newest = datetime.fromtimestamp(
            now.timestamp() // step.total_seconds() * step.total_seconds(), UTC
        )
        rows = []
        for at in (newest - step * i for i in reversed(range(count))):
            coins = open_interest(futures[name], at)
            usd = coins * price(futures[name], at)
            rows.append(
                {
                    "symbol": name,
                    "sumOpenInterest": f"{coins:.3f}",
                    "sumOpenInterestValue": f"{usd:.2f}",
                    "timestamp": ms(at),
                }
            )
        return web.json_response(rows)

    async def premium(request: web.Request) -> web.Response:
        name, now = request.query["symbol"], world.now()
        if name not in futures:
            return web.json_response(INVALID, status=400)
        paid = price(futures[name], now)
        return web.json_response(
            {
                "symbol": name,
                "markPrice": f"{paid:.8f}",
                "indexPrice": f"{paid * 1.0002:.8f}",
                "lastFundingRate": f"{funding_rate(futures[name], now):.8f}",
                "nextFundingTime": ms(_next_funding(now)),
                "time": ms(now),
            }
        )

    async def rates(request: web.Request) -> web.Response:
        name, now = request.query["symbol"], world.now()
        last = _next_funding(now) - EIGHT_HOURS
        count = min(int(request.query.get("limit", 200)), 1000)
        times = [last - EIGHT_HOURS * i for i in reversed(range(count))]
        return web.json_response(
            [
                {
                    "symbol": name,
                    "fundingRate": f"{funding_rate(futures[name], t):.8f}",
                    "fundingTime": ms(t),
                }
                for t in times
            ]
        )

    async def adjusted(_: web.Request) -> web.Response:
        return web.json_response([])

    return [
        web.get("/binance_futures/fapi/v1/openInterest", interest),
        web.get("/binance_futures/futures/data/openInterestHist", interest_history),
        web.get("/binance_futures/fapi/v1/premiumIndex", premium),
        web.get("/binance_futures/fapi/v1/fundingRate", rates),
        web.get("/binance_futures/fapi/v1/fundingInfo", adjusted),
    ]


def _next_funding(now: datetime) -> datetime:
    return datetime.fromtimestamp((now.timestamp() // 28_800 + 1) * 28_800, UTC)


def _kline(bar: Candle, interval: Interval) -> list[object]:
    closes = ms(bar.opened_at + interval.length) - 1
    quote = bar.volume * (bar.open + bar.close) / 2
    return [
        ms(bar.opened_at), text(bar.open), text(bar.high), text(bar.low), text(bar.close), f"{bar.volume:.5f}",
        closes, f"{quote:.8f}", 1000, f"{bar.volume / 2:.5f}", f"{quote / 2:.8f}", "0",
    ]  # fmt: skip


def _ticker(name: str, coin: str, now: datetime) -> dict[str, object]:
    today = day("binance", coin, now)
    return {
        "symbol": name,
        "priceChange": text(today.last - today.open),
        "priceChangePercent": f"{today.change_pct:.3f}",
        "weightedAvgPrice": text((today.high + today.low) / 2),
        "prevClosePrice": text(today.open),
        "lastPrice": text(today.last),
        "lastQty": "0.01",
        "bidPrice": text(today.last * 0.99999),
        "bidQty": "1.0",
        "askPrice": text(today.last * 1.00001),
        "askQty": "1.0",
        "openPrice": text(today.open),
        "highPrice": text(today.high),
        "lowPrice": text(today.low),
        "volume": f"{today.volume:.5f}",
        "quoteVolume": f"{today.volume * today.last:.8f}",
        "openTime": ms(now - timedelta(days=1)),
        "closeTime": ms(now),
        "firstId": 1,
        "lastId": 2,
        "count": 2,
    }


def _subscribe(message: str, topics: set[str]) -> Iterable[str]:
    order = json.loads(message)
    wanted = {str(p) for p in order.get("params", [])}
    if order.get("method") == "SUBSCRIBE":
        topics |= wanted
    elif order.get("method") == "UNSUBSCRIBE":
        topics -= wanted
    return [json.dumps({"result": None, "id": order.get("id")})]


def _wrap(stream: str, data: object) -> str:
    return json.dumps({"stream": stream, "data": data})


def _spot_frames(spot: dict[str, str]) -> Frames:
    def frames(topics: set[str], _: datetime, now: datetime) -> Iterator[str]:
        for topic in topics:
            name, _sep, kind = topic.partition("@")
            if (coin := spot.get(name.upper())) is None:
                continue
            today = day("binance", coin, now) if "icker" in kind else None
            paid = venue_price("binance", coin, now)
            if today is not None:
                event = "24hrMiniTicker" if kind == "miniTicker" else "24hrTicker"
                body = {
                    "e": event, "E": ms(now), "s": name.upper(), "c": text(today.last), "o": text(today.open),
                    "h": text(today.high), "l": text(today.low), "v": f"{today.volume:.3f}",
                    "q": f"{today.volume * today.last:.3f}", "P": f"{today.change_pct:.3f}",
                    "b": text(paid * 0.99999), "a": text(paid * 1.00001),
                }  # fmt: skip
                yield _wrap(topic, body)
            elif kind in ("trade", "aggTrade"):
                yield _wrap(
                    topic,
                    {
                        "e": kind,
                        "E": ms(now),
                        "s": name.upper(),
                        "p": text(paid),
                        "q": "0.01",
                        "T": ms(now),
                        "m": False,
                    },
                )

    return frames


def _futures_frames(futures: dict[str, str]) -> Frames:
    names = {coin: name for name, coin in futures.items()}

    def frames(topics: set[str], before: datetime, now: datetime) -> Iterator[str]:
        for topic in topics:
            name, _, kind = topic.partition("@")
            coin = futures.get(name.upper())
            if coin and kind.startswith("markPrice"):
                paid = price(coin, now)
                yield _wrap(
                    topic,
                    {
                        "e": "markPriceUpdate", "E": ms(now), "s": name.upper(), "p": f"{paid:.8f}",
                        "i": f"{paid * 1.0002:.8f}", "P": f"{paid:.8f}", "r": f"{funding_rate(coin, now):.8f}",
                        "T": ms(_next_funding(now)),
                    },
                )  # fmt: skip
            elif topic.endswith("forceOrder@arr") or kind == "forceOrder":
                yield from _forced(topic, coin, names, before, now)

    return frames


def _forced(
    topic: str, coin: str | None, names: dict[str, str], before: datetime, now: datetime
) -> Iterator[str]:
    for close in liquidations.between("binance", before, now):
        if coin is not None and close.symbol != coin:
            continue
        order = {
            "s": names[close.symbol], "S": "SELL" if close.long else "BUY", "o": "LIMIT", "f": "IOC",
            "q": f"{close.coins:.3f}", "p": text(close.price * (0.996 if close.long else 1.004)),
            "ap": text(close.price), "X": "FILLED", "l": f"{close.coins / 2:.3f}", "z": f"{close.coins:.3f}",
            "T": ms(close.at), "st": 1,
        }  # fmt: skip
        yield _wrap(topic, {"e": "forceOrder", "E": ms(now), "o": order})
