"""How often fund flows are asked for over whole evenings, weekends and holidays, minute by minute, on the wire."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import fakeredis
import httpx
import pytest

from providers.flow_history import FlowHistory
from providers.sosovalue import SoSoValue
from providers.types import FlowStatus
from tests.fakes import Clock
from tests.providers.sources import asset, upstream

pytestmark = pytest.mark.slow

LATEST = timedelta(minutes=5)
EARLIER = {"IBIT": -4e6, "GBTC": 1e6}


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


class Issuers:
    """SoSoValue on the wire: the trade date before is complete, the coming one fills in as its funds file."""

    def __init__(
        self, clock: Clock, before: date, coming: date, filings: dict[str, datetime]
    ) -> None:
        self.clock, self.before, self.coming, self.filings = clock, before, coming, filings
        self.asked: list[datetime] = []

    def filed(self) -> dict[str, float]:
        return {fund: 2e6 for fund, at in self.filings.items() if at <= self.clock()}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(self.clock())
        return httpx.Response(200, json={"code": 0, "data": self.data(request.url.path)})

    def data(self, path: str) -> object:
        match path.split("/")[-2:]:
            case [_, "currentEtfDataMetrics"]:
                return self.metrics()
            case ["", "etfs"]:
                return [{"ticker": fund} for fund in EARLIER]
            case [fund, "history"]:
                rows = [{"date": str(self.before), "net_inflow": EARLIER[fund]}]
                return [{"date": str(self.coming), "net_inflow": self.filed().get(fund)}, *rows]
        total = sum(self.filed().values())
        rows = [(self.coming, total), (self.before, sum(EARLIER.values()))]
        return [{"date": str(d), "totalNetInflow": usd, "total_net_inflow": usd} for d, usd in rows]

    def metrics(self) -> object:
        def wrapped(usd: float, day: date) -> dict[str, object]:
            return {"value": usd, "lastUpdateDate": str(day)}

        filed = self.filed()
        day = self.coming if filed else self.before
        funds = {
            fund: wrapped(filed[fund], day) if fund in filed else wrapped(usd, self.before)
            for fund, usd in EARLIER.items()
        }
        total = wrapped(sum(filed.values() or EARLIER.values()), day)
        listed = [{"ticker": fund, "dailyNetInflow": one} for fund, one in funds.items()]
        return {"dailyNetInflow": total, "list": listed}


class Evening:
    """One history, asked every minute as the rules and the planner do; remembers when each status was first told."""

    def __init__(self, clock: Clock, issuers: Issuers, *, keyed: bool) -> None:
        wire = upstream(issuers, clock)
        source = SoSoValue(None if keyed else wire, wire if keyed else None, clock)
        self.history = FlowHistory((source,), fakeredis.FakeAsyncRedis(), clock)
        self.clock, self.issuers, self.asset = clock, issuers, asset()
        self.told: dict[FlowStatus, datetime] = {}

    async def until(self, end: datetime) -> None:
        while self.clock() < end:
            days = (await self.history.flows(self.asset)).value
            status = next((d.status for d in days if d.trade_date == self.issuers.coming), None)
            if status is not None:
                self.told.setdefault(status, self.clock())
            asked = len(self.issuers.asked)
            await turns(4)
            if len(self.issuers.asked) > asked or self.clock() in self.issuers.asked[-9:]:
                await turns(20)  # what is fetched behind an answer lands
            self.clock.advance(minutes=1)

    def rounds(self, since: datetime, until: datetime) -> int:
        """Minutes in which anything was asked at all."""
        return len({at for at in self.issuers.asked if since <= at < until})


@pytest.mark.parametrize("keyed", [False, True], ids=["without a key", "with a key"])
async def test_on_an_evening_each_filing_is_known_within_minutes_and_the_rest_is_quiet(
    clock: Clock, keyed: bool
) -> None:
    filings = {"IBIT": utc(2030, 3, 5, 22, 41), "GBTC": utc(2030, 3, 6, 3, 17)}
    clock.time = utc(2030, 3, 5, 15)
    issuers = Issuers(clock, date(2030, 3, 4), date(2030, 3, 5), filings)
    evening = Evening(clock, issuers, keyed=keyed)

    await evening.until(utc(2030, 3, 6, 21))

    assert evening.told[FlowStatus.PARTIAL] - filings["IBIT"] <= LATEST
    assert evening.told[FlowStatus.FINAL] - filings["GBTC"] <= LATEST
    assert evening.rounds(utc(2030, 3, 5, 15), utc(2030, 3, 5, 21)) <= 6
    assert evening.rounds(utc(2030, 3, 6, 3, 25), utc(2030, 3, 6, 21)) <= 18


async def test_a_friday_that_is_final_leaves_the_weekend_quiet(clock: Clock) -> None:
    filings = {"IBIT": utc(2030, 3, 1, 23, 2), "GBTC": utc(2030, 3, 2, 2, 30)}
    clock.time = utc(2030, 3, 1, 20, 50)
    issuers = Issuers(clock, date(2030, 2, 28), date(2030, 3, 1), filings)
    evening = Evening(clock, issuers, keyed=False)

    await evening.until(utc(2030, 3, 4, 21))

    assert evening.told[FlowStatus.FINAL] - filings["GBTC"] <= LATEST
    assert evening.rounds(utc(2030, 3, 2, 2, 40), utc(2030, 3, 4, 21)) <= 67


async def test_a_friday_that_never_ends_is_given_up_at_noon_and_asked_again_on_monday(
    clock: Clock,
) -> None:
    filings = {"IBIT": utc(2030, 3, 4, 14, 20), "GBTC": utc(2030, 3, 4, 14, 20)}
    clock.time = utc(2030, 3, 2, 11)
    issuers = Issuers(clock, date(2030, 2, 28), date(2030, 3, 1), filings)
    evening = Evening(clock, issuers, keyed=False)

    await evening.until(utc(2030, 3, 4, 15))

    assert evening.rounds(utc(2030, 3, 2, 11), utc(2030, 3, 2, 12)) >= 15
    assert evening.rounds(utc(2030, 3, 2, 12, 5), utc(2030, 3, 4, 5)) <= 41
    assert evening.told[FlowStatus.FINAL] - filings["IBIT"] <= LATEST


async def test_before_a_holiday_the_early_bell_counts_and_the_holiday_is_quiet(
    clock: Clock,
) -> None:
    """New York closes at 13:00 on 3 July 2030, a Wednesday, and stays closed on the fourth."""
    filings = {"IBIT": utc(2030, 7, 3, 19, 13), "GBTC": utc(2030, 7, 4, 1, 8)}
    clock.time = utc(2030, 7, 3, 16, 50)
    issuers = Issuers(clock, date(2030, 7, 2), date(2030, 7, 3), filings)
    evening = Evening(clock, issuers, keyed=False)

    await evening.until(utc(2030, 7, 5, 20))

    assert evening.told[FlowStatus.PARTIAL] - filings["IBIT"] <= LATEST
    assert evening.told[FlowStatus.FINAL] - filings["GBTC"] <= LATEST
    assert evening.rounds(utc(2030, 7, 4, 1, 15), utc(2030, 7, 5, 20)) <= 43


async def test_a_whole_evening_with_a_key_keeps_within_what_the_source_allows(clock: Clock) -> None:
    """Eight answers a minute and 100,000 a month: this many for each of two assets on each trading day fit."""
    filings = {"IBIT": utc(2030, 3, 5, 22, 41), "GBTC": utc(2030, 3, 6, 3, 17)}
    clock.time = utc(2030, 3, 5, 21)
    issuers = Issuers(clock, date(2030, 3, 4), date(2030, 3, 5), filings)
    evening = Evening(clock, issuers, keyed=True)

    await evening.until(utc(2030, 3, 6, 21))

    assert max(issuers.asked.count(at) for at in issuers.asked) <= 4
    assert len(issuers.asked) <= 450
