"""What is offered while somebody types a schedule."""

import pytest

from bot.suggest import Suggestions
from handlers.command import Channel, OptionKind
from tests.fakes import desk_without_sources


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("08:00 Berl", "08:00 Europe/Berlin"),
        ("08:00 new yo", "08:00 America/New_York"),
        ("weekdays 08:00 ho chi m", "weekdays 08:00 Asia/Ho_Chi_Minh"),
        ("07:30", "weekdays 07:30"),
    ],
)
async def test_a_schedule_is_completed_from_what_was_begun(clock, typed, offered):
    offers = await Suggestions(desk_without_sources(clock))(
        OptionKind.SCHEDULE, typed, Channel("discord", "1")
    )

    assert offers[0] == typed
    assert offered in offers


@pytest.mark.parametrize(
    ("kind", "typed", "offered"),
    [
        (OptionKind.ZONE, "", "UTC"),
        (OptionKind.ZONE, "europe/b", "Europe/Berlin"),
        (OptionKind.ZONE, "reykj", "Atlantic/Reykjavik"),
        (OptionKind.LANGUAGE, "", "en"),
        (OptionKind.ASSET, "et", "ETH"),
        (OptionKind.ASSET, "bitcoin c", "BCH"),
        (OptionKind.RULE, "eth", "eth"),
    ],
)
async def test_the_nearest_is_offered_first(clock, kind, typed, offered):
    offers = await Suggestions(desk_without_sources(clock))(kind, typed, Channel("discord", "1"))

    assert offers[0] == offered
