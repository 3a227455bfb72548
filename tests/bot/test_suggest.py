"""What is offered while somebody types a schedule."""

import pytest

from bot.suggest import Suggestions
from handlers.command import Channel, OptionKind
from handlers.preferences import Preferences
from handlers.words import Words
from tests.bot.owing import HERE, rule
from tests.bot.test_languages import LANGUAGES
from tests.fakes import desk_without_sources


async def english(channel, client):
    return Words()


async def german(channel, client):
    return LANGUAGES.words(Preferences(language="de"))


async def test_what_is_offered_is_explained_in_the_chats_language(clock):
    desk = desk_without_sources(clock)
    await desk.notebook.add_rule(rule("1"))

    (english_offer,) = await Suggestions(desk, english)(OptionKind.RULE_ID, "", HERE)
    (german_offer,) = await Suggestions(desk, german)(OptionKind.RULE_ID, "", HERE)

    assert " below " in english_offer
    assert " unter " in german_offer


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
    offers = await Suggestions(desk_without_sources(clock), english)(
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
    offers = await Suggestions(desk_without_sources(clock), english)(
        kind, typed, Channel("discord", "1")
    )

    assert offers[0] == offered
