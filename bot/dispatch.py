"""Request in, Reply out. Finds the command, checks rights and pace, and never raises."""

import asyncio
import difflib
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from bot.help import help_command
from bot.metrics import Metrics
from handlers.arguments import clip
from handlers.command import ChannelKind, Command, Request, Right, UserError
from handlers.desk import Desk
from handlers.missing import missing
from handlers.reply import Code, Control, Line, Reply, Text, Tone
from handlers.rights import only_admins
from handlers.words import Words
from providers.errors import ProviderError

log = logging.getLogger(__name__)

PATIENCE = 25.0  # seconds; longer than every source's own patience together
MINUTE = timedelta(minutes=1)
LONGEST = 1000  # characters of a question; the longest real one is under 200
PUBLIC_KINDS = (ChannelKind.GROUP, ChannelKind.BROADCAST, ChannelKind.FORUM)


class Dispatcher:
    """
    One per process. `per_minute` questions per person; three times that per chat. Whoever asks more is told so once a
    minute and then hears nothing. Counting is in memory: one process at a time listens to a platform.
    """

    def __init__(
        self, commands: Sequence[Command], desk: Desk, metrics: Metrics, *, per_minute: int
    ) -> None:
        self.commands = (*commands, help_command(commands))
        self._desk = desk
        self._metrics = metrics
        self._names = {name: c for c in self.commands for name in (c.name, *c.aliases)}
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._person = RateLimitItemPerMinute(per_minute)
        self._chat = RateLimitItemPerMinute(per_minute * 3)
        self._told: dict[str, datetime] = {}  # who → when they were asked to slow down

    async def __call__(self, request: Request) -> Reply | None:
        """None: stay silent, it was not said to us."""
        request = self._meant(request)
        command = self._names.get(request.command)
        if command is None and request.kind in PUBLIC_KINDS:
            return None
        if not await self._within_pace(request):
            return self._slow_down(request)
        if command is None:
            return self._unknown(request)
        with self._metrics.command(command.name):
            return await self._answer(command, request)

    def _meant(self, request: Request) -> Request:
        """In private an asset alone, "btc", asks for its price."""
        named = request.command not in self._names and request.kind is ChannelKind.PRIVATE
        if not named or request.args or len(self._desk.watchlist.find(request.command)) != 1:
            return request
        return replace(request, command="price", args=(request.command,), text=request.command)

    async def _answer(self, command: Command, request: Request) -> Reply:
        words = request.words.at(self._desk.now())
        request = replace(request, words=words)
        try:
            _guard(command, request)
            async with asyncio.timeout(PATIENCE):
                return await command.run(request, self._desk)
        except UserError as error:
            example = error.example or (command.examples[0] if command.examples else command.usage)
            said = words(error.text)  # the store's own says it in English
            return apology(words, said, example, error.controls)
        except ProviderError as error:
            what = words(command.fact) if command.fact else words("Market data")
            return apology(words, missing(words, what, error), None)
        except TimeoutError:
            log.warning("command_timeout", extra={"command": command.name})
            return apology(
                words,
                words("That took too long. The sources are slow right now; please try again."),
                None,
            )
        except Exception:
            log.exception("command_failed", extra={"command": command.name})
            self._metrics.bugs.inc()
            return apology(
                words,
                words("Something broke on my side, and it was written down. Please try again."),
                None,
            )

    async def _within_pace(self, request: Request) -> bool:
        person = await self._limiter.hit(self._person, request.channel.platform, request.user)
        return person and await self._limiter.hit(self._chat, request.channel.key)

    def _slow_down(self, request: Request) -> Reply | None:
        """One person, and one chat with many, gets this once a minute: an answer to each would be a flood of ours."""
        now = self._desk.now()
        self._told = {who: at for who, at in self._told.items() if now - at < MINUTE}
        asking = (f"{request.channel.platform}@{request.user}", request.channel.key)
        if any(who in self._told for who in asking):
            return None
        self._told.update(dict.fromkeys(asking, now))
        said = request.words("One moment, please: that was a lot at once. Try again in a minute.")
        return apology(request.words, said, None)

    def _unknown(self, request: Request) -> Reply:
        words = request.words
        near = difflib.get_close_matches(request.command, self._names, 1, 0.6)
        hint = words("I do not know “{command}”.", command=clip(request.command))
        return apology(words, hint, f"/{near[0]}" if near else self._perhaps(request))

    def _perhaps(self, request: Request) -> str:
        """ "btc 70k" looks like something to be told of."""
        named = self._desk.watchlist.find(request.command)
        if named and any(c.isdigit() for c in request.text):
            return f"/alert {request.command} {clip(request.text)}"
        return "/help"


def _guard(command: Command, request: Request) -> None:
    words = request.words
    if len(request.text) > LONGEST:
        raise UserError(words("That is too long for me. Please ask in one short line."))
    if command.right is Right.OWNER and not request.owner:
        raise UserError(words("Only the owner of this bot may do that."))
    if command.right is Right.ADMIN:
        only_admins(request)


def apology(
    words: Words, what: str, example: str | None, controls: tuple[Control, ...] = ()
) -> Reply:
    """A short answer that shows a question that would work, or that asks back."""
    lines: list[Line] = [(what,)]
    if example and not controls:
        lines.append(words.line("Try: {example}", example=Code(example)))
    return Reply(
        words("Which one?") if controls else words("That did not work"),
        (Text(tuple(lines)),),
        tone=Tone.WARNING,
        controls=(controls,) if controls else (),
        private=not controls,
        quiet=True,
    )
