"""
Deribit: the open interest of every option in one answer. Keyless; an anonymous machine is limited by address.

GET /public/get_book_summary_by_currency?kind=option (docs.deribit.com). Open interest is in coins. Options
settled in coins ("BTC-...") and in stablecoins ("BTC_USDC-...") are separate series and never added.
Expiries are at 08:00 UTC.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from config.watchlist import Asset
from providers import candles as bars
from providers.errors import (
    BadPayload,
    GeoBlocked,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.payload import each, moment, moment_ms
from providers.quote import Amount, Milliseconds, symbol_at
from providers.refusals import error_body, retry_after
from providers.types import Candle, OptionInterest, OptionKind, Reading
from providers.upstream import Upstream

VENUE = "Deribit"
MONTHS: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
OPTION: Final = re.compile(r"([A-Z0-9_]+)-(\d{1,2})([A-Z]{3})(\d{2})-(\d+(?:d\d+)?)-([CP])")
EXPIRY: Final = re.compile(r"(\d{1,2})([A-Z]{3})(\d{2})")
TOO_OFTEN = 10028
MAINTENANCE = 11051
BAD_PARAMETERS = -32602


class BookSummary(Struct):
    """Prices are None where nobody quotes."""

    instrument_name: str
    creation_timestamp: Milliseconds
    open_interest: Amount | None = None
    mark_price: float | None = None
    last: float | None = None
    bid_price: float | None = None
    ask_price: float | None = None
    price_change: float | None = None
    high: float | None = None
    low: float | None = None


class _Answer(Struct):
    result: msgspec.Raw
    answered_us: int = msgspec.field(name="usOut", default=0)
    testnet: bool = False


class _Chart(Struct):
    status: str
    ticks: list[Milliseconds] = []
    open: list[float] = []
    high: list[float] = []
    low: list[float] = []
    close: list[float] = []
    volume: list[float] = []


class _Fault(Struct):
    code: int
    message: str = ""
    data: object = None


class _Error(Struct):
    error: _Fault


@dataclass(frozen=True, slots=True)
class Chain:
    """Options by series ("BTC", "BTC_USDC"), and when the venue said so."""

    series: Mapping[str, tuple[OptionInterest, ...]]
    at: datetime


class Deribit:
    """Implements Options, for the series that settles in coins."""

    name = VENUE

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def options(self, asset: Asset) -> Reading[tuple[OptionInterest, ...]]:
        """Kept for half a day: the venue's maintenance lasts for hours, and its age is said."""
        currency = symbol_at(asset, "deribit", VENUE)
        reading = await self._upstream.get(
            "/public/get_book_summary_by_currency",
            {"currency": currency, "kind": "option"},
            parse_options,
            fresh=timedelta(minutes=2),
            keep=timedelta(hours=12),
            as_of=lambda chain: chain.at,
        )
        return reading.map(lambda chain: chain.series.get(currency, ()))


def parse_options(text: str) -> Chain:
    """Instruments that are not options, and options of unknown open interest, are left out."""
    rows, at = parse_summaries(text)
    known = [(row.instrument_name, row.open_interest) for row in rows]
    if known and all(size is None for _, size in known):
        raise ValueError("open interest is missing")
    series: dict[str, list[OptionInterest]] = {}
    for name, size in known:
        if size is not None and (named := option_of(name, size)) is not None:
            series.setdefault(named[0], []).append(named[1])
    return Chain({name: tuple(options) for name, options in series.items()}, at)


def parse_summaries(text: str) -> tuple[list[BookSummary], datetime]:
    found = answer(text)
    listed = msgspec.json.decode(found.result, type=list[msgspec.Raw])
    rows = each(listed, lambda raw: msgspec.json.decode(raw, type=BookSummary))
    if not found.answered_us and not rows:
        raise ValueError("an answer without rows or time")
    at = (
        moment(found.answered_us / 1_000_000)
        if found.answered_us
        else moment_ms(rows[0].creation_timestamp)
    )
    return rows, at


def parse_candles(text: str) -> tuple[Candle, ...]:
    """Oldest first, every bar as closed; none where the venue has no data."""
    chart = msgspec.json.decode(answer(text).result, type=_Chart)
    if chart.status != "ok":
        return ()
    columns = (chart.ticks, chart.open, chart.high, chart.low, chart.close, chart.volume)
    return bars.tidy(Candle(moment_ms(at), *rest) for at, *rest in zip(*columns, strict=True))


def option_of(name: str, open_interest: float) -> tuple[str, OptionInterest] | None:
    """
    The series and option that an instrument's name tells; None for another kind of instrument.

    BTC-5JUN26-90000-C: the day is not padded. XRP_USDC-30JUN23-0d43-C: "d" is the decimal point.
    """
    match = OPTION.fullmatch(name)
    if match is None:
        return None
    series, day, month, year, strike, kind = match.groups()
    option = OptionInterest(
        expiry_of(f"{day}{month}{year}"),
        float(strike.replace("d", ".")),
        OptionKind.CALL if kind == "C" else OptionKind.PUT,
        open_interest,
    )
    return series, option


def expiry_of(word: str) -> date:
    """The date of "5JUN26". Raises ValueError for anything else."""
    match = EXPIRY.fullmatch(word)
    if match is None:
        raise ValueError("an expiry was expected")
    return date(2000 + int(match[3]), MONTHS.index(match[2]) + 1, int(match[1]))


def answer(text: str) -> _Answer:
    """The result. Raises the venue's own error when it is one, and BadPayload for its test network."""
    error = refusal(200, {}, text)
    if error is not None:
        raise error
    found = msgspec.json.decode(text, type=_Answer)
    if found.testnet:
        raise BadPayload(VENUE, "an answer of the test network")
    return found


def refusal(status: int, headers: Mapping[str, str], text: str) -> ProviderError | None:
    """JSON-RPC errors; during maintenance every question is answered with 503 and code 11051."""
    if status in (403, 451):
        return GeoBlocked(VENUE, "does not serve this country")
    found = error_body(text, _Error)
    if found is None:
        return None
    fault = found.error
    if fault.code == TOO_OFTEN:
        return RateLimited(VENUE, "asked too often", retry_after=retry_after(headers))
    if fault.code == MAINTENANCE or status >= 500:
        return Unavailable(VENUE, "in maintenance")
    if fault.code == BAD_PARAMETERS and _about_a_name(fault.data):
        return UnknownSymbol(VENUE, "unknown currency or instrument")
    return Refused(VENUE, f"refused with code {fault.code}")


def _about_a_name(data: object) -> bool:
    reason = str(data.get("reason", "")) if isinstance(data, dict) else ""
    return "currency" in reason or "instrument" in reason
