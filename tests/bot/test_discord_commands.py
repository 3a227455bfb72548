"""What Discord is told about our commands, and what comes back as words."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import fakeredis
import pytest

import handlers
from bot.help import help_command
from bot.transports.discord_commands import catalogues, payload, sync, text_size
from bot.transports.discord_requests import Typed, asked_for, typed_by, typed_in
from handlers.command import Command, Option, OptionKind, Right, Subcommand
from handlers.commands import COMMANDS


async def run(*_):
    raise AssertionError("never run here")


FLOWS = Command(
    "flows",
    "/flows",
    "ETF flows",
    run,
    options=(
        Option("days", "How many", OptionKind.WINDOW),
        Option("asset", "Which", OptionKind.ASSET, required=True),
        Option("word", "Any words", OptionKind.TEXT),
        Option("kind", "Which kind", OptionKind.CHOICE, choices=("net", "gross")),
    ),
)
ALERT = Command(
    "alert",
    "/alert",
    "Alerts",
    run,
    subcommands=(Subcommand("add", "Add", (Option("rule", "What", OptionKind.RULE),)),),
    right=Right.ADMIN,
)
RESEND = Command("resend", "/resend", "x" * 200, run, right=Right.OWNER)


def test_required_options_come_first_and_suggestions_where_they_help():
    (made,) = payload((FLOWS,), {})

    assert [o["name"] for o in made["options"]] == ["asset", "days", "word", "kind"]
    assert [o.get("autocomplete", False) for o in made["options"]] == [True, True, False, False]
    assert made["options"][3]["choices"] == [
        {"name": "net", "value": "net"},
        {"name": "gross", "value": "gross"},
    ]


def test_reading_works_everywhere_and_settings_where_the_bot_lives():
    reading, settings, owners = payload((FLOWS, ALERT, RESEND), {})

    assert reading["contexts"] == [0, 1, 2]
    assert reading["integration_types"] == [0, 1]
    assert reading["default_member_permissions"] is None
    assert settings["contexts"] == [0, 1]
    assert settings["integration_types"] == [0]
    assert settings["default_member_permissions"] == str(1 << 5)
    assert owners["default_member_permissions"] == "0"


def test_a_guilds_own_list_knows_no_contexts():
    (made,) = payload((FLOWS,), {}, everywhere=False)

    assert "contexts" not in made
    assert "integration_types" not in made


def test_descriptions_are_translated_and_names_are_not():
    (made,) = payload((FLOWS,), {"de": "de {}".format})

    assert made["description_localizations"] == {"de": "de ETF flows"}
    assert "name_localizations" not in made


def test_a_language_is_offered_under_every_name_discord_has_for_it():
    found = catalogues(("en", "de", "es", "tlh"), lambda language: f"{language}: {{}}".format)

    assert sorted(found) == ["de", "es-419", "es-ES"]
    assert found["es-419"]("price") == "es: price"


def test_a_long_description_is_cut():
    (made,) = payload((RESEND,), {})

    assert len(made["description"]) == 100


def test_all_our_commands_stay_below_the_oldest_limit():
    assert sum(text_size(command) for command in payload(COMMANDS, {})) < 4000


async def test_the_same_commands_are_registered_once():
    sent = []

    async def upsert(application_id, wanted):
        sent.append(wanted)

    http, store = SimpleNamespace(bulk_upsert_global_commands=upsert), fakeredis.FakeAsyncRedis()
    for commands in ((FLOWS,), (FLOWS,), (FLOWS, ALERT)):
        await sync(http, 1, payload(commands, {}), guild_id=None, store=store)
    await store.aclose()

    assert [len(wanted) for wanted in sent] == [1, 2]


def chosen(name: str, value: str, **more) -> dict:
    return {"type": 3, "name": name, "value": value, **more}


def test_options_become_words_in_our_order():
    data = {"name": "flows", "options": [chosen("asset", " eth "), chosen("days", "7d")]}

    assert typed_by(data, (FLOWS,)) == Typed("flows", "7d eth")


def test_a_subcommand_becomes_the_first_word():
    inner = [chosen("rule", "btc < 70k cd=30m")]
    data = {"name": "alert", "options": [{"type": 1, "name": "add", "options": inner}]}

    assert typed_by(data, (ALERT,)) == Typed("alert", "add btc < 70k cd=30m")


def test_what_is_being_typed_names_its_kind():
    inner = [chosen("rule", "btc <", focused=True)]
    data = {"name": "alert", "options": [{"type": 1, "name": "add", "options": inner}]}

    assert asked_for(data, (ALERT,)) == (OptionKind.RULE, "btc <")
    assert asked_for({"name": "alert"}, (ALERT,)) == (OptionKind.TEXT, "")


@pytest.mark.parametrize(
    "row",
    [
        {"type": 1, "components": [{"value": " a\n b "}]},
        {"type": 18, "component": {"value": " a\n b "}},
    ],
)
def test_a_modals_answer_is_one_line(row: dict):
    assert typed_in({"components": [row]}) == "a b"


def test_a_buttons_command_may_carry_its_slash():
    assert (
        Typed.parse("/Levels btc 4h") == Typed.parse("levels btc 4h") == Typed("levels", "btc 4h")
    )


NAMED = re.compile(r"(?:^|[\s(])/([a-z]+)(?: ([^\s,.;]+))?")


def shown_commands():
    """Every command that stands in a text of ours, with the word after it; patterns such as [NAME] are none."""
    for path in sorted(Path(handlers.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for name, word in NAMED.findall(node.value):
                    if not word.startswith("["):
                        yield path.name, name, word


def test_every_command_we_name_can_be_found_on_discord_by_that_name():
    known = {c.name: {s.name for s in c.subcommands} for c in (*COMMANDS, help_command(COMMANDS))}
    shown = list(shown_commands())
    wrong = [
        (path, f"/{name} {word}")
        for path, name, word in shown
        if name not in known or (word and known[name] and word not in known[name])
    ]

    assert len(shown) > 50
    assert wrong == []
