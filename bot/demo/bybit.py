"""Bybit v5 linear contracts in their wire forms; a liquidation's side is the position's."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bot.demo import liquidations
from bot.demo.quotes import Day, at_ms, day, listed, ms, text, venue_price
from bot.demo.scenario import candles, funding_rate, open_interest, price
from bot.demo.world import Frames, World, socket
from providers.types import Interval

BARS = {
    "1": Interval.M1,
    "15": Interval.M15,
    "60": Interval.H1,
    "240": Interval.H4,
    "D": Interval.D1,
    "W": Interval.W1,
}
BOTH_SIDES = 2 * 0.55  # open interest counts longs and shorts, of a venue about half Binance's size


def _result(world: World, result: object) -> web.Response:
    now = ms(world.now())
    return web.json_response(
        {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": now}
    )


def _unknown(world: World, category: str) -> web.Response:
    if category == "spot":
        return _result(world, {"category": category, "list": []})
    body = {
        "retCode": 10001,
        "retMsg": "params error: symbol invalid",
        "result": {},
        "time": ms(world.now()),
    }
    return web.json_response(body)


def routes(world: World) -> list[web.RouteDef]:
    coins = listed("bybit")

    async def kline(request: web.Request) -> web.Response:
        query = request.query
        name, category = query["symbol"], query.get("category", "linear")
        if name not in coins:
            return _unknown(world, category)
        now = world.now()
        until = at_ms(query["end"]) if "end" in query else now
        bars = candles(
            coins[name],
            BARS[query["interval"]],
            until,
            min(int(query.get("limit", 200)), 1000),
            now,
        )
        rows = [
            [str(ms(b.opened_at)), text(b.open), text(b.high), text(b.low), text(b.close), f"{b.volume:.3f}",
             f"{b.volume * (b.open + b.close) / 2:.4f}"]
            for b in reversed(bars)
        ]  # fmt: skip
        return _result(world, {"symbol": name, "category": category, "list": rows})

    async def tickers(request: web.Request) -> web.Response:
        name, category = request.query.get("symbol", ""), request.query.get("category", "linear")
        if name not in coins:
            return _unknown(world, category)
        row = _ticker(name, coins[name], world.now())
        return _result(world, {"category": category, "list": [row]})

    async def interest(request: web.Request) -> web.Response:
        name, now = request.query["symbol"], world.now()
        if name not in coins:
            return _unknown(world, "linear")
        hour = now.replace(minute=0, second=0, microsecond=0)
        times = [
            hour - timedelta(hours=i) for i in range(min(int(request.query.get("limit", 50)), 200))
        ]
        rows = [
            {
                "openInterest": f"{open_interest(coins[name], t) * BOTH_SIDES:.3f}",
                "singleOpenInterest": f"{open_interest(coins[name], t) * BOTH_SIDES / 2:.3f}",
                "timestamp": str(ms(t)),
            }
            for t in times
        ]
        return _result(
            world, {"symbol": name, "category": "linear", "list": rows, "nextPageCursor": ""}
        )

    async def funding(request: web.Request) -> web.Response:
        name = request.query["symbol"]
        last = datetime.fromtimestamp(world.now().timestamp() // 28_800 * 28_800, UTC)
        count = min(int(request.query.get("limit", 200)), 200)
        rows = [
            {
                "symbol": name,
                "fundingRate": f"{funding_rate(coins[name], t):.8f}",
                "fundingRateTimestamp": str(ms(t)),
            }
            for t in (last - timedelta(hours=8 * i) for i in range(count))
        ]
        return _result(world, {"category": "linear", "list": rows})

    return [
        web.get("/bybit/v5/market/kline", kline),
        web.get("/bybit/v5/market/tickers", tickers),
        web.get("/bybit/v5/market/open-interest", interest),
        web.get("/bybit/v5/market/funding/history", funding),
        web.get("/bybit_stream", socket(world, "bybit_stream", _subscribe, _frames(coins))),
    ]


def _ticker(name: str, coin: str, now: datetime) -> dict[str, str]:
    today: Day = day("bybit", coin, now)
    held = open_interest(coin, now) * BOTH_SIDES
    paid_at = datetime.fromtimestamp((now.timestamp() // 28_800 + 1) * 28_800, UTC)
    return _quote(name, today.last) | {
        "indexPrice": text(price(coin, now)),
        "markPrice": text(price(coin, now)), "prevPrice24h": text(today.open),
        "price24hPcnt": f"{today.change_pct / 100:.6f}", "highPrice24h": text(today.high),
        "lowPrice24h": text(today.low), "openInterest": f"{held:.3f}",
        "openInterestValue": f"{held * today.last:.2f}", "turnover24h": f"{today.volume * today.last:.2f}",
        "volume24h": f"{today.volume:.3f}", "fundingRate": f"{funding_rate(coin, now) * 0.9:.8f}",
        "nextFundingTime": str(ms(paid_at)), "fundingIntervalHour": "8", "bid1Size": "1", "ask1Size": "1",
    }  # fmt: skip


def _quote(name: str, last: float) -> dict[str, str]:
    return {
        "symbol": name,
        "lastPrice": text(last),
        "bid1Price": text(last * 0.99999),
        "ask1Price": text(last * 1.00001),
    }


def _subscribe(message: str, topics: set[str]) -> Iterable[str]:
    order = json.loads(message)
    if order.get("op") == "ping":
        return [
            json.dumps(
                {"success": True, "ret_msg": "pong", "conn_id": "c1", "req_id": "", "op": "ping"}
            )
        ]
    topics |= {str(t) for t in order.get("args", [])}
    answer = {
        "success": True,
        "ret_msg": "",
        "conn_id": "c1",
        "req_id": order.get("req_id", ""),
        "op": "subscribe",
    }
    return [json.dumps(answer)]


def _frames(coins: dict[str, str]) -> Frames:
    whole: set[str] = set()

    def frames(topics: set[str], before: datetime, now: datetime) -> Iterator[str]:
        for topic in topics:
            kind, _, name = topic.partition(".")
            if name not in coins:
                continue
            if kind == "tickers":
                yield _tick(
                    topic,
                    name,
                    coins[name],
                    now,
                    snapshot=int(now.timestamp()) % 5 == 0 or topic not in whole,
                )
                whole.add(topic)
            elif kind == "allLiquidation":
                closes = liquidations.between("bybit", before, now)
                yield from _forced(topic, name, [c for c in closes if c.symbol == coins[name]], now)

    return frames


def _tick(topic: str, name: str, coin: str, now: datetime, *, snapshot: bool) -> str:
    """A snapshot has every key; a delta only what changed."""
    data = _ticker(name, coin, now) if snapshot else _quote(name, venue_price("bybit", coin, now))
    kind = "snapshot" if snapshot else "delta"
    return json.dumps({"topic": topic, "type": kind, "cs": 1, "ts": ms(now), "data": data})


def _forced(
    topic: str, name: str, closes: list[liquidations.ForcedClose], now: datetime
) -> Iterator[str]:
    data = [
        {
            "T": ms(c.at),
            "s": name,
            "S": "Buy" if c.long else "Sell",
            "v": f"{c.coins:.3f}",
            "p": text(c.price),
        }
        for c in closes
    ]
    if data:
        yield json.dumps({"topic": topic, "type": "snapshot", "ts": ms(now), "data": data})
