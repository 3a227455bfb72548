"""What the peers need for the same frames: prints microseconds by name as JSON. Runs in the peers' environment."""

import asyncio
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))
from benchmarks import frames

EACH, ROUNDS = 5_000, 7


async def timed(call):
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(EACH):
            await call()
        times.append((time.perf_counter() - began) / EACH * 1e6)
    return sorted(times)[ROUNDS // 2]


class Client:
    """What ccxt's handlers want of a connection."""

    def __init__(self):
        self.futures, self.subscriptions = {}, {}

    def resolve(self, *_):
        return None


async def ccxt_times():
    import ccxt.pro as ccxt

    found = {}
    markets = (
        ("Binance", "binance", "BTCUSDT", frames.BINANCE),
        ("OKX", "okx", "BTC-USDT-SWAP", frames.OKX),
        ("Bybit", "bybit", "BTCUSDT", frames.BYBIT),
    )
    for venue, name, symbol, frame in markets:
        exchange = getattr(ccxt, name)()
        market = exchange.safe_market_structure(
            {
                "id": symbol,
                "symbol": "BTC/USDT:USDT",
                "base": "BTC",
                "quote": "USDT",
                "settle": "USDT",
                "type": "swap",
                "swap": True,
                "contract": True,
                "linear": True,
                "contractSize": 0.01,
                "spot": False,
            }
        )
        exchange.set_markets([market])
        client = Client()
        client.url = "wss://x/futures" if name != "bybit" else "wss://x/v5/public/linear"

        async def call(e=exchange, c=client, f=frame):
            e.handle_message(c, json.loads(f))

        try:
            found[f"ccxt {venue}"] = await timed(call)
        except Exception as error:  # noqa: BLE001
            print(f"ccxt {venue}: {error!r}", file=sys.stderr)
        await exchange.close()
    return found


async def cryptofeed_times():
    from decimal import Decimal

    from cryptofeed.defines import LIQUIDATIONS
    from cryptofeed.exchanges import BinanceFutures  # its Bybit reads an older API
    from yapic import json as fast

    found = {}
    for venue, kind, frame in (("Binance", BinanceFutures, frames.BINANCE),):
        try:
            feed = object.__new__(kind)
            feed.id, feed.raw_data_collection = kind.id, None
            feed.exchange_symbol_to_std_symbol = lambda _: "BTC-USDT-PERP"

            async def callback(*_, **__):
                return None

            feed.callback = callback

            async def call(f=frame, h=feed):
                await h._liquidations(fast.loads(f, parse_float=Decimal)["data"], 0.0)

            found[f"cryptofeed {venue}"] = await timed(call)
        except Exception as error:  # noqa: BLE001
            print(f"cryptofeed {venue} ({LIQUIDATIONS}): {error!r}", file=sys.stderr)
    return found


async def main():
    found = await ccxt_times()
    try:
        found |= await cryptofeed_times()
    except ImportError as error:
        print(repr(error), file=sys.stderr)
    print(json.dumps(found))


asyncio.run(main())
