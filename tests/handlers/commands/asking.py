"""How the tests of commands ask: one request as typed, and sources that tell what they are given."""

from datetime import UTC, date, datetime, timedelta

from handlers.command import Channel, ChannelKind, Command, Request
from handlers.desk import Desk
from handlers.reply import Reply
from handlers.words import Words
from providers.errors import Unavailable, UnknownSymbol
from providers.types import (
    Candle,
    Coverage,
    Event,
    FlowDay,
    FlowStatus,
    Funding,
    Headline,
    Holding,
    Importance,
    Interval,
    LiquidationBook,
    LiquidationBucket,
    OpenInterest,
    OptionInterest,
    OptionKind,
    Reading,
    Sentiment,
    Ticker,
)

HERE = Channel("telegram", "-5")
HOUR = timedelta(hours=1)
ENGLISH = Words()


async def ask(
    command: Command,
    desk: Desk,
    text: str = "",
    *,
    admin: bool = True,
    kind=ChannelKind.GROUP,
    words: Words = ENGLISH,
    channel: Channel = HERE,
) -> Reply:
    request = Request(
        command.name, tuple(text.split()), text, channel, kind, "telegram:1", "Ada", words,
        admin=admin,
    )  # fmt: skip
    return await command.run(request, desk)


class Told:
    """Answers each question with the one value it was given, as of `at`; `fails` makes every answer an error."""

    def __init__(self, clock, value, *, age=timedelta(0), name="venue"):
        self.name, self.value, self.at, self.fails = name, value, clock() - age, None

    def _reading(self):
        if self.fails is not None:
            raise self.fails
        return Reading(self.value, self.name, self.at)

    def break_down(self):
        self.fails = Unavailable(self.name, "boom")

    async def ticker(self, asset):
        if asset.symbol not in ("BTC", "ETH"):
            raise UnknownSymbol(self.name, asset.symbol)
        return self._reading()

    async def flows(self, asset):
        return self._reading()

    async def book(self, asset, since):
        return self._reading()

    async def open_interest(self, asset):
        return self._reading()

    async def open_interest_history(self, asset, since):
        return self._reading().map(lambda one: (one,))

    async def funding(self, asset):
        return self._reading()

    async def options(self, asset):
        return self._reading()

    async def max_pain(self, asset):
        return self._reading()

    async def sentiment(self):
        return self._reading()

    async def holdings(self, asset, who):
        return self._reading()

    async def headlines(self):
        return self._reading()

    async def events(self, since, until):
        return self._reading()


class Bars:
    """
    Prices that swing gently around 100,000 and in the last two days fall to 90,000; bars end at the clock's hour.
    """

    name = "venue"

    def __init__(self, clock):
        self.clock = clock

    async def candles(self, asset, interval, limit):
        length = Interval(interval).length
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        end = epoch + (self.clock() - epoch) // length * length
        bars = tuple(self._bar(end - n * length, length) for n in range(min(limit, 900), 0, -1))
        return Reading(bars, self.name, self.clock())

    def _bar(self, at, length):
        before, close = self._price(at), self._price(at + length)
        low, high = min(before, close) * 0.999, max(before, close) * 1.001
        return Candle(at, before, high, low, close, 1.0)

    def _price(self, at):
        left = (self.clock() - at) / HOUR
        wave = 1_000.0 * (at.toordinal() % 7 - 3)
        fallen = 10_000.0 * max(0.0, 1 - max(0.0, left) / 48)
        return 100_000.0 + wave - fallen


def ticker(last=90_000.0):
    return Ticker(last, change_24h_pct=-4.5, high_24h=95_000.0, low_24h=89_000.0)


def flow_days(*nets, end=date(2030, 3, 5)):
    days = [end - timedelta(days=n) for n in range(len(nets))][::-1]
    return tuple(
        FlowDay(day, net, (("IBIT", net), ("FBTC", 0.0)), FlowStatus.FINAL)
        for day, net in zip(days, nets, strict=True)
    )


def book(clock, hours=48, long_usd=2e6, short_usd=1e6, since=timedelta(days=30)):
    end = clock().replace(minute=0)
    buckets = tuple(
        LiquidationBucket(end - n * HOUR, HOUR, "Binance", long_usd, short_usd)
        for n in range(hours, 0, -1)
    )
    return LiquidationBook("BTC", buckets, (Coverage("Binance", clock() - since),))


def rate(clock, value=0.0001, venue="Binance"):
    return Funding(venue, "BTC", value, 8.0, clock(), clock() + HOUR)


def interest(clock, usd=5e9, venue="Binance"):
    return OpenInterest(venue, "BTC", None, usd, clock())


def chain(clock, days=2):
    expiry = clock().date() + timedelta(days=days)
    return (
        OptionInterest(expiry, 90_000.0, OptionKind.CALL, 10.0),
        OptionInterest(expiry, 90_000.0, OptionKind.PUT, 5.0),
        OptionInterest(expiry, 110_000.0, OptionKind.CALL, 2.0),
    )


def feelings(clock, *values):
    today = clock().date()
    return tuple(
        Sentiment(value, "Fear", today - timedelta(days=len(values) - 1 - n))
        for n, value in enumerate(values)
    )


def held(name="United States", coins=1234.0):
    return Holding(name, coins, 1.2e8, date(2030, 1, 1), "US")


def headline(clock, title="Treasury speaks", source="US Treasury", age=HOUR):
    return Headline(title, "", "https://example.org/1", source, clock() - age)


def event(clock, name="FOMC decision", ahead=timedelta(days=3), weight=Importance.HIGH):
    return Event(name, weight, clock() + ahead, "Fed")
