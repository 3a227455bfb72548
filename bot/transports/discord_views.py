"""
Buttons, drop-downs and modals, when they are drawn and when they are used.

A control's custom_id is "lh:", what it does, and the name under which Buttons keeps the rest, so that it works after
any restart. discord.py is handed stopped views: it keeps none of them in memory.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, Self

import discord
import msgspec

from bot.render.discord import CHOICE, Item, Row, label, plain
from handlers.reply import (
    Button,
    ButtonStyle,
    Details,
    Prompt,
    Reply,
    Select,
    Text,
    decode,
    encode,
)

MODAL = re.compile(r"lh:m(?P<new>n?):(?P<kept>.+)")
STYLES = {
    ButtonStyle.PLAIN: discord.ButtonStyle.secondary,
    ButtonStyle.PRIMARY: discord.ButtonStyle.primary,
    ButtonStyle.DANGER: discord.ButtonStyle.danger,
}
_prompts = msgspec.json.Decoder(Prompt)


def kept(item: Item) -> Iterator[str]:
    """What must be known again when it is used, one text for each name."""
    match item:
        case Select():
            yield from (choice.command for choice in item.choices)
        case Details():
            yield encode(Reply(item.title, (Text(item.lines),), private=True))
        case Prompt():
            yield msgspec.json.encode(item).decode()
        case Button():
            yield item.command


def view(found: Sequence[Row], names: Iterator[str]) -> discord.ui.View:
    drawn = discord.ui.View(timeout=None)
    for number, row in enumerate(found):
        for place, item in enumerate(row):
            drawn.add_item(_control(item, names, number, place))
    drawn.stop()
    return drawn


def _control(
    item: Item, names: Iterator[str], row: int, place: int
) -> discord.ui.Item[discord.ui.View]:
    if isinstance(item, Select):
        options = [
            discord.SelectOption(
                label=plain(choice.label, CHOICE) or "…", value=next(names), default=choice.chosen
            )
            for choice in item.choices
        ]
        return discord.ui.Select(
            custom_id=f"lh:s:{row}", placeholder=label(item), options=_one_default(options), row=row
        )
    style = STYLES[item.style] if isinstance(item, Button) else discord.ButtonStyle.secondary
    name = f"lh:{_does(item)}:{next(names)}:{row}{place}"
    return discord.ui.Button(label=label(item), style=style, custom_id=name, row=row)


def _one_default(options: list[discord.SelectOption]) -> list[discord.SelectOption]:
    for option in [option for option in options if option.default][1:]:
        option.default = False
    return options


def _does(item: Button | Prompt | Details) -> str:
    match item:
        case Button():
            return "e" if item.edits else "n"
        case Prompt():
            return "p"
        case Details():
            return "d"


class Listener(Protocol):
    """Who is told about a control that was used; `kept` is the name of what it does."""

    async def pressed(
        self, interaction: discord.Interaction, kept: str, *, edits: bool
    ) -> None: ...

    async def prompted(self, interaction: discord.Interaction, kept: str) -> None: ...

    async def unfolded(self, interaction: discord.Interaction, kept: str) -> None: ...


class ListeningClient(Protocol):
    listener: Listener


class Press(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"lh:(?P<does>[enpd]):(?P<kept>[^:]+):\d+",
):
    """Any of our buttons, whichever process drew it and when."""

    def __init__(self, item: discord.ui.Button[Any], does: str, kept: str) -> None:
        super().__init__(item)
        self.does = does
        self.kept = kept

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Button)
        return cls(item, match["does"], match["kept"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        listener: Listener = interaction.client.listener
        match self.does:
            case "p":
                await listener.prompted(interaction, self.kept)
            case "d":
                await listener.unfolded(interaction, self.kept)
            case does:
                await listener.pressed(interaction, self.kept, edits=does == "e")


class Pick(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"lh:s:\d+"):
    """Any of our drop-downs; each choice carries its own name."""

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], __: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Select)
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        listener: Listener = interaction.client.listener
        await listener.pressed(interaction, self.item.values[0], edits=True)


def modal(prompt: Prompt, kept: str) -> discord.ui.Modal:
    """Stopped: what is typed comes back as an interaction that names `kept`, after a restart too."""
    asked = discord.ui.Modal(
        title=plain(prompt.title, 45) or "…", custom_id=f"lh:m{'' if prompt.edits else 'n'}:{kept}"
    )
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="answer", placeholder=plain(prompt.example, 100) or None, max_length=500
    )
    asked.add_item(discord.ui.Label(text=plain(prompt.field, 45) or "…", component=field))
    asked.stop()
    return asked


def prompt_of(kept: str) -> Prompt | None:
    try:
        return _prompts.decode(kept)
    except msgspec.DecodeError:
        return None


def details_of(kept: str) -> Reply | None:
    try:
        return decode(kept)
    except (msgspec.DecodeError, ValueError):
        return None
