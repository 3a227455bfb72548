"""OKX v5 in its wire forms: everything a string, newest first, errors inside a 200."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bot.demo import liquidations
from bot.demo.quotes import at_ms, day, listed, ms, text
from bot.demo.scenario import candles, funding_rate, open_interest, price
from bot.demo.world import Frames, World, socket
from providers.types import Candle, Interval

BARS = {
    "1m": Interval.M1, "15m": Interval.M15, "1H": Interval.H1, "4H": Interval.H4, "1Dutc": Interval.D1,
    "1D": Interval.D1, "1Wutc": Interval.W1, "1W": Interval.W1,
}  # fmt: skip
UNKNOWN = {
    "code": "51001",
    "msg": "Instrument ID, Instrument ID code, or Spread ID doesn't exist.",
    "data": [],
}
# Coins per contract, as OKX publishes them for the two largest; a round number for the rest of this world.
CONTRACTS = {"BTC": 0.01, "ETH": 0.1}


def contract(coin: str) -> float:
    return CONTRACTS.get(coin, 1.0)


def _data(rows: list[object]) -> web.Response:
    return web.json_response({"code": "0", "msg": "", "data": rows})


def routes(world: World) -> list[web.RouteDef]:
    spot, swaps = listed("okx"), listed("okx_swap")
    coins = spot | swaps

    async def bars(request: web.Request) -> web.Response:
        name, query = request.query["instId"], request.query
        if name not in coins:
            return web.json_response(UNKNOWN)
        now = world.now()
        until = at_ms(query["after"]) - timedelta(milliseconds=1) if "after" in query else now
        found = candles(
            coins[name],
            BARS[query.get("bar", "1m")],
            until,
            min(int(query.get("limit", 100)), 300),
            now,
        )
        return _data(
            [_bar(b, contract(coins[name]) if name in swaps else None) for b in reversed(found)]
        )

    async def ticker(request: web.Request) -> web.Response:
        name = request.query["instId"]
        if name not in coins:
            return web.json_response(UNKNOWN)
        return _data([_ticker(name, coins[name], world.now())])

    async def instruments(_: web.Request) -> web.Response:
        return _data([_instrument(name, coin) for name, coin in swaps.items()])

    async def interest(request: web.Request) -> web.Response:
        name, now = request.query.get("instId", ""), world.now()
        if name not in swaps:
            return web.json_response(UNKNOWN)
        held = open_interest(swaps[name], now) * 0.45
        row = {
            "instType": "SWAP", "instId": name, "oi": f"{held / contract(swaps[name]):.2f}", "oiCcy": f"{held:.4f}",
            "oiUsd": f"{held * price(swaps[name], now):.2f}", "ts": str(ms(now)),
        }  # fmt: skip
        return _data([row])

    async def interest_history(request: web.Request) -> web.Response:
        name, now = request.query["instId"], world.now()
        rows: list[object] = []
        hour = now.replace(minute=0, second=0, microsecond=0)
        for at in (
            hour - timedelta(hours=i) for i in range(min(int(request.query.get("limit", 100)), 100))
        ):
            held = open_interest(swaps[name], at) * 0.45
            rows.append(
                [
                    str(ms(at)),
                    f"{held / contract(swaps[name]):.2f}",
                    f"{held:.4f}",
                    f"{held * price(swaps[name], at):.2f}",
                ]
            )
        return _data(rows)

    async def funding(request: web.Request) -> web.Response:
        name, now = request.query["instId"], world.now()
        if name not in swaps:
            return web.json_response(UNKNOWN)
        paid_at = datetime.fromtimestamp((now.timestamp() // 28_800 + 1) * 28_800, UTC)
        row = {
            "instType": "SWAP", "instId": name, "fundingRate": f"{funding_rate(swaps[name], now) * 1.1:.16f}",
            "fundingTime": str(ms(paid_at)), "nextFundingTime": str(ms(paid_at + timedelta(hours=8))),
            "nextFundingRate": "", "ts": str(ms(now)),
        }  # fmt: skip
        return _data([row])

    root = "/okx/api/v5"
    return [
        web.get(f"{root}/market/candles", bars),
        web.get(f"{root}/market/history-candles", bars),
        web.get(f"{root}/market/ticker", ticker),
        web.get(f"{root}/public/instruments", instruments),
        web.get(f"{root}/public/open-interest", interest),
        web.get(f"{root}/rubik/stat/contracts/open-interest-history", interest_history),
        web.get(f"{root}/public/funding-rate", funding),
        web.get("/okx_stream", socket(world, "okx_stream", _subscribe, _frames(coins, swaps))),
    ]


def _bar(bar: Candle, per_contract: float | None) -> list[str]:
    quote = bar.volume * (bar.open + bar.close) / 2
    first = bar.volume if per_contract is None else bar.volume / per_contract
    second = quote if per_contract is None else bar.volume
    return [
        str(ms(bar.opened_at)), text(bar.open), text(bar.high), text(bar.low), text(bar.close), f"{first:.4f}",
        f"{second:.4f}", f"{quote:.4f}", "1" if bar.closed else "0",
    ]  # fmt: skip


def _ticker(name: str, coin: str, now: datetime) -> dict[str, str]:
    today = day("okx", coin, now)
    return {
        "instType": "SPOT", "instId": name, "last": text(today.last), "lastSz": "0.01",
        "askPx": text(today.last * 1.00001), "askSz": "1", "bidPx": text(today.last * 0.99999), "bidSz": "1",
        "open24h": text(today.open), "high24h": text(today.high), "low24h": text(today.low),
        "vol24h": f"{today.volume:.4f}", "volCcy24h": f"{today.volume * today.last:.2f}",
        "sodUtc0": text(today.open), "sodUtc8": text(today.open), "ts": str(ms(now)),
    }  # fmt: skip


def _instrument(name: str, coin: str) -> dict[str, str]:
    return {
        "instType": "SWAP", "instId": name, "uly": f"{coin}-USDT", "ctVal": f"{contract(coin):g}", "ctMult": "1",
        "ctValCcy": coin, "ctType": "linear", "settleCcy": "USDT", "lotSz": "0.01", "state": "live",
    }  # fmt: skip


def _subscribe(message: str, topics: set[str]) -> Iterable[str]:
    if message == "ping":
        return ["pong"]
    order = json.loads(message)
    answers = []
    for arg in order.get("args", []):
        if arg["channel"] == "liquidation-orders" and "instType" not in arg:
            answers.append(
                json.dumps({"event": "error", "code": "60018", "msg": "Wrong URL or channel"})
            )
            continue
        if arg.get("instId", "") not in {"", *listed("okx")}:
            said = f"Wrong URL or channel:{arg['channel']},instId:{arg['instId']} doesn't exist."
            answers.append(json.dumps({"event": "error", "code": "60018", "msg": said}))
            continue
        topics.add(json.dumps(arg, sort_keys=True))
        answers.append(json.dumps({"event": order["op"], "arg": arg, "connId": "a1"}))
    return answers


def _frames(coins: dict[str, str], swaps: dict[str, str]) -> Frames:
    names = {coin: name for name, coin in swaps.items()}

    def frames(topics: set[str], before: datetime, now: datetime) -> Iterator[str]:
        for topic in topics:
            arg = json.loads(topic)
            if arg["channel"] == "tickers" and arg["instId"] in coins:
                yield json.dumps(
                    {"arg": arg, "data": [_ticker(arg["instId"], coins[arg["instId"]], now)]}
                )
            elif arg["channel"] == "liquidation-orders":
                for close in liquidations.between("okx", before, now):
                    yield json.dumps({"arg": arg, "data": [_forced(names[close.symbol], close)]})

    return frames


def _forced(name: str, close: liquidations.ForcedClose) -> dict[str, object]:
    detail = {
        "side": "sell" if close.long else "buy", "posSide": "long" if close.long else "short",
        "bkPx": text(close.price), "sz": f"{close.coins / contract(close.symbol):.2f}", "bkLoss": "0", "ccy": "",
        "ts": str(ms(close.at)),
    }  # fmt: skip
    return {
        "details": [detail], "instFamily": name.removesuffix("-SWAP"), "instId": name, "instType": "SWAP",
        "uly": name.removesuffix("-SWAP"),
    }  # fmt: skip
