"""Somebody who presses everything: each control of each answer, and each of what that leads to."""

import ast
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.transports.discord_views import details_of, prompt_of
from handlers.command import Channel
from tests.conformance.home import BOARD, OWNER, POST, Home, Json, said, until

ROOT = Path(__file__).parents[2]
MOST = 1000  # presses; more would be one thing under ever new names
LAST = ("alert remove", "/alert remove", "unsubscribe", "forget")  # what these end is needed before
ONE = re.compile(
    r"(?<=(?:test|show|edit|mute|wake| ack) )(?!1h)\w+|(?<=(?:snooze|remove|resend) )(?!done)\S+"
)


@dataclass(frozen=True, slots=True)
class Press:
    """`does` as in a custom_id, "m" for a modal; `command` is what the control stands for."""

    does: str
    command: str
    user: int
    seconds: float
    answer: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Found:
    message: str
    components: Any = field(hash=False, compare=False)
    custom_id: str
    does: str
    command: str
    value: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The same for the same thing about another alert."""
        return self.does, ONE.sub("#", re.sub(r"^(/?unsubscribe) \w+$", r"\1 #", self.command))


class Crawler:
    def __init__(self, home: Home) -> None:
        self.home, self.rig = home, home.discord.rig
        self.known: dict[tuple[str, str], Found] = {}
        self.waiting: list[Found] = []
        self.pressed: list[Press] = []

    async def saw(self, message: Json) -> None:
        """Note what may be pressed under it."""
        for row in message.get("components", ()):
            for part in row["components"]:
                async for found in self._of(message, part):
                    if found.key not in self.known:
                        self.known[found.key] = found
                        self.waiting.append(found)

    async def _of(self, message: Json, part: Json):
        channel = Channel("discord", message["channel_id"])
        if channel.chat == str(POST):
            channel = Channel("discord", str(BOARD))
        if options := part.get("options"):
            for option in options:
                command = await self.home.app.buttons.recall(channel, option["value"])
                yield self._found(message, part, "s", command, option["value"])
            return
        _, does, name, _ = part["custom_id"].split(":")
        stands_for = await self.home.app.buttons.recall(channel, name)
        assert stands_for is not None, part
        if does == "p":
            stands_for = prompt_of(stands_for).command
        elif does == "d":
            stands_for = details_of(stands_for).title
        yield self._found(message, part, does, stands_for)

    def _found(self, message, part, does, command, value=None) -> Found:
        return Found(message["id"], message["components"], part["custom_id"], does, command, value)

    async def everything(self, user: int = OWNER) -> None:
        """Until nothing is left that was never pressed."""
        while self.waiting:
            assert len(self.pressed) < MOST, [f.key for f in self.waiting][:20]
            self.waiting.sort(key=lambda f: f.command.startswith(LAST))
            found = self.waiting.pop(0)
            for message in await self.press(found, user):
                await self.saw(message)

    async def press(self, found: Found, user: int) -> list[Json]:
        """What stands there then: the control is pressed as it was seen, though its message may have changed."""
        stands = self.rig.messages[found.message]
        stands["components"] = found.components
        values = [found.value] if found.value else None
        record = self.rig.press(found.message, found.custom_id, user, values)
        answers = await self._outcome(record, found.does, found.command, user)
        if record["modal"]:
            example = modal_field(record["modal"]).get("placeholder") or "1"
            sent = self.rig.submit(record["token"], {"answer": example}, user)
            answers = await self._outcome(sent, "m", found.command, user)
        return answers

    async def _outcome(self, record: Json, does: str, command: str, user: int) -> list[Json]:
        def stands() -> list[Json]:
            names = [record["original"], *record["followups"]]
            return [self.rig.messages[n] for n in names if n in self.rig.messages]

        await until(
            lambda: record["completed"] and (record["modal"] or stands()), f"{does} {command}"
        )
        answers = stands()
        told = "\n".join(said(a) for a in answers[-1:])
        if record["modal"]:
            told = record["modal"]["title"]
        seconds = (record["acked"] or time.monotonic()) - record["created"]
        hidden = bool(answers) and bool(answers[-1]["flags"] & 64)
        self.pressed.append(Press(does, command, user, seconds, told, hidden))
        return answers


def modal_field(modal: Json) -> Json:
    row = modal["components"][0]
    return row.get("component") or row["components"][0]


def controls_in_code() -> Iterator[tuple[str, str]]:
    """Where a control is made, and a pattern of the command it runs."""
    for folder in ("handlers", "bot"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            named = {
                n.targets[0].id: n.value
                for n in tree.body
                if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and (command := _command(node)) is not None:
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield where, _pattern(named.get(getattr(command, "id", ""), command))


def _command(call: ast.Call) -> ast.expr | None:
    place = {"Button": 1, "Choice": 1, "Prompt": 3}.get(getattr(call.func, "id", ""))
    if place is None:
        return None
    given = next((k.value for k in call.keywords if k.arg == "command"), None)
    return given if given is not None else call.args[place]


def _pattern(command: ast.expr) -> str:
    match command:
        case ast.Constant(value=str(text)):
            return re.escape(text)
        case ast.JoinedStr(values=parts):
            return "".join(
                re.escape(p.value) if isinstance(p, ast.Constant) else ".*" for p in parts
            )
    raise AssertionError(ast.unparse(command))
