"""What stood on Discord before a restart works after it: an alert's buttons, a panel half way, an open modal."""

from datetime import timedelta

import pytest

from bot.demo.world import World, serve
from bot.owed import Owed, OwedKind
from handlers.command import Channel
from handlers.preferences import Severity
from handlers.rule import Alert, Transition
from tests.conformance.home import OWNER, READER, TEXT, at_home, frozen, platforms, said, until

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]
HERE = Channel("discord", str(TEXT))


async def push(home, what=Transition.FIRED, name="a1"):
    now = frozen()
    seen = Alert(
        "1", what, 69_842.0, now, "Binance", {"began": now.isoformat(), "extreme": 69_110.0}
    )
    late = now + timedelta(hours=1)
    owed = Owed(name, HERE.key, OwedKind.ALERT, Severity.WARNING, now, late, alert=seen)
    await home.app.outbox.owe(None, [owed])


def alert_in(rig):
    return next((m for m in rig.sent(TEXT) if "BTC broke $70,000" in said(m)), None)


async def test_an_alerts_buttons_work_after_a_restart(shared, tmp_path):
    world = World(frozen)
    async with platforms(shared) as rigs, serve(world) as addresses:
        rig = rigs[1]
        async with at_home(rigs, world, addresses, tmp_path) as home:
            await home.discord.slash("alert add", {"rule": "btc < 70k"})
            await push(home)
            card = await until(lambda: alert_in(rig), "the alert")
            editing = home.discord.begin(card, "Edit")
            await until(lambda: editing["modal"], "a modal")
        async with at_home(rigs, world, addresses, tmp_path) as home:
            assert "acknowledged by" in said(await home.discord.press(card, "Ack"))
            assert "is silent until" in said(await home.discord.press(card, "Snooze 1h"))
            assert "Wake it up" in home.discord.labels(await home.discord.press(card, "Mute"))
            assert said(await home.discord.press(card, "Chart", READER)).startswith("BTC")
            refused = await home.discord.press(card, "Mute", READER)
            assert "Only admins" in said(refused)
            assert refused["flags"] & 64

            changed = await home.discord.submit(editing, "btc < 68k")
            assert "below $68,000" in said(changed)
            again = home.discord.begin(card, "Edit")
            await until(lambda: again["modal"], "a modal")
            assert "below $67,000" in said(await home.discord.submit(again, "btc < 67k"))
            assert changed["id"] != card["id"]
            (record,) = await home.app.notebook.rules(HERE)
            assert record.rule.value == 67_000
            assert record.state.muted
            assert "BTC broke $70,000" in said(rig.messages[card["id"]])
        assert rig.violations == []
        assert rig.timings()["pending"] == []


async def test_a_recovery_after_a_restart_changes_the_alert_that_stands(shared, tmp_path):
    world = World(frozen)
    async with platforms(shared) as rigs, serve(world) as addresses:
        rig = rigs[1]
        async with at_home(rigs, world, addresses, tmp_path) as home:
            await home.discord.slash("alert add", {"rule": "btc < 70k"})
            await push(home)
            card = await until(lambda: alert_in(rig), "the alert")
        async with at_home(rigs, world, addresses, tmp_path) as home:
            await push(home, Transition.RESOLVED, "a2")
            await until(lambda: "Recovered" in said(rig.messages[card["id"]]), "the recovery")
        assert rig.violations == []


async def test_a_panel_goes_on_where_it_was_and_a_modal_is_taken(shared, tmp_path):
    world = World(frozen)
    async with platforms(shared) as rigs, serve(world) as addresses:
        rig = rigs[1]
        async with at_home(rigs, world, addresses, tmp_path) as home:
            panel = await home.discord.slash("settings show")
            page = await home.discord.press(panel, "Quiet hours")
            hours = home.discord.begin(page, "Other hours")
            await until(lambda: hours["modal"], "a modal")
            zones = await home.discord.slash("settings zone")
            asked = await home.discord.slash("price", {"asset": "bitco"})
            alone = await home.discord.slash("start", where=None, user=READER)
        async with at_home(rigs, world, addresses, tmp_path) as home:
            saved = await home.discord.submit(hours, "23:00 06:00")
            assert "Quiet hours: 23:00 – 06:00" in said(saved)
            assert saved["id"] == page["id"]
            tokyo = next(
                o["value"]
                for o in home.discord.control(zones, "Choose a zone")["options"]
                if o["label"] == "Asia/Tokyo"
            )
            assert "Zone: Asia/Tokyo" in said(
                await home.discord.press(zones, "Choose a zone", values=[tokyo])
            )
            assert said(await home.discord.press(asked, "BTC · Bitcoin")).startswith("BTC $")
            offers = await home.discord.press(alone, "Subscribe", READER)
            assert "not subscribed" in said(offers)
            kept = await home.app.notebook.preferences(HERE)
            assert (kept.quiet.start, kept.zone) == ("23:00", "Asia/Tokyo")
        assert rig.violations == []
        assert rig.timings()["pending"] == []


async def test_a_modal_for_an_alert_that_went_meanwhile_says_so(shared, tmp_path):
    world = World(frozen)
    async with platforms(shared) as rigs, serve(world) as addresses:
        rig = rigs[1]
        async with at_home(rigs, world, addresses, tmp_path) as home:
            await home.discord.slash("alert add", {"rule": "btc < 70k"})
            card = await home.discord.slash("alert show", {"id": "1"})
            modal = home.discord.begin(card, "Edit", OWNER)
            await until(lambda: modal["modal"], "a modal")
        async with at_home(rigs, world, addresses, tmp_path) as home:
            await home.discord.slash("alert remove", {"id": "1"})
            answer = await home.discord.submit(modal, "btc < 60k")
            assert "There is no alert" in said(answer)
        assert rig.violations == []
        assert rig.timings()["pending"] == []
