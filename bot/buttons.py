"""Short opaque names for what a button does, so that a command fits where a platform allows 64 bytes."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from handlers.command import Channel

KEPT = timedelta(days=30)
RENEWED_AFTER = timedelta(days=1).total_seconds()
ASKED_FOR = timedelta(days=1)
AWAITED_FOR = timedelta(minutes=5)
KNOWN_AT_ONCE = 20_000


class Buttons:
    """
    The name of a command in a channel is a digest of both: the same button always has the same name, and a name
    pressed in another channel means nothing there. What is kept is the command alone, for 30 days after it was last
    shown; whoever presses has only his own rights. `timer` counts seconds of any origin.
    """

    def __init__(self, redis: Redis, timer: Callable[[], float]) -> None:
        self._redis = redis
        self._timer = timer
        self._stored: dict[str, float] = {}  # name → when this process last stored it

    async def remember(self, channel: Channel, commands: Sequence[str]) -> tuple[str, ...]:
        """Names of at most 20 characters, in order. One round trip, none when all were stored within a day."""
        names = tuple(button_name(channel, command) for command in commands)
        now = self._timer()
        due = {
            name: command
            for name, command in zip(names, commands, strict=True)
            if now - self._stored.get(name, float("-inf")) > RENEWED_AFTER
        }
        if due:
            pipeline = self._redis.pipeline(transaction=False)
            for name, command in due.items():
                pipeline.set(_key(name), command.encode(), ex=KEPT)
            await pipeline.execute()
            self._note(due, now)
        return names

    async def recall(self, channel: Channel, button_id: str) -> str | None:
        """The command, or None when it was never shown here or is too long ago."""
        command = _text(await self._redis.get(_key(button_id)))
        if command is None or button_name(channel, command) != button_id:
            return None
        return command

    async def expect(self, channel: Channel, message: str, question: str) -> None:
        """Keep what an answer to `message` is for; a day long."""
        await self._redis.set(_question(channel, message), question.encode(), ex=ASKED_FOR)

    async def expected(self, channel: Channel, message: str) -> str | None:
        """What `expect` kept for this message."""
        return _text(await self._redis.get(_question(channel, message)))

    async def await_answer(self, channel: Channel, question: str) -> None:
        """Take what is written here next, within a few minutes, for the answer."""
        await self._redis.set(_question(channel, "next"), question.encode(), ex=AWAITED_FOR)

    async def awaited(self, channel: Channel) -> str | None:
        """What `await_answer` kept; once."""
        return _text(await self._redis.getdel(_question(channel, "next")))

    def _note(self, names: Iterable[str], now: float) -> None:
        if len(self._stored) > KNOWN_AT_ONCE:
            self._stored.clear()
        self._stored.update(dict.fromkeys(names, now))


def button_name(channel: Channel, command: str) -> str:
    digest = hashlib.blake2b(f"{channel.key}\n{command}".encode(), digest_size=12).digest()
    return urlsafe_b64encode(digest).decode()


def _key(name: str) -> str:
    return f"lh:{{btn}}:{name}"


def _question(channel: Channel, message: str) -> str:
    return f"lh:{{btn}}:ask:{channel.key}:{message}"


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value
