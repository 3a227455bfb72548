"""The pages of rendered answers keep up with the commands."""

import re

import pytest

from bot.help import help_command
from handlers.commands import COMMANDS
from tests.screens import DOCS, PLATFORMS, questions


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_command_has_its_answers_on_the_page(platform):
    page = (DOCS / f"{platform}.md").read_text("utf-8")
    sections = dict(re.findall(r"^## /(\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    commands = (*COMMANDS, help_command(COMMANDS))

    assert list(sections) == [c.name for c in commands]
    for command in commands:
        for question in questions(command):
            assert f"`{question}`\n\n```text\n" in sections[command.name]
