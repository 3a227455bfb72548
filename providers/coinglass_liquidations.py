"""Liquidations as Coinglass counts them: totals by venue, coin or bar, and single orders."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from providers.coinglass_envelope import acknowledged, data_of, venue_of
from providers.payload import decoded, figure, milliseconds, moment_ms, most, number, rows, table
from providers.types import Liquidation, LiquidationTotal, PriceKind, Side


def parse_totals(text: str) -> tuple[LiquidationTotal, ...]:
    """
    exchange-list, coin-list, aggregated-history or pair history. The row "All" is the total: venue None. A row without
    a figure is left out.
    """
    return tuple(total for found in most(rows(data_of(text)), _totals) for total in found)


def parse_orders(text: str) -> tuple[Liquidation, ...]:
    """
    Single liquidations, of REST or of the stream, which mean opposite things by `side`: in REST it is the closing
    order (2, sell: a long was liquidated), on the stream the position (2: a short was liquidated).
    """
    if text.strip().strip('"') in ("ping", "pong"):
        return ()
    body = table(decoded(text))
    if "channel" in body:
        return tuple(_streamed(row) for row in rows(body.get("data") or []))
    if "data" not in body:
        return acknowledged(body)
    return tuple(_ordered(row) for row in rows(data_of(text)))


def _totals(row: Mapping[str, Any]) -> list[LiquidationTotal]:
    if "exchange" in row:
        venue = venue_of(row["exchange"])
        long, short = _either(row, "long"), _either(row, "short")
        return [LiquidationTotal(None, venue, None, None, long, short)]
    if "aggregated_long_liquidation_usd" in row:
        return [_bar(row, "aggregated_")]
    if "time" in row:
        return [_bar(row, "")]
    return [total for hours in (1, 4, 12, 24) if (total := _over(row, hours)) is not None]


def _over(row: Mapping[str, Any], hours: int) -> LiquidationTotal | None:
    long = number(row.get(f"long_liquidation_usd_{hours}h"))
    short = number(row.get(f"short_liquidation_usd_{hours}h"))
    if long is None or short is None:
        return None
    window = timedelta(hours=hours)
    return LiquidationTotal(str(row["symbol"]), None, window, None, long, short)


def _bar(row: Mapping[str, Any], prefix: str) -> LiquidationTotal:
    long = figure(row[f"{prefix}long_liquidation_usd"])
    short = figure(row[f"{prefix}short_liquidation_usd"])
    return LiquidationTotal(None, None, None, moment_ms(row["time"]), long, short)


def _either(row: Mapping[str, Any], side: str) -> float:
    """Documented as long_liquidation_usd, seen as longLiquidation_usd."""
    documented = row.get(f"{side}_liquidation_usd")
    return figure(row[f"{side}Liquidation_usd"] if documented is None else documented)


def _ordered(row: Mapping[str, Any]) -> Liquidation:
    side = {1: Side.SHORT, 2: Side.LONG}[int(row["side"])]
    return _liquidation(
        row["exchange_name"], row["base_asset"], side, figure(row["usd_value"]), row
    )


def _streamed(row: Mapping[str, Any]) -> Liquidation:
    side = {1: Side.LONG, 2: Side.SHORT}[int(row["side"])]
    return _liquidation(row["exName"], row["baseAsset"], side, figure(row["volUsd"]), row)


def _liquidation(
    venue: object, asset: object, side: Side, usd: float, row: Mapping[str, Any]
) -> Liquidation:
    price = figure(row["price"])
    return Liquidation(
        venue=str(venue).lower(),
        symbol=str(row["symbol"]),
        asset=str(asset),
        side=side,
        quantity=usd / price if price else None,
        price=price,
        price_kind=PriceKind.TRADE,
        usd=usd,
        at_ms=milliseconds(row["time"]),
    )
