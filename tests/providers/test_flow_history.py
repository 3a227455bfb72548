"""One history out of several sources, kept for good."""

import logging
from datetime import date, timedelta

import fakeredis
import pytest

from config.watchlist import Asset
from providers.errors import Unavailable
from providers.flow_history import FlowHistory
from providers.types import FlowDay, FlowStatus, Reading
from tests.fakes import Clock
from tests.providers.sources import asset

FRIDAY, MONDAY, TUESDAY = date(2030, 3, 1), date(2030, 3, 4), date(2030, 3, 5)


class Teller:
    """A source that tells what it was given, or is down."""

    def __init__(self, name: str, clock: Clock, *days: FlowDay) -> None:
        self.name = name
        self.clock = clock
        self.days: tuple[FlowDay, ...] | None = days
        self.asked = 0

    async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        self.asked += 1
        if self.days is None:
            raise Unavailable(self.name, "timed out")
        return Reading(self.days, self.name, self.clock())


def final(day: date, net: float, **funds: float) -> FlowDay:
    return FlowDay(day, net, tuple(funds.items()), FlowStatus.FINAL)


@pytest.fixture
def redis() -> fakeredis.FakeAsyncRedis:
    return fakeredis.FakeAsyncRedis()


async def test_the_first_source_tells_today_and_the_other_reaches_back(
    clock: Clock, redis: fakeredis.FakeAsyncRedis
) -> None:
    near = Teller("near", clock, final(TUESDAY, 2e6))
    far = Teller("far", clock, final(FRIDAY, 1e6), final(TUESDAY, 2.05e6))

    told = await FlowHistory((near, far), redis, clock).flows(asset())

    assert [(d.trade_date, d.net_usd) for d in told.value] == [(FRIDAY, 1e6), (TUESDAY, 2e6)]
    assert told.source == "near"


async def test_final_days_outlive_their_source_and_the_process(
    clock: Clock, redis: fakeredis.FakeAsyncRedis
) -> None:
    one = Teller("one", clock, final(MONDAY, 1e6, IBIT=1e6))
    then = clock()
    before = await FlowHistory((one,), redis, clock).flows(asset())
    clock.advance(days=1)
    one.days = None

    after = await FlowHistory((one,), redis, clock).flows(asset())

    assert after.value == before.value
    assert (after.source, after.as_of) == ("one", then)
    assert await redis.ttl("lh:{flows}:BTC") == -1


async def test_without_sources_and_without_memory_the_failure_is_told(
    clock: Clock, redis: fakeredis.FakeAsyncRedis
) -> None:
    one = Teller("one", clock)
    one.days = None

    with pytest.raises(Unavailable, match="timed out"):
        await FlowHistory((one,), redis, clock).flows(asset())


async def test_the_same_source_revises_a_final_day(
    clock: Clock, redis: fakeredis.FakeAsyncRedis
) -> None:
    one = Teller("one", clock, final(MONDAY, 1e6))
    history = FlowHistory((one,), redis, clock)
    await history.flows(asset())
    clock.advance(minutes=1)
    one.days = (final(MONDAY, 3e6),)

    (day,) = (await history.flows(asset())).value
    clock.advance(minutes=1)
    (again,) = (await FlowHistory((one,), redis, clock).flows(asset())).value

    assert (day.net_usd, day.status) == (3e6, FlowStatus.REVISED)
    assert again == day


async def test_another_sources_figure_is_a_disagreement_and_no_revision(
    clock: Clock, redis: fakeredis.FakeAsyncRedis
) -> None:
    one, two = Teller("one", clock, final(MONDAY, 10e6)), Teller("two", clock, final(MONDAY, 12e6))
    history = FlowHistory((one, two), redis, clock)

    (day,) = (await history.flows(asset())).value
    (found,) = await history.compare(asset())

    assert (day.net_usd, day.status) == (10e6, FlowStatus.FINAL)
    assert (found.trade_date, found.ours, found.theirs, found.by) == (MONDAY, 10e6, 12e6, "two")


async def test_a_day_that_is_not_final_is_not_kept(
    clock: Clock, redis: fakeredis.FakeAsyncRedis
) -> None:
    partial = FlowDay(TUESDAY, 1e6, (("IBIT", 1e6), ("GBTC", None)), FlowStatus.PARTIAL)
    one = Teller("one", clock, final(MONDAY, 1e6), partial)
    history = FlowHistory((one,), redis, clock)
    told = await history.flows(asset())
    clock.advance(minutes=1)
    one.days = None

    assert told.value[-1] == partial
    assert [d.trade_date for d in (await history.flows(asset())).value] == [MONDAY]


async def test_many_who_ask_at_once_cost_one_round(
    clock: Clock, redis: fakeredis.FakeAsyncRedis
) -> None:
    one = Teller("one", clock, final(MONDAY, 1e6))
    history = FlowHistory((one,), redis, clock)

    await history.flows(asset())
    await history.flows(asset())

    assert one.asked == 1


async def test_a_source_is_named_once_when_it_goes_and_once_when_it_is_back(
    clock: Clock, redis: fakeredis.FakeAsyncRedis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    one, two = Teller("one", clock, final(MONDAY, 1e6)), Teller("two", clock, final(MONDAY, 1e6))
    history = FlowHistory((one, two), redis, clock)
    days, one.days = one.days, None
    for _ in range(3):
        await history.flows(asset())
        clock.advance(minutes=1)
    down = {state.name: state.error for state in history.states()}
    one.days = days
    await history.flows(asset())

    assert down == {"one": "timed out", "two": None}
    assert [record.message for record in caplog.records] == ["source_down", "source_up"]
    assert timedelta(0) == clock() - history.states()[0].last_good_at


async def test_without_the_store_the_sources_still_tell(clock: Clock) -> None:
    server = fakeredis.FakeServer()
    server.connected = False
    one = Teller("one", clock, final(MONDAY, 1e6))

    told = await FlowHistory((one,), fakeredis.FakeAsyncRedis(server=server), clock).flows(asset())

    assert (told.value, told.source) == ((final(MONDAY, 1e6),), "one")
