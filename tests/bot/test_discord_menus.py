"""What a message's menu offers, and what is read from the message it was opened on."""

from bot.transports.discord_commands import payload
from bot.transports.discord_menus import MENUS, menu_of, text_of, which
from handlers.commands import COMMANDS
from handlers.words import Words


def opened(message, name="Levels for this", kind=3):
    return {"type": kind, "name": name, "target_id": "7", "resolved": {"messages": {"7": message}}}


def test_a_menu_is_told_without_a_description_which_discord_refuses():
    told = [command for command in payload(COMMANDS, {}) if command["type"] == 3]

    assert [command["name"] for command in told] == [menu.name for menu in MENUS]
    assert all("description" not in command and "options" not in command for command in told)
    assert all(command["contexts"] == [0, 1, 2] for command in told)
    assert all(len(menu.name) <= 32 for menu in MENUS)


def test_every_menu_asks_a_command_there_is():
    assert {menu.command for menu in MENUS} <= {command.name for command in COMMANDS}


def test_a_slash_command_of_the_same_name_is_no_menu():
    assert menu_of(opened({})) == MENUS[0]
    assert menu_of(opened({}, kind=1)) is None
    assert menu_of(opened({}, name="Something else")) is None


def test_everything_written_is_read_also_in_embeds():
    embed = {"title": "b", "description": "c", "fields": [{"name": "n", "value": "d"}, {}]}

    assert text_of(opened({"content": "a", "embeds": [embed, {}]})) == "a\nb\nc\nd"
    assert text_of({"type": 3, "name": "Levels for this"}) == ""
    assert text_of(opened({"content": None, "embeds": None})) == ""


def test_every_coin_is_one_press_away():
    reply = which(Words(), MENUS[1], ["SOL", "BTC"])

    assert [button.command for button in reply.controls[0]] == ["price SOL", "price BTC"]
    assert reply.private
