"""One history out of several sources, kept for good."""

import logging
from datetime import UTC, date, datetime, timedelta

import fakeredis
import httpx
import pytest
import stamina

from config.watchlist import Asset
from providers import coinglass, sosovalue
from providers.errors import Unavailable
from providers.flow_history import FlowHistory
from providers.theblock import TheBlock
from providers.types import FlowDay, FlowStatus, Reading
from tests.fakes import Clock
from tests.providers.sources import Source, asset, upstream

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


def two_days() -> dict[str, object]:
    rows = [{"date": "2030-03-05", "totalNetInflow": 5e6}]
    return {"/openapi/v2/etf/historicalInflowChart": {"code": 0, "data": rows}}


@pytest.mark.parametrize(
    ("answer", "most"),
    [
        pytest.param({"code": "401", "msg": "Upgrade plan"}, 1, id="not in the plan"),
        pytest.param(httpx.Response(403), 2, id="refused"),
        pytest.param(httpx.Response(503), 20 * 3, id="down"),
    ],
)
async def test_a_source_that_fails_is_not_asked_with_every_round_while_a_report_is_due(
    clock: Clock, redis: fakeredis.FakeAsyncRedis, answer: object, most: int
) -> None:
    clock.time = datetime(2030, 3, 6, 22, 0, tzinfo=UTC)
    fails = Source({"/api/etf/bitcoin/flow-history": answer})
    well = Source(two_days())
    sources = (
        coinglass.Coinglass(upstream(fails, clock, "Coinglass", coinglass.refusal), clock),
        sosovalue.SoSoValue(upstream(well, clock, "SoSoValue", sosovalue.refusal), None, clock),
    )
    history = FlowHistory(sources, redis, clock)
    with stamina.set_testing(True, attempts=3, cap=True):
        for _ in range(40):
            told = await history.flows(asset())
            clock.advance(seconds=30)

    assert told.source == "SoSoValue"
    assert 0 < len(fails.asked) <= most


async def test_a_source_that_goes_down_is_known_to_be_down_while_its_days_are_still_told(
    clock: Clock, redis: fakeredis.FakeAsyncRedis
) -> None:
    path = "/markets_structuredproducts_btcspotetfflows_daily_other.json"
    noon = int(datetime(2030, 3, 5, 12, tzinfo=UTC).timestamp())
    series = {"IBIT": {"Data": [{"Timestamp": noon, "Result": 5e6}]}}
    wire = Source({path: {"Series": series}})
    history = FlowHistory((TheBlock(upstream(wire, clock, "The Block"), clock),), redis, clock)
    first = await history.flows(asset())
    wire.answers[path] = httpx.Response(503)
    with stamina.set_testing(True, attempts=3, cap=True):
        clock.advance(hours=30)
        again = await history.flows(asset())

    (state,) = history.states()
    assert again.value == first.value
    assert again.as_of == first.as_of
    assert state.error == "answered with status 503"
    assert state.answered_at == first.as_of


async def test_what_a_source_said_stands_while_it_is_left_alone(
    clock: Clock, redis: fakeredis.FakeAsyncRedis
) -> None:
    partial = FlowDay(TUESDAY, 1e6, (("IBIT", 1e6), ("GBTC", None)), FlowStatus.PARTIAL)
    clock.time = datetime(2030, 3, 5, 23, 0, tzinfo=UTC)

    class Remembers(Teller):
        async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
            self.asked += 1
            failed = Unavailable("one", "timed out") if self.asked > 1 else None
            return Reading((final(MONDAY, 1e6), partial), "one", self.clock(), failed)

    one, two = Remembers("one", clock), Teller("two", clock, final(MONDAY, 1e6))
    history = FlowHistory((one, two), redis, clock)
    told = []
    for _ in range(3):
        told.append((await history.flows(asset())).value[-1])
        clock.advance(seconds=31)

    assert told == [partial] * 3
    assert one.asked == 2
