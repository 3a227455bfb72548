"""
A liquidation from the wire to our fact, the side mapped, beside the msgspec limit, cryptofeed and ccxt.

The limit is msgspec straight into renamed structs that hold the same fields, figures as figures: no venue, no asset,
no side, no dollars, no refusals told apart.
"""

import json

import msgspec
from msgspec import Struct, field

from benchmarks import frames
from benchmarks.measure import against, middle, spread, timed, told
from benchmarks.peer_venv import peer
from providers import binance_live, bybit_live, okx_live
from providers.okx_contracts import Contracts


class _Binance(Struct):
    symbol: str = field(name="s")
    side: str = field(name="S")
    filled: float = field(name="z")
    average: float = field(name="ap")
    at: int = field(name="T")


class _Order(Struct):
    order: _Binance = field(name="o")


class _BinanceFrame(Struct):
    data: _Order


class _Okx(Struct):
    side: str
    position: str = field(name="posSide")
    price: float = field(name="bkPx")
    size: float = field(name="sz")
    at: int = field(name="ts")


class _OkxItem(Struct):
    symbol: str = field(name="instId")
    details: list[_Okx]


class _OkxFrame(Struct):
    data: list[_OkxItem]


class _Bybit(Struct):
    symbol: str = field(name="s")
    side: str = field(name="S")
    price: float = field(name="p")
    size: float = field(name="v")
    at: int = field(name="T")


class _BybitFrame(Struct):
    topic: str
    data: list[_Bybit]


NAMES = {"BTCUSDT": "BTC"}


def main(short: bool = False) -> None:
    contracts = Contracts()
    limits = {
        "Binance": msgspec.json.Decoder(_BinanceFrame, strict=False).decode,
        "OKX": msgspec.json.Decoder(_OkxFrame, strict=False).decode,
        "Bybit": msgspec.json.Decoder(_BybitFrame, strict=False).decode,
    }
    sent = {"Binance": frames.BINANCE, "OKX": frames.OKX, "Bybit": frames.BYBIT}
    ours = {
        "Binance": lambda f: binance_live.read(f, NAMES),
        "OKX": lambda f: okx_live.read(f, NAMES, contracts),
        "Bybit": lambda f: bybit_live.read(f, NAMES),
    }
    peers = json.loads(peer("feeds.py", needs="ccxt") or "{}")
    for venue, frame in sent.items():
        times = timed(
            {
                "ours": lambda f=frame, v=venue: ours[v](f),
                "limit": lambda f=frame, v=venue: limits[v](f),
            },
            10_000 if short else 50_000,
        )
        ratio = against(times["ours"], times["limit"])
        print(f" {venue}: {middle(times['ours']):.2f} µs (limit {middle(times['limit']):.2f} µs)")
        told(f"of the limit, rounds {spread(ratio)}", middle(ratio), 1.5)
        for name, goal in (("cryptofeed", 5), ("ccxt", 15)):
            if (theirs := peers.get(f"{name} {venue}")) is not None:
                told(f"{name} ({theirs:.1f} µs)", theirs / middle(times["ours"]), goal, more=True)


if __name__ == "__main__":
    main()
