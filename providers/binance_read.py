"""What one answer or frame of Binance says, spot or futures, over REST or live, wrapped or not."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from providers import binance_futures as futures
from providers import candles as bars
from providers.binance import Bar, candle_of, parse_bars, parse_tickers, refusal
from providers.binance_contracts import BITCOIN_USD, OTHER_USD
from providers.binance_live import (
    VENUE,
    Data,
    DayTicker,
    Kline,
    MarkPrice,
    MiniTicker,
    frame_data,
    read,
)
from providers.payload import decoded, moment_ms, number, understood
from providers.quote import Mark
from providers.seen import Seen
from providers.types import Funding, Liquidation, OpenInterest

ROUNDED = 0.001  # of a volume, which is told with few digits


def _live(text: str) -> tuple[Data, ...] | None:
    """The data of a live frame; None for an answer over REST."""
    found = decoded(text)
    first = found[0] if isinstance(found, list) and found else found
    if isinstance(first, dict) and first.keys() & {"e", "stream", "result", "id"}:
        return frame_data(text)
    return None


def _liquidations(text: str) -> Sequence[Liquidation]:
    return [event for event in read(text, {}) if isinstance(event, Liquidation)]


def _tickers(text: str) -> Sequence[Seen]:
    data = _live(text)
    if data is None:
        return [quote.seen(VENUE) for quote in parse_tickers(text)]
    return [i.quote().seen(VENUE) for i in data if isinstance(i, MiniTicker | DayTicker)]


def _candles(text: str) -> Sequence[Seen]:
    data = _live(text)
    if data is None:
        return _past_candles(parse_bars(text))
    return [
        Seen(bar, VENUE, item.symbol, item.bar.interval, bar.opened_at)
        for item in data
        if isinstance(item, Kline) and (bar := item.candle())
    ]


def _past_candles(rows: list[Bar]) -> Sequence[Seen]:
    """The answer names neither symbol nor interval."""
    coins = _coin_margined(rows)
    found = bars.tidy(candle_of(row, row.quoted if coins else row.volume) for row in rows)
    return bars.seen(bars.newest_open(found), VENUE, None, _interval(rows))


def _interval(rows: list[Bar]) -> str | None:
    """From the ends of the bars, which tell it even of one alone."""
    lengths = [row.ends_ms + 1 - row.opened_ms for row in rows if row.ends_ms > row.opened_ms]
    if not lengths:
        return None
    return bars.length_name(timedelta(milliseconds=max(set(lengths), key=lengths.count)))


def _coin_margined(rows: list[Bar]) -> bool:
    """
    Whether the volumes are contracts and the next-to-last figures coins, told from the busiest bar: elsewhere what
    was paid, divided by the volume, is a price of that bar; here it is the dollars of the contracts by the coins.
    """
    busiest = max(rows, key=lambda row: row.volume, default=None)
    if busiest is None or not busiest.volume or not busiest.quoted:
        return False

    def is_price(figure: float) -> bool:
        return busiest.low * (1 - ROUNDED) <= figure <= busiest.high * (1 + ROUNDED)

    contracts = busiest.volume / busiest.quoted
    return not is_price(1 / contracts) and any(
        is_price(contracts * usd) for usd in (BITCOIN_USD, OTHER_USD)
    )


def _asked(parse: Callable[[str], Sequence[object]]) -> Callable[[str], Sequence[object]]:
    """For what is told over REST alone: a live frame holds none of it."""
    return lambda text: parse(text) if _live(text) is None else []


def _open_interests(text: str) -> Sequence[OpenInterest]:
    if isinstance(decoded(text), list):
        return futures.parse_open_interest_history(text)
    return [futures.parse_open_interest(text)]


def _fundings(text: str) -> Sequence[Funding]:
    data = _live(text)
    if data is None:
        past = '"fundingTime"' in text
        return futures.parse_funding_history(text) if past else futures.parse_fundings(text)
    return [funding for item in data if (funding := _funding(item)) is not None]


def _funding(item: Data) -> Funding | None:
    rate = number(item.rate) if isinstance(item, MarkPrice) else None
    if not isinstance(item, MarkPrice) or rate is None:
        return None
    next_at = moment_ms(item.next_ms) if item.next_ms else None
    return Funding(VENUE, item.symbol, rate, None, moment_ms(item.sent_ms), next_at)


def _marks(text: str) -> Sequence[Seen]:
    data = _live(text)
    if data is None:
        return futures.parse_marks(text)
    return [
        Seen(Mark(i.mark, i.index), VENUE, i.symbol, None, moment_ms(i.sent_ms))
        for i in data
        if isinstance(i, MarkPrice)
    ]


def _intervals(text: str) -> Sequence[Seen]:
    """Hours between two payments, by symbol."""
    return [Seen(hours, VENUE, symbol) for symbol, hours in futures.parse_intervals(text).items()]


_KINDS: dict[str, Callable[[str], Sequence[object]]] = {
    "liquidation": _liquidations,
    "ticker": _tickers,
    "candle": _candles,
    "open_interest": _asked(_open_interests),
    "funding": _fundings,
    "funding_interval": _asked(_intervals),
    "mark": _marks,
    "ratio": _asked(futures.parse_ratios),
}

READS = {kind: understood(VENUE, parse, refusal) for kind, parse in _KINDS.items()}
