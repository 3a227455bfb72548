"""Which language a chat reads in, and that every surface of both platforms speaks it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.help import help_command
from bot.languages import Languages, words_in
from bot.render.text import plain
from bot.transports.discord_commands import catalogues, payload, text_size
from bot.transports.discord_menus import MESSAGE
from bot.transports.telegram_menus import description, menus, short_description
from handlers.commands import COMMANDS
from handlers.preferences import Preferences
from handlers.words import Words
from tests.fakes import desk_without_sources
from tests.handlers.commands.asking import HERE, ask

ALL = (*COMMANDS, help_command(COMMANDS))
LANGUAGES = Languages(default="en", zone="Europe/Berlin")
GERMAN = LANGUAGES.words(Preferences(language="de"))


@pytest.mark.parametrize(
    ("chosen", "client", "default", "read"),
    [
        (None, None, "en", "en"),
        (None, "de-AT", "en", "de"),
        (None, "de_DE", "en", "de"),
        ("en", "de", "de", "en"),
        ("de", "en-US", "en", "de"),
        (None, "tlh", "de", "de"),
        (None, "tlh", "xx", "en"),
    ],
)
def test_the_chats_choice_then_the_askers_app_then_the_default(chosen, client, default, read):
    words = Languages(default=default, zone="UTC").words(Preferences(language=chosen), client)
    assert words.locale == read


def test_chats_that_read_alike_share_what_was_written_for_one_of_them():
    assert LANGUAGES.words(Preferences(language="de")) == GERMAN
    assert hash(LANGUAGES.words(Preferences(language="de"))) == hash(GERMAN)
    assert LANGUAGES.words(Preferences(language="en")) != GERMAN


def test_a_zone_nobody_knows_falls_back_to_the_default():
    assert str(LANGUAGES.words(Preferences(zone="Mars/Olympus")).zone) == "Europe/Berlin"


def test_an_empty_folder_speaks_english(tmp_path):
    lone = Languages(default="de", zone="UTC", folder=tmp_path)
    assert lone.known == ("en",)
    assert lone.words(Preferences(language="de"))("Settings") == "Settings"


def test_a_sentence_without_words_is_said_in_english(tmp_path):
    (tmp_path / "fr.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Settings"\nmsgstr ""\n')
    french = Languages(default="fr", zone="UTC", folder=tmp_path).words(Preferences())
    assert french.locale == "fr"
    assert french("Settings") == "Settings"


def test_german_numbers_and_dates():
    assert GERMAN.price(70_000) == "70.000 $"
    assert GERMAN.price(0.5) == "0,5000 $"
    assert GERMAN.money(-2_940_000_000) == "−2,9 Mrd. $"
    assert GERMAN.money(272e6, signed=True) == "+272,0 Mio. $"
    assert GERMAN.percent(8.123, signed=False) == "8,1 %"
    assert GERMAN.percent(-8.123) == "−8,1 %"
    assert GERMAN.coins(1234, "BTC") == "1.234 BTC"
    assert GERMAN.number(1234.5, 1) == "1.234,5"
    assert GERMAN.long_date(date(2030, 3, 5)) == "5. März 2030"
    assert GERMAN.day(date(2030, 3, 5)) == "Di. 5. März"
    assert GERMAN.weekday(0) == "Montag"
    assert GERMAN.span(timedelta(hours=2, minutes=5)) == "2 Std. 5 Min."
    assert GERMAN.join(["a", "b"]) == "a · b"
    at = datetime(2030, 3, 5, 8, 0, tzinfo=UTC)
    assert GERMAN.clock(at) == "09:00 CET (08:00 UTC)"
    assert GERMAN.time(at) == "Di. 5. März 09:00 CET (08:00 UTC)"
    assert GERMAN.age(at, at + timedelta(minutes=3)) == "3 Min. alt"


@pytest.mark.parametrize(
    ("language", "price", "short", "change", "day"),
    [
        ("es", "70.000 $", "−2,9 mil M $", "−3,1 %", "mar 5 mar"),
        ("fr", "70\u202f000 $", "−2,9 Md $", "−3,1 %", "mar. 5 mars"),
        ("pt", "US$ 70.000", "−US$ 2,9 bi", "−3,1%", "ter. 05/03"),
        ("tr", "$70.000", "−$2,9 Mr", "−%3,1", "5 Mar Sal"),
        ("ru", "$70\u00a0000", "−$2,9 млрд", "−3,1 %", "вт, 5 мар."),
    ],
)
def test_numbers_and_dates_as_each_language_writes_them(language, price, short, change, day):
    words = LANGUAGES.words(Preferences(language=language))
    said = (words.price(70_000), words.money(-2.94e9), words.percent(-3.1))
    assert tuple(one.replace("\u00a0", " ") for one in said) == tuple(
        one.replace("\u00a0", " ") for one in (price, short, change)
    )
    assert words.day(date(2030, 3, 5)) == day


@pytest.mark.parametrize("language", LANGUAGES.known)
def test_what_telegram_shows_of_the_bot_fits_in_every_language(language):
    words = LANGUAGES.words(Preferences(language=language))
    found = [entry for menu in menus(ALL, (words,)) for entry in menu.entries]
    assert all(len(summary) <= 256 for _, summary in found)
    assert len(description(words)) <= 512
    assert len(short_description(words)) <= 120


def test_english_money_reads_as_before():
    assert Words().money(-2_940_000_000) == "−$2.9 bn"
    assert Words().price(70_000) == "$70,000"


def test_pictures_write_their_axes_in_the_language_of_the_chat():
    assert words_in("de").money(1.5e9) == "1,5 Mrd. $"
    assert words_in("xx")("Settings") == "Settings"


def test_telegram_menus_come_in_german():
    found = [menu for menu in menus(ALL, (Words(), GERMAN)) if menu.language == "de"]
    assert ("levels", "Unterstützung und Widerstand, mit Gründen") in found[0].entries
    assert all(len(summary) <= 256 for menu in found for _, summary in menu.entries)
    assert len(description(GERMAN)) < 512
    assert description(GERMAN).endswith("keine Ratschläge.")
    assert len(short_description(GERMAN)) < 120


def test_discord_is_told_descriptions_in_every_language_that_fit():
    told = payload(ALL, catalogues(LANGUAGES.known, LANGUAGES.translate))
    by_name = {command["name"]: command for command in told}
    levels = by_name["levels"]["description_localizations"]
    assert levels["de"] == "Unterstützung und Widerstand, mit Gründen"
    assert levels.keys() == {"de", "es-419", "es-ES", "fr", "pt-BR", "ru", "tr"}
    menus = [command for command in told if command["type"] == MESSAGE]
    assert [m["name_localizations"]["de"] for m in menus] == ["Marken dazu", "Preis dazu"]
    assert all(0 < len(name) <= 32 for m in menus for name in m["name_localizations"].values())
    for command in [command for command in told if command not in menus]:
        assert text_size(command) <= 8000
        for part in (
            command,
            *command["options"],
            *(o for s in command["options"] for o in s.get("options", ())),
        ):
            for said in (part["description"], *part.get("description_localizations", {}).values()):
                assert 0 < len(said) <= 100
                assert not said.endswith("…") or "…" in part["description"]


@pytest.mark.parametrize(
    ("command", "typed"),
    [("subscribe", "brief 08:00"), ("subscribe", "alerts"), ("alert", "flows < -500M")],
)
async def test_what_is_sent_later_speaks_as_whoever_set_it_up_was_answered(clock, command, typed):
    desk = desk_without_sources(clock)
    await ask(next(c for c in COMMANDS if c.name == command), desk, typed, words=GERMAN)
    assert LANGUAGES.words(await desk.notebook.preferences(HERE)).locale == "de"


async def test_a_language_that_was_chosen_stays(clock):
    desk = desk_without_sources(clock)
    await desk.notebook.set_preferences(HERE, Preferences(language="en"))
    await ask(next(c for c in COMMANDS if c.name == "subscribe"), desk, "brief 08:00", words=GERMAN)
    assert (await desk.notebook.preferences(HERE)).language == "en"


async def test_help_is_grouped_in_german():
    text = plain(await ask(ALL[-1], None, words=GERMAN))
    assert text.startswith("Was ich kann")
    for heading in ("Markt", "Für dich", "Alarme", "Über mich"):
        assert f"\n{heading}\n" in text
