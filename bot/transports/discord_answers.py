"""Interactions answered: acknowledged at once, put to the dispatcher, and never left thinking."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import discord
from redis.exceptions import RedisError

from bot.buttons import Buttons
from bot.dispatch import apology
from bot.suggest import DASH
from bot.transport import DeliveryError, WordsFor
from bot.transports.discord_errors import LOST
from bot.transports.discord_menus import Menu, menu_of, none_found, text_of, which
from bot.transports.discord_messages import Composer
from bot.transports.discord_requests import (
    PLATFORM,
    Typed,
    asked_for,
    foreign,
    may_manage,
    place,
    request,
    typed_by,
    typed_in,
)
from bot.transports.discord_turn import Turn
from bot.transports.discord_views import MODAL, details_of, modal, prompt_of
from handlers.command import Channel, Command, OptionKind, Request, UserError
from handlers.reply import Reply
from handlers.words import Words

log = logging.getLogger(__name__)

SUGGESTING = 0.5  # seconds; suggestions that come later are of no use
LOOKING_UP = 0.5  # seconds of the three that an acknowledgement has
SUGGESTIONS, SUGGESTION = 25, 100
STORE_ERRORS = (UserError, RedisError, OSError)

Dispatch = Callable[[Request], Awaitable[Reply | None]]
Suggest = Callable[[OptionKind, str, Channel], Awaitable[Sequence[str]]]
ManagerRole = Callable[[Channel], Awaitable[str | None]]
Say = Callable[[Channel, Reply], Awaitable[object]]
Spot = Callable[[str], Sequence[str]]  # the assets that a text speaks of


def _nothing(_: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Counter:
    """Where questions are put. `words_for` and `manager_role` may raise what the store raises."""

    dispatch: Dispatch
    words_for: WordsFor
    suggest: Suggest
    manager_role: ManagerRole
    commands: tuple[Command, ...]
    owners: frozenset[str]
    spot: Spot = _nothing


class Answers:
    """
    Hears every interaction. `say` posts into a channel: the way out when an interaction's own way is closed,
    which it is after fifteen minutes.
    """

    def __init__(self, counter: Counter, buttons: Buttons, composer: Composer, say: Say) -> None:
        self._counter = counter
        self._buttons = buttons
        self._composer = composer
        self._say = say
        self._hidden = frozenset(c.name for c in counter.commands if c.private)
        self._open = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def finished(self, within: float) -> None:
        """Wait until nobody is kept waiting, at most `within` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._idle.wait()

    async def commanded(self, interaction: discord.Interaction) -> None:
        data = dict(interaction.data or {})
        if menu := menu_of(data):
            await self._chosen(interaction, menu, text_of(data))
            return
        typed = typed_by(data, self._counter.commands)
        hidden = typed.command in self._hidden or foreign(interaction)
        async with self._attended(Turn(interaction, thinking=True, hidden=hidden)) as turn:
            if await turn.acknowledge():
                await self._serve(turn, typed)

    async def _chosen(self, interaction: discord.Interaction, menu: Menu, text: str) -> None:
        """From a message's menu: what is answered is for whoever opened it."""
        async with self._attended(Turn(interaction, thinking=True, hidden=True)) as turn:
            if not await turn.acknowledge():
                return
            symbols = self._counter.spot(text)
            if len(symbols) == 1:
                await self._serve(turn, Typed(menu.command, symbols[0]))
                return
            words = await self._words(interaction)
            await self._answer(turn, which(words, menu, symbols) if symbols else none_found(words))

    async def suggested(self, interaction: discord.Interaction) -> None:
        kind, typed = asked_for(dict(interaction.data or {}), self._counter.commands)
        found: Sequence[str] = ()
        with suppress(TimeoutError, *STORE_ERRORS):  # no suggestions is an answer too
            async with asyncio.timeout(SUGGESTING):
                found = await self._counter.suggest(kind, typed, place(interaction).channel)
        names = [name[:SUGGESTION] for name in found if name.strip()][:SUGGESTIONS]
        choices = [
            discord.app_commands.Choice(name=name, value=name.split(DASH)[0]) for name in names
        ]
        with suppress(discord.HTTPException, *LOST):  # the next letter asks again
            await interaction.response.autocomplete(choices)

    async def pressed(self, interaction: discord.Interaction, kept: str, *, edits: bool) -> None:
        """A new answer that is for one person begins unseen, so what it runs is looked up first."""
        line = None if edits else await self._known(interaction, kept)
        hidden = line is not None and Typed.parse(line).command in self._hidden
        turn = Turn(interaction, thinking=not edits, hidden=hidden or _unseen(interaction))
        async with self._attended(turn):
            if await turn.acknowledge():
                line = line or await self._buttons.recall(place(interaction).channel, kept)
                if line is None:
                    await self._answer(turn, await self._forgotten(interaction))
                else:
                    await self._serve(turn, Typed.parse(line))

    async def prompted(self, interaction: discord.Interaction, kept: str) -> None:
        """Opening a modal is itself the acknowledgement, so what it asks is looked up first."""
        async with self._attended(Turn(interaction, thinking=True, hidden=True)) as turn:
            line = await self._known(interaction, kept)
            prompt = prompt_of(line) if line else None
            if prompt:
                with suppress(discord.HTTPException, *LOST):  # the button can be pressed again
                    await interaction.response.send_modal(modal(prompt, kept))
            elif await turn.acknowledge():
                await self._answer(turn, await self._forgotten(interaction))

    async def submitted(self, interaction: discord.Interaction) -> None:
        """A modal of ours was filled in; it changes the message whose button opened it, unless that has to stay."""
        data = dict(interaction.data or {})
        asked = MODAL.fullmatch(str(data["custom_id"]))
        assert asked is not None
        kept, new = asked["kept"], bool(asked["new"]) or interaction.message is None
        turn = Turn(interaction, thinking=new, hidden=_unseen(interaction))
        async with self._attended(turn):
            if await turn.acknowledge():
                line = await self._buttons.recall(place(interaction).channel, kept)
                prompt = prompt_of(line) if line else None
                if prompt is None:
                    await self._answer(turn, await self._forgotten(interaction))
                else:
                    typed = prompt.command.replace("{answer}", typed_in(data))
                    await self._serve(turn, Typed.parse(typed))

    async def unfolded(self, interaction: discord.Interaction, kept: str) -> None:
        async with self._attended(Turn(interaction, thinking=True, hidden=True)) as turn:
            if await turn.acknowledge():
                line = await self._buttons.recall(place(interaction).channel, kept)
                details = details_of(line) if line else None
                await self._answer(turn, details or await self._forgotten(interaction))

    async def _serve(self, turn: Turn, typed: Typed) -> None:
        asker = turn.interaction
        asked = request(
            asker,
            typed,
            await self._words(asker),
            admin=may_manage(asker, await self._role(asker)),
            owner=f"{PLATFORM}:{asker.user.id}" in self._counter.owners,
        )
        reply = await self._counter.dispatch(asked)
        if reply is None:
            await turn.silence()
        else:
            await self._answer(turn, reply)

    async def _answer(self, turn: Turn, reply: Reply) -> None:
        channel = place(turn.interaction).channel
        shown = await turn.show(reply, await self._composer.messages(reply, channel))
        if shown or turn.hidden or reply.private:
            return
        with suppress(DeliveryError):
            await self._say(channel, reply)

    @asynccontextmanager
    async def _attended(self, turn: Turn) -> AsyncIterator[Turn]:
        """Whatever goes wrong inside is logged by discord.py; here nobody is left waiting for it."""
        self._open += 1
        self._idle.clear()
        try:
            yield turn
        finally:
            if turn.waiting:
                await self._apologize(turn)
            self._open -= 1
            if not self._open:
                self._idle.set()

    async def _apologize(self, turn: Turn) -> None:
        words = await self._words(turn.interaction)
        sorry = apology(
            words,
            words("Something broke on my side, and it was written down. Please try again."),
            None,
        )
        with suppress(discord.HTTPException, *LOST):
            await self._answer(turn, sorry)

    async def _forgotten(self, interaction: discord.Interaction) -> Reply:
        words = await self._words(interaction)
        return apology(words, words("This button is too old for me. Please ask anew."), "/help")

    async def _known(self, interaction: discord.Interaction, kept: str) -> str | None:
        """Before the acknowledgement, so it may not take long."""
        try:
            async with asyncio.timeout(LOOKING_UP):
                return await self._buttons.recall(place(interaction).channel, kept)
        except (TimeoutError, *STORE_ERRORS):
            return None

    async def _words(self, interaction: discord.Interaction) -> Words:
        """English while the chat's language cannot be looked up."""
        try:
            return await self._counter.words_for(
                place(interaction).channel, str(interaction.locale)
            )
        except STORE_ERRORS:
            return Words()

    async def _role(self, interaction: discord.Interaction) -> str | None:
        """Nobody rules by a role that cannot be looked up."""
        if interaction.guild_id is None:
            return None
        try:
            return await self._counter.manager_role(place(interaction).channel)
        except STORE_ERRORS:
            return None


def _unseen(interaction: discord.Interaction) -> bool:
    """Whether only the asker sees the message the control stands under."""
    message = interaction.message
    return foreign(interaction) or (message is not None and message.flags.ephemeral)
