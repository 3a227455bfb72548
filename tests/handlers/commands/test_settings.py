"""/settings: one panel; what was changed is said back as it now is."""

import pytest

from bot.render.text import plain
from handlers.command import Channel, ChannelKind, UserError
from handlers.commands.settings import CHANGES, COMMAND, PAGES
from handlers.preferences import QuietHours, Severity
from handlers.reply import Role
from tests.fakes import desk_without_sources
from tests.handlers.commands.asking import HERE, ask

SERVER = Channel("discord", "5")


@pytest.fixture
def desk(clock):
    return desk_without_sources(clock)


async def test_the_panel_shows_what_holds(desk):
    reply = await ask(COMMAND, desk)
    assert reply.private
    assert "Subscriptions: 0, alerts: 0" in plain(reply)
    assert "Zone: UTC" in plain(reply)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("quiet 22:00 07:00", "quiet", QuietHours("22:00", "07:00")),
        ("quiet 10pm-7am", "quiet", QuietHours("22:00", "07:00")),
        ("quiet 22:00–07:00", "quiet", QuietHours("22:00", "07:00")),
        ("quiet 22:00 – 07:00", "quiet", QuietHours("22:00", "07:00")),
        ("quiet 22-07", "quiet", QuietHours("22:00", "07:00")),
        ("quiet 22 to 7", "quiet", QuietHours("22:00", "07:00")),
        ("quiet 22 Uhr bis 7 Uhr", "quiet", QuietHours("22:00", "07:00")),
        ("quiet 10 pm to 7 am", "quiet", QuietHours("22:00", "07:00")),
        ("quiet 22:00 07:00 all", "quiet", QuietHours("22:00", "07:00", critical_passes=False)),
        ("rings critical", "rings_from", Severity.CRITICAL),
        ("zone berlin", "zone", "Europe/Berlin"),
        ("zone new york", "zone", "America/New_York"),
        ("language en", "language", "en"),
        ("assets btc, eth btc", "assets", ("BTC", "ETH")),
        ("currency eur", "currency", "EUR"),
        ("charts light", "dark_charts", False),
        ("publish on", "publish_briefings", True),
        ("role <@&123>", "manager_role", "123"),
    ],
)
async def test_a_change_is_kept_and_said_back(desk, text, field, value):
    reply = await ask(COMMAND, desk, text)
    assert getattr(await desk.notebook.preferences(HERE), field) == value
    assert "Saved. This is now true:" in plain(reply)


async def test_the_role_page_names_the_role(desk):
    await ask(COMMAND, desk, "role 123")
    [note, *_] = (await ask(COMMAND, desk, "role")).blocks[0].lines

    assert note[-2:] == (Role("123", "123"), ".")


async def test_quiet_hours_that_are_ended_by_hand_stay_known_as_held_until_then(desk, clock):
    await ask(COMMAND, desk, "quiet 11:00 19:00")
    clock.advance(hours=1)
    await ask(COMMAND, desk, "charts light")
    before = (await desk.notebook.preferences(HERE)).muted_until
    await ask(COMMAND, desk, "quiet off")

    assert before is None
    assert (await desk.notebook.preferences(HERE)).muted_until == clock()


@pytest.mark.parametrize(
    "text",
    ["sound on", "quiet 22:00", "quiet 22:00 22:00", "rings loud", "zone atlantis", "language xx",
     "assets unicorn", "charts red", "publish maybe", "role boss",
     "currency doubloon", "critical maybe", "critical off"],
)  # fmt: skip
async def test_what_cannot_be_is_refused_with_an_example(desk, text):
    before = await desk.notebook.preferences(HERE)
    with pytest.raises(UserError) as refused:
        await ask(COMMAND, desk, text)
    assert refused.value.example.startswith("/settings ")
    assert await desk.notebook.preferences(HERE) == before


@pytest.mark.parametrize("name", sorted(PAGES))
async def test_each_page_offers_its_choices_and_a_way_back(desk, name):
    reply = await ask(COMMAND, desk, name)
    assert reply.title.startswith("Settings › ")
    assert reply.controls[-1][0].command == "settings"
    assert name in CHANGES


async def test_critical_alerts_are_told_to_wait_and_to_pass_again(desk):
    await ask(COMMAND, desk, "quiet 22:00 07:00")
    page = await ask(COMMAND, desk, "quiet")
    switch = next(c for row in page.controls for c in row if "critical" in c.command)
    assert switch.label == "Let critical wait too"

    reply = await ask(COMMAND, desk, switch.command.removeprefix("settings "))

    assert "Quiet hours: 22:00 – 07:00, critical alerts wait too" in plain(reply)
    assert not (await desk.notebook.preferences(HERE)).quiet.critical_passes
    other = await ask(COMMAND, desk, "quiet 23:00 08:00")
    assert "Quiet hours: 23:00 – 08:00, critical alerts wait too" in plain(other)
    page = await ask(COMMAND, desk, "critical")
    assert page.controls[0][0].command == "settings critical on"
    assert "critical alerts pass" in plain(await ask(COMMAND, desk, "critical on"))


async def test_without_quiet_hours_the_switch_leads_to_them(desk):
    page = await ask(COMMAND, desk, "critical")

    assert page.controls[0][0].command == "settings quiet"


@pytest.mark.parametrize(
    ("channel", "kind", "offered"),
    [
        (HERE, ChannelKind.GROUP, {"Currency", "Data and privacy"}),
        (SERVER, ChannelKind.PRIVATE, {"Currency", "Data and privacy"}),
        (SERVER, ChannelKind.GROUP, {"Currency", "Role", "Data and privacy"}),
        (SERVER, ChannelKind.BROADCAST, {"Currency", "Role", "Publish", "Data and privacy"}),
    ],
)
async def test_only_what_the_place_knows_is_offered(desk, channel, kind, offered):
    reply = await ask(COMMAND, desk, kind=kind, channel=channel)

    assert {c.label for c in reply.controls[-1]} == offered


async def test_everything_that_can_be_typed_can_be_pressed(desk):
    reply = await ask(COMMAND, desk, kind=ChannelKind.BROADCAST, channel=SERVER)
    await ask(COMMAND, desk, "quiet 22:00 07:00")
    quiet = await ask(COMMAND, desk, "quiet")
    pressed = {c.command for one in (reply, quiet) for row in one.controls for c in row}

    assert {f"settings {name}" for name in PAGES if name != "critical"} <= pressed
    assert "settings critical off" in pressed
