"""/settings: one panel; what was changed is said back as it now is."""

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.settings import CHANGES, COMMAND, PAGES
from handlers.preferences import QuietHours, Severity
from tests.fakes import desk_without_sources
from tests.handlers.commands.asking import HERE, ask


@pytest.fixture
def desk(clock):
    return desk_without_sources(clock)


async def test_the_panel_shows_what_holds(desk):
    reply = await ask(COMMAND, desk)
    assert reply.private
    assert "Sent here: 0 subscriptions, 0 alerts" in plain(reply)
    assert "Zone: UTC" in plain(reply)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("quiet 22:00 07:00", "quiet", QuietHours("22:00", "07:00")),
        ("quiet 10pm-7am", "quiet", QuietHours("22:00", "07:00")),
        ("quiet 22:00 07:00 all", "quiet", QuietHours("22:00", "07:00", critical_passes=False)),
        ("rings critical", "rings_from", Severity.CRITICAL),
        ("zone berlin", "zone", "Europe/Berlin"),
        ("zone new york", "zone", "America/New_York"),
        ("language en", "language", "en"),
        ("assets btc, eth btc", "assets", ("BTC", "ETH")),
        ("charts light", "dark_charts", False),
        ("publish on", "publish_briefings", True),
        ("role <@&123>", "manager_role", "123"),
    ],
)
async def test_a_change_is_kept_and_said_back(desk, text, field, value):
    reply = await ask(COMMAND, desk, text)
    assert getattr(await desk.notebook.preferences(HERE), field) == value
    assert "Saved. This is now true:" in plain(reply)


@pytest.mark.parametrize(
    "text",
    ["sound on", "quiet 22:00", "quiet 22:00 22:00", "rings loud", "zone atlantis", "language xx",
     "assets unicorn", "charts red", "publish maybe", "role boss"],
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
