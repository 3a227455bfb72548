"""
The market as it was: the same ports over a folder of CSV files and a clock that is told the time.

Strictly point in time. A bar counts once it has closed, and the running day is built from closed hours; a flow
counts from when it was seen; a chain of options or a holding is the last one known. Where hours do not reach, the
last closed day stands for the present, and a question for hours is refused: UnknownSymbol, since it is the
question that the files cannot answer and not a source that failed.
"""

from datetime import UTC, date, datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from config.watchlist import Asset
from providers.errors import UnknownSymbol
from providers.market import Sources
from providers.recorded_bars import HOUR, Now, RecordedBars
from providers.recorded_files import Row, moment, number, rows
from providers.recorded_flows import FlowFiles
from providers.types import (
    Coverage,
    FlowDay,
    Funding,
    Holding,
    LiquidationBook,
    LiquidationBucket,
    OpenInterest,
    OptionInterest,
    OptionKind,
    Reading,
    Sentiment,
)


def recorded_sources(folder: Path, now: Now) -> Sources:
    """Every port that the folder can answer. Raises NotADirectoryError when there is no such folder."""
    if not folder.is_dir():
        raise NotADirectoryError(folder)
    bars = RecordedBars(folder, now)
    derivatives = RecordedDerivatives(folder, now)
    return Sources(
        prices=(bars,),
        candles=(bars,),
        history=(bars,),
        flows=(RecordedFlows(folder, now),),
        liquidations=(RecordedLiquidations(folder, now),),
        open_interest=(derivatives,),
        funding=(derivatives,),
        options=(RecordedOptions(folder, now),),
        sentiment=(RecordedSentiment(folder, now),),
        holdings=(RecordedHoldings(folder, now),),
    )


class RecordedFlows:
    """ETF flows, from what was displayed when."""

    name = "recorded"

    def __init__(self, folder: Path, now: Now) -> None:
        self._folder = folder
        self._now = now
        self._files: dict[str, FlowFiles] = {}

    async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        """`as_of` is when the newest figure was seen."""
        if asset.symbol not in self._files:
            self._files[asset.symbol] = FlowFiles(self._folder, asset.symbol)
        files = self._files[asset.symbol]
        if not files:
            raise UnknownSymbol(self.name, f"no flows of {asset.symbol}")
        seen_at = files.seen_at(self._now())
        if seen_at is None:
            raise UnknownSymbol(self.name, f"no flows of {asset.symbol} yet")
        return Reading(files.days(self._now()), "Farside", seen_at)


class RecordedLiquidations:
    """Hourly sums over the named venues."""

    name = "recorded"

    def __init__(self, folder: Path, now: Now) -> None:
        self._folder = folder
        self._now = now
        self._buckets: dict[str, tuple[LiquidationBucket, ...]] = {}

    async def book(self, asset: Asset, since: datetime) -> Reading[LiquidationBook]:
        now = self._now()
        known = [b for b in self._of(asset) if b.opened_at + HOUR <= now]
        if not known:
            raise UnknownSymbol(self.name, f"no liquidations of {asset.symbol} at this time")
        end = known[-1].opened_at + HOUR
        holes = [
            (a.opened_at + HOUR, b.opened_at)
            for a, b in pairwise(known)
            if b.opened_at - a.opened_at > HOUR
        ]
        if now - end >= HOUR:
            holes.append((end, now))
        coverage = tuple(
            Coverage(venue, known[0].opened_at, tuple(holes))
            for venue in known[-1].venue.split("+")
        )
        book = LiquidationBook(
            asset.symbol, tuple(b for b in known if b.opened_at >= since), coverage
        )
        return Reading(book, "Coinglass", end)

    def _of(self, asset: Asset) -> tuple[LiquidationBucket, ...]:
        key = asset.symbol
        if key not in self._buckets:
            pattern = f"liquidations_{key.lower()}_1h*.csv"
            found = {b.opened_at: b for row in rows(self._folder, pattern) if (b := _bucket(row))}
            self._buckets[key] = tuple(found[at] for at in sorted(found))
        return self._buckets[key]


class RecordedDerivatives:
    """Open interest in dollars and funding, by the hour."""

    name = "recorded"

    def __init__(self, folder: Path, now: Now) -> None:
        self._folder = folder
        self._now = now
        self._interest: dict[str, tuple[OpenInterest, ...]] = {}
        self._rates: dict[str, tuple[Funding, ...]] = {}

    async def open_interest(self, asset: Asset) -> Reading[OpenInterest]:
        known = await self.open_interest_history(asset, datetime.min.replace(tzinfo=UTC))
        if not known.value:
            raise UnknownSymbol(self.name, f"no open interest of {asset.symbol} at this time")
        return known.map(lambda readings: readings[-1])

    async def open_interest_history(
        self, asset: Asset, since: datetime
    ) -> Reading[tuple[OpenInterest, ...]]:
        key = asset.symbol
        if key not in self._interest:
            pattern = f"derivatives_{key.lower()}_1h*.csv"
            self._interest[key] = tuple(
                OpenInterest("coinglass", key, None, usd, moment(row["time_utc"]) + HOUR)
                for row in rows(self._folder, pattern)
                if (usd := number(row, "oi_close")) is not None
            )
        known = tuple(one for one in self._interest[key] if since <= one.at <= self._now())
        if not known:
            raise UnknownSymbol(self.name, f"no open interest of {key} at this time")
        return Reading(known, "Coinglass", known[-1].at)

    async def funding(self, asset: Asset) -> Reading[Funding]:
        """The last rate settled: which one is running was not recorded."""
        key = asset.symbol
        if key not in self._rates:
            self._rates[key] = tuple(
                Funding(
                    "Binance",
                    key,
                    rate,
                    number(row, "funding_interval_hours"),
                    moment(row["time_utc"]),
                )
                for row in rows(self._folder, f"{key.lower()}_funding*.csv")
                if (rate := number(row, "last_funding_rate")) is not None
            )
        known = [one for one in self._rates[key] if one.at <= self._now()]
        if not known:
            raise UnknownSymbol(self.name, f"no funding of {key} at this time")
        return Reading(known[-1], "Binance", known[-1].at)


class RecordedOptions:
    """The last whole chain that was taken down."""

    name = "recorded"

    def __init__(self, folder: Path, now: Now) -> None:
        self._folder = folder
        self._now = now

    async def options(self, asset: Asset) -> Reading[tuple[OptionInterest, ...]]:
        taken = [at for at in self._chains if at[0] == asset.symbol and at[1] <= self._now()]
        if not taken:
            raise UnknownSymbol(self.name, f"no options of {asset.symbol} at this time")
        latest = max(taken)
        return Reading(tuple(self._chains[latest]), "Deribit", latest[1])

    @cached_property
    def _chains(self) -> dict[tuple[str, datetime], list[OptionInterest]]:
        chains: dict[tuple[str, datetime], list[OptionInterest]] = {}
        for row in rows(self._folder, "options_*.csv"):
            symbol = row["instrument_name"].split("-")[0].split("_")[0]
            strike, interest = number(row, "strike"), number(row, "open_interest")
            if strike is not None and interest is not None:
                expiry = date.fromisoformat(row["expiry_date"])
                option = OptionInterest(expiry, strike, OptionKind(row["type"]), interest)
                chains.setdefault((symbol, moment(row["time_utc"])), []).append(option)
        return chains


class RecordedSentiment:
    name = "recorded"

    def __init__(self, folder: Path, now: Now) -> None:
        self._folder = folder
        self._now = now

    async def sentiment(self) -> Reading[tuple[Sentiment, ...]]:
        """Each value counts from 00:00 of its date."""
        known = tuple(one for one in self._all if one.date <= self._now().date())
        if not known:
            raise UnknownSymbol(self.name, "no sentiment at this time")
        as_of = datetime.combine(known[-1].date, datetime.min.time(), UTC)
        return Reading(known, "alternative.me", as_of)

    @cached_property
    def _all(self) -> tuple[Sentiment, ...]:
        return tuple(
            Sentiment(int(value), _label(value), date.fromisoformat(row["date_utc"]))
            for row in rows(self._folder, "fear_greed*.csv")
            if (value := number(row, "fear_greed")) is not None
        )


class RecordedHoldings:
    """What governments were last said to hold; a sum of money without coins says nothing about coins."""

    name = "recorded"

    def __init__(self, folder: Path, now: Now) -> None:
        self._folder = folder
        self._now = now

    async def holdings(self, asset: Asset, who: str) -> Reading[tuple[Holding, ...]]:
        known = [
            (moment(row["asof"]), coins, row.get("source") or "recorded")
            for row in self._rows(asset, who)
            if (coins := number(row, asset.symbol.lower())) is not None
        ]
        told = [one for one in known if one[0] <= self._now()]
        if not told:
            raise UnknownSymbol(self.name, f"no holdings of {who} at this time")
        at, coins, source = max(told)
        holding = Holding("United States", coins, as_of=at.date(), country="US")
        return Reading((holding,), source, at)

    def _rows(self, asset: Asset, who: str) -> list[Row]:
        pattern = f"us_gov_{asset.symbol.lower()}*.csv"
        return list(rows(self._folder, pattern)) if who == "governments" else []


def _bucket(row: Row) -> LiquidationBucket | None:
    long_usd, short_usd = number(row, "long_usd"), number(row, "short_usd")
    if long_usd is None or short_usd is None:
        return None
    venues = row.get("exchanges") or "unnamed venues"
    return LiquidationBucket(moment(row["time_utc"]), HOUR, venues, long_usd, short_usd)


def _label(value: float) -> str:
    """The words that alternative.me shows beside its index."""
    for limit, label in ((25, "Extreme Fear"), (46, "Fear"), (54, "Neutral"), (75, "Greed")):
        if value <= limit:
            return label
    return "Extreme Greed"
