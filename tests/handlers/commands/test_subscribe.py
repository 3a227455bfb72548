"""/subscribe: what is sent where, echoed with its next runs, and stopped as easily."""

from dataclasses import replace

import pytest

from bot.render.text import plain
from handlers.command import ChannelKind, UserError
from handlers.commands import COMMANDS
from handlers.preferences import Managed, Preferences
from handlers.subscription import Days, SubscriptionKind
from tests.fakes import desk_without_sources
from tests.handlers.commands.asking import HERE, ask

SUBSCRIBE, UNSUBSCRIBE, ALERT = (
    next(c for c in COMMANDS if c.name == name) for name in ("subscribe", "unsubscribe", "alert")
)


@pytest.fixture
def desk(clock):
    return desk_without_sources(clock)


async def test_a_briefing_is_echoed_with_its_next_three_runs(desk):
    reply = await ask(SUBSCRIBE, desk, "brief weekdays 08:00 Europe/Berlin eth")
    text = plain(reply)
    assert reply.title == "Subscribed: briefing at 08:00"
    assert "Morning briefing (ETH) Monday to Friday at 08:00 Europe/Berlin" in text
    for run in ("Thu 7 Mar 08:00 CET (07:00 UTC)", "Fri 8 Mar 08:00 CET", "Mon 11 Mar 08:00 CET"):
        assert run in text
    (kept,) = await desk.notebook.subscriptions(HERE)
    assert kept.schedule.days is Days.WEEKDAYS


async def test_a_close_waits_for_the_flows(desk):
    reply = await ask(SUBSCRIBE, desk, "brief close after flows")
    assert "US close briefing (BTC) once the ETF flows are final" in plain(reply)
    (kept,) = await desk.notebook.subscriptions(HERE)
    assert kept.briefing == "close"


async def test_a_flash_has_no_time_of_day(desk):
    with pytest.raises(UserError, match="Briefings: morning, close, weekly"):
        await ask(SUBSCRIBE, desk, "brief flash 08:00")


async def test_the_first_asset_of_the_chat_is_the_one_meant(desk):
    preferences = await desk.notebook.preferences(HERE)
    changed = type(preferences)(assets=("ETH", "BTC"))
    await desk.notebook.set_preferences(HERE, changed)
    await ask(SUBSCRIBE, desk, "brief 08:00")
    (kept,) = await desk.notebook.subscriptions(HERE)
    assert kept.asset == "ETH"


async def test_the_same_briefing_twice_is_refused(desk):
    await ask(SUBSCRIBE, desk, "brief 08:00")
    with pytest.raises(UserError, match="already gets exactly that"):
        await ask(SUBSCRIBE, desk, "brief 08:00")


async def test_a_chat_keeps_only_so_many(desk):
    desk = replace(desk, max_schedules=1)
    await ask(SUBSCRIBE, desk, "brief 08:00")
    with pytest.raises(UserError, match="as many as I keep"):
        await ask(SUBSCRIBE, desk, "brief 09:00")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("brief", "When should it come"),
        ("brief 08:00 Berln", "do not understand “Berln”"),
        ("brief 08:00 Mars/Phobos", "zone “Mars/Phobos”. For instance: Europe/Berlin"),
        ("brief 08:00 Germany/Berlin", "zone “Germany/Berlin”. For instance: Europe/Berlin"),
        (
            "brief 08:00 UTC+1",
            "“UTC\\+1” knows no summer time. Name a city instead, for instance Europe/Berlin",
        ),
        ("brief 08:00 gmt +09:30", "“\\+09:30” knows no summer time.*America/New_York"),
        ("milk", "briefings or alerts, not “milk”"),
    ],
)
async def test_what_is_not_understood_is_said(desk, text, says):
    with pytest.raises(UserError, match=says):
        await ask(SUBSCRIBE, desk, text)


async def test_only_admins_choose(desk):
    with pytest.raises(UserError, match="Only admins"):
        await ask(SUBSCRIBE, desk, "brief 08:00", admin=False)
    with pytest.raises(UserError, match="Only admins"):
        await ask(UNSUBSCRIBE, desk, "all", admin=False)


async def test_a_guest_cannot_promise_to_post(desk):
    with pytest.raises(UserError, match="I am a guest here"):
        await ask(SUBSCRIBE, desk, "alerts", kind=ChannelKind.FOREIGN)


async def test_missing_rights_are_named_at_once(desk):
    desk.office.missing = ("Send Messages",)
    assert "nothing will arrive: Send Messages" in plain(await ask(SUBSCRIBE, desk, "brief 08:00"))


async def test_alerts_bring_their_rules_and_take_them_along(desk):
    reply = await ask(SUBSCRIBE, desk, "alerts")
    assert reply.title == "Subscribed: 6 alerts"
    assert len(await desk.notebook.rules(HERE)) == 6
    with pytest.raises(UserError, match="already gets the alerts"):
        await ask(SUBSCRIBE, desk, "alerts")
    await ask(UNSUBSCRIBE, desk, "alerts")
    assert await desk.notebook.rules(HERE) == ()


async def test_further_assets_join_the_alerts(desk):
    await ask(SUBSCRIBE, desk, "alerts")
    reply = await ask(SUBSCRIBE, desk, "alerts btc, eth")
    assert reply.title == "Subscribed: 6 alerts"
    rules = [record.rule for record in await desk.notebook.rules(HERE)]
    assert [rule.asset for rule in rules] == ["BTC"] * 6 + ["ETH"] * 6
    assert len({rule.subscription for rule in rules}) == 1
    assert len(await desk.notebook.subscriptions(HERE)) == 1
    with pytest.raises(UserError, match="already gets the alerts"):
        await ask(SUBSCRIBE, desk, "alerts eth")


async def test_alerts_of_an_unknown_asset_are_refused(desk):
    with pytest.raises(UserError, match="do not know “foo”"):
        await ask(SUBSCRIBE, desk, "alerts foo")
    assert await desk.notebook.rules(HERE) == ()
    assert await desk.notebook.subscriptions(HERE) == ()


async def test_what_the_chat_watches_already_is_not_doubled(desk):
    await ask(ALERT, desk, "btc level break")
    assert (await ask(SUBSCRIBE, desk, "alerts")).title == "Subscribed: 5 alerts"


async def test_the_alerts_keep_to_what_a_chat_may_have(desk):
    desk = replace(desk, max_rules=6)
    await ask(ALERT, desk, "fear < 15")
    with pytest.raises(UserError, match="the most it may have"):
        await ask(SUBSCRIBE, desk, "alerts")
    assert len(await desk.notebook.rules(HERE)) == 1
    assert await desk.notebook.subscriptions(HERE) == ()


async def test_alerts_removed_one_and_all_can_be_subscribed_to_again(desk):
    await ask(SUBSCRIBE, desk, "alerts")
    await ask(ALERT, desk, "remove all")
    assert await desk.notebook.subscriptions(HERE) == ()
    assert (await ask(SUBSCRIBE, desk, "alerts")).title == "Subscribed: 6 alerts"


async def test_a_weekly_briefing_comes_on_mondays_unless_another_day_is_named(desk):
    await ask(SUBSCRIBE, desk, "brief weekly 8:00")
    await ask(SUBSCRIBE, desk, "brief weekly sun 18:00 London")
    await ask(SUBSCRIBE, desk, "brief Weekly daily 9:00")
    found = [s.schedule for s in await desk.notebook.subscriptions(HERE)]
    assert [(s.days, s.weekdays) for s in found] == [
        (Days.CUSTOM, (0,)),
        (Days.CUSTOM, (6,)),
        (Days.DAILY, ()),
    ]


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("08:00 20:00", "20:00"),
        ("08:00,20:00", "20:00"),
        ("btc eth 08:00", "eth"),
        ("morning close 08:00", "close"),
        ("08:00 berlin tokyo", "tokyo"),
    ],
)
async def test_of_two_times_or_assets_none_is_forgotten(desk, typed, word):
    with pytest.raises(UserError, match=f"“{word}” is one too many"):
        await ask(SUBSCRIBE, desk, f"brief {typed}")
    assert await desk.notebook.subscriptions(HERE) == ()


async def test_after_the_close_is_not_taken_for_after_the_flows(desk):
    with pytest.raises(UserError, match="a time like 08:00, or say “after flows”"):
        await ask(SUBSCRIBE, desk, "brief after close")


async def test_the_list_names_each_with_its_number(desk):
    await ask(SUBSCRIBE, desk, "brief 08:00")
    await ask(SUBSCRIBE, desk, "alerts")
    text = plain(await ask(SUBSCRIBE, desk, "list"))
    assert "1 Morning briefing (BTC) every day at 08:00 UTC" in text
    assert [s.kind for s in await desk.notebook.subscriptions(HERE)] == list(SubscriptionKind)


async def test_a_private_chat_offers_the_channels_its_owner_let_us_into(desk):
    channels = (Managed("@-1003", "News <b>"),)
    await desk.notebook.set_preferences(HERE, Preferences(channels=channels))
    reply = await ask(SUBSCRIBE, desk)
    assert [(b.label, b.command) for b in reply.controls[-1]] == [
        ("News <b> ›", "subscribe @-1003")
    ]
    assert "channels that you added me to" in plain(reply)


async def test_alerts_that_somebody_set_alone_are_not_forgotten_when_all_is_stopped(desk):
    await ask(ALERT, desk, "btc liqs > 500M 24h")
    await ask(SUBSCRIBE, desk, "alerts")
    left = "Alerts set one by one: 1. See or stop them: /alert list"
    assert left in plain(await ask(SUBSCRIBE, desk))
    assert left in plain(await ask(UNSUBSCRIBE, desk, "all"))
    assert left in plain(await ask(UNSUBSCRIBE, desk))


async def test_whoever_named_no_city_yet_is_asked_for_one(desk):
    offered = [c.command for row in (await ask(SUBSCRIBE, desk)).controls for c in row]
    assert "subscribe zone {answer}" in offered
    answered = await ask(SUBSCRIBE, desk, "zone new york")
    offered = [c.command for row in answered.controls for c in row]
    assert "subscribe zone {answer}" not in offered
    assert "subscribe brief 08:00 America/New_York" in offered
    with pytest.raises(UserError, match="zone “Atlantis”"):
        await ask(SUBSCRIBE, desk, "zone Atlantis")
    with pytest.raises(UserError, match="Only admins"):
        await ask(SUBSCRIBE, desk, "zone Berlin", admin=False)


@pytest.mark.parametrize("kind", [ChannelKind.PRIVATE, ChannelKind.GROUP])
async def test_other_chats_are_let_in_from_the_private_one(desk, kind):
    assert bool((await ask(SUBSCRIBE, desk, kind=kind)).invite) is (kind is ChannelKind.PRIVATE)


async def test_a_test_that_did_not_arrive_says_what_to_allow(desk):
    desk.office.missing, desk.office.problem = ("Post messages",), "need administrator rights"
    text = plain(await ask(SUBSCRIBE, desk, "test"))
    assert "did not arrive" in text
    assert "need administrator rights" in text
    assert "I still need these rights here, or nothing will arrive: Post messages" in text


async def test_the_only_one_is_stopped_without_a_number(desk):
    await ask(SUBSCRIBE, desk, "brief 08:00")
    reply = await ask(UNSUBSCRIBE, desk)
    assert reply.title.startswith("Stopped: Morning briefing (BTC)")
    assert await desk.notebook.subscriptions(HERE) == ()


async def test_a_number_that_is_none_is_said(desk):
    await ask(SUBSCRIBE, desk, "brief 08:00")
    with pytest.raises(UserError, match="no subscription “9”"):
        await ask(UNSUBSCRIBE, desk, "9")


async def test_a_test_is_sent_where_it_was_asked_for(desk):
    reply = await ask(SUBSCRIBE, desk, "test")
    assert reply.title == "The test message arrived"
    assert desk.office.tested == [HERE]
