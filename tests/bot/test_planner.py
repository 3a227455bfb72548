import asyncio
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from bot.notebook import StoreNotebook
from bot.outbox import KEPT, Outbox
from bot.planner import Planner
from bot.store import shard_key, shard_of
from handlers.command import Channel
from handlers.subscription import Days, Schedule, Subscription, SubscriptionKind
from tests.bot.owing import AT, HERE, lying
from tests.fakes import Clock

GRACE = timedelta(minutes=15)


def morning(channel=HERE, *, at="12:01", since=AT, **schedule) -> Subscription:
    chosen = Schedule(at, "UTC", **schedule)
    return Subscription(
        "1", channel.key, SubscriptionKind.BRIEFING, "discord:9", since, schedule=chosen
    )


def replace(subscription: Subscription, zone: str) -> Subscription:
    schedule = msgspec.structs.replace(subscription.schedule, zone=zone)
    return msgspec.structs.replace(subscription, schedule=schedule)


def planner(store, clock) -> Planner:
    return Planner(
        store,
        StoreNotebook(store),
        Outbox(store),
        now=clock,
        trading_day=lambda day: day.weekday() < 5,
        grace=GRACE,
    )


async def owed(store) -> list:
    return [e.owed for e in await lying(Outbox(store))]


@pytest.fixture
def clock() -> Clock:
    return Clock(AT)


async def test_a_briefing_is_owed_at_its_minute_and_once(store, clock):
    await StoreNotebook(store).subscribe(morning())
    plan = planner(store, clock)

    counts = [await plan.tick(), *[await plan.tick() for _ in (clock.advance(minutes=1), 0)]]

    assert counts == [0, 1, 0]
    [debt] = await owed(store)
    assert debt.briefing.occurrence == "2030-03-06T12:01"
    assert debt.expires == AT + timedelta(minutes=16)


async def test_two_planners_do_not_double(store, clock):
    await StoreNotebook(store).subscribe(morning())
    plans = [planner(store, clock), planner(store, clock)]
    await asyncio.gather(*(plan.tick() for plan in plans))
    clock.advance(minutes=1)

    await asyncio.gather(*(plan.tick() for plan in plans))

    assert len(await owed(store)) == 1


@pytest.mark.parametrize(
    ("zone", "at", "around", "days"),
    [
        ("America/New_York", "02:30", "2030-03-10", "10 11"),
        ("America/New_York", "01:30", "2030-11-03", "3 4"),
        ("Europe/London", "01:30", "2030-03-31", "31 1"),
        ("Europe/London", "01:30", "2030-10-27", "27 28"),
        ("Australia/Sydney", "02:30", "2030-10-06", "6 7"),
        ("Australia/Sydney", "02:30", "2030-04-07", "7 8"),
        ("Australia/Lord_Howe", "02:15", "2030-10-06", "6 7"),
        ("Australia/Lord_Howe", "01:45", "2030-04-07", "7 8"),
        ("Europe/London", "03:00", "2028-02-29", "29 1"),
        ("America/New_York", "23:59", "2030-01-01", "31 1"),
    ],
)
async def test_clocks_that_change_neither_double_nor_drop_a_briefing(store, zone, at, around, days):
    """Planned by a process that is replaced every half hour."""
    noon = datetime.fromisoformat(f"{around}T12:00").replace(tzinfo=ZoneInfo(zone))
    clock = Clock(noon.astimezone(UTC) - timedelta(hours=18))
    await StoreNotebook(store).subscribe(replace(morning(at=at, since=clock()), zone))
    while clock() < noon.astimezone(UTC) + timedelta(hours=18):
        await planner(store, clock).tick()
        clock.advance(minutes=30)

    times = [o.briefing.occurrence for o in await owed(store)]
    assert [int(t[8:10]) for t in times] == [int(day) for day in days.split()]
    assert {t[11:] for t in times} == {at}


async def test_after_days_of_silence_only_the_newest_is_owed_and_is_late(store, clock):
    await StoreNotebook(store).subscribe(morning())
    await planner(store, clock).tick()
    now = clock.advance(days=3, hours=1)

    await planner(store, clock).tick()

    [debt] = await owed(store)
    assert debt.briefing.occurrence == "2030-03-09T12:01"
    assert debt.expires < now


async def test_a_new_subscription_counts_from_the_next_tick(store, clock):
    plan = planner(store, clock)
    await plan.tick()
    await StoreNotebook(store).subscribe(morning())
    plan.heard(HERE.key)
    await plan.tick()
    clock.advance(minutes=1)

    assert await plan.tick() == 1


async def test_a_removed_subscription_is_not_sent(store, clock):
    notebook, plan = StoreNotebook(store), planner(store, clock)
    await notebook.subscribe(morning())
    await plan.tick()
    await notebook.unsubscribe(HERE, "1")
    plan.heard(HERE.key)
    clock.advance(minutes=1)

    assert await plan.tick() == 0


async def test_a_flow_briefing_waits_for_the_final_figure(store, clock):
    await StoreNotebook(store).subscribe(morning(after_flows=True))
    plan = planner(store, clock)
    clock.advance(days=2)
    await plan.tick()
    before = await owed(store)

    for _ in range(2):
        await plan.flows_final("BTC", AT.date())
    await plan.flows_final("ETH", AT.date())

    assert before == []
    assert [o.briefing.occurrence for o in await owed(store)] == ["flows-2030-03-06"]


async def test_a_flow_briefing_is_not_owed_again_when_no_day_follows_for_weeks(store, clock):
    await StoreNotebook(store).subscribe(morning(after_flows=True))
    plan = planner(store, clock)
    clock.advance(hours=20)
    await plan.tick()
    for day in range(30):
        if day >= KEPT.days:  # the store has forgotten the delivery by then
            async for key in store.cmd.scan_iter(match=f"{shard_key(shard_of(HERE.key))}:d:*"):
                await store.cmd.delete(key)
        await plan.flows_final("BTC", AT.date())
        clock.advance(days=1)

    assert [o.briefing.occurrence for o in await owed(store)] == ["flows-2030-03-06"]


async def test_a_holiday_is_no_trading_day(store, clock):
    await StoreNotebook(store).subscribe(morning(days=Days.TRADING))
    plan = Planner(
        store,
        StoreNotebook(store),
        Outbox(store),
        now=clock,
        trading_day=lambda day: day != AT.date(),
        grace=GRACE,
    )
    await plan.tick()
    clock.advance(hours=1)

    assert await plan.tick() == 0


async def test_three_thousand_briefings_in_one_minute_never_stall_the_loop(store, clock):
    if store.kind == "fake":
        pytest.skip("fakeredis does its work inside our loop")
    notebook = StoreNotebook(store)
    places = [Channel("discord", str(n)) for n in range(3000)]
    for start in range(0, 3000, 250):
        await asyncio.gather(*(notebook.subscribe(morning(c)) for c in places[start : start + 250]))
    plan = planner(store, clock)
    await plan.tick()
    clock.advance(minutes=1)
    ticking = asyncio.ensure_future(plan.tick())
    stalls = []
    while not ticking.done():
        before = time.perf_counter()
        await asyncio.sleep(0)
        stalls.append(time.perf_counter() - before)

    assert ticking.result() == 3000
    # The goal is 10 ms on an idle machine; a busy one that runs tests side by side gets some air.
    assert sorted(stalls)[len(stalls) * 99 // 100] < 0.01
    assert max(stalls) < 0.1
