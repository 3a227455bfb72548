"""
One chat set up from another: in private, `/subscribe @news brief 08:00` is said of the channel @news.

What a command answers about another chat names that chat, and everything in it to press or to type is about that
chat too.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from bot.dispatch import apology
from handlers.arguments import clip
from handlers.command import Channel, ChannelKind, Command, Request
from handlers.reply import Button, Chart, Choice, Code, Prompt, Reply

Dispatch = Callable[[Request], Awaitable[Reply | None]]
_FIRST = re.compile(r"\s*\S+\s*")


@dataclass(frozen=True, slots=True)
class Place:
    """A chat that somebody manages."""

    channel: Channel
    kind: ChannelKind
    name: str


# The chat that is called `@name` or `@-100123`, if the person with this id manages it as the platform says just now.
Find = Callable[[str, str], Awaitable[Place | None]]


class Elsewhere:
    """A dispatcher before the dispatcher: hands on whatever is said of the chat it is said in."""

    def __init__(self, dispatch: Dispatch, commands: Sequence[Command], find: Find) -> None:
        self._dispatch = dispatch
        self._find = find
        self._names = {name for c in commands if c.elsewhere for name in (c.name, *c.aliases)}

    async def __call__(self, request: Request) -> Reply | None:
        """Rights are asked anew each time; who has none is told what somebody who asks of no chat at all is told."""
        named = _readable(request.args[0]) if request.args else ""
        about_here = request.kind is not ChannelKind.PRIVATE or request.command not in self._names
        if about_here or not named.startswith("@"):
            return await self._dispatch(request)
        place = await self._find(named, request.user)
        if place is None:
            return _refusal(request, named)
        there = replace(
            request,
            args=request.args[1:],
            text=_FIRST.sub("", request.text, count=1),
            channel=place.channel,
            kind=place.kind,
            channel_name=place.name,
            admin=True,
        )
        reply = await self._dispatch(there)
        return None if reply is None else self._seen_from_here(reply, place, named)

    def _seen_from_here(self, reply: Reply, place: Place, named: str) -> Reply:
        """Buttons know the chat by its id: a name may be given to another one later."""
        there: Reply = self._moved(reply, named, f"@{place.channel.chat}")
        return msgspec.structs.replace(there, title=f"{clip(place.name, 40)} › {reply.title}")

    def _moved(self, part: Any, typed: str, pressed: str) -> Any:
        match part:
            case Code():
                return Code(self._about(part.text, typed))
            case Button() | Prompt() | Choice():
                return msgspec.structs.replace(part, command=self._about(part.command, pressed))
            case tuple():
                return tuple(self._moved(one, typed, pressed) for one in part)
            case msgspec.Struct() if not isinstance(part, Chart):
                fields = {name: getattr(part, name) for name in part.__struct_fields__}
                moved = {name: self._moved(one, typed, pressed) for name, one in fields.items()}
                return msgspec.structs.replace(part, **moved)
            case _:
                return part

    def _about(self, command: str, where: str) -> str:
        name, _, rest = command.partition(" ")
        if name.removeprefix("/") not in self._names:
            return command
        return f"{name} {where} {rest}".rstrip()


def _readable(word: str) -> str:
    """Without the marks that keep a name from ringing anybody, which come along when an example is copied."""
    return "".join(c for c in word if c.isprintable())


def _refusal(request: Request, named: str) -> Reply:
    words = request.words
    said = words(
        "I know no chat {name} in which both you and I are administrators. Add me there as an administrator first.",
        name=clip(named),
    )
    return apology(words, said, f"/{request.command}")
