"""What somebody did on Discord, as the words they would have typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from handlers.command import Channel, ChannelKind, Command, Option, OptionKind, Request
from handlers.words import Words

PLATFORM = "discord"


@dataclass(frozen=True, slots=True)
class Typed:
    """`text` is everything after the command."""

    command: str
    text: str

    @classmethod
    def parse(cls, line: str) -> "Typed":
        """From a button's command, with or without its slash."""
        name, _, text = line.strip().removeprefix("/").partition(" ")
        return cls(name.lower(), text.strip())


@dataclass(frozen=True, slots=True)
class Place:
    channel: Channel
    kind: ChannelKind
    name: str


def place(interaction: discord.Interaction) -> Place:
    """
    Where it happened. A post in a forum stands for its forum, so that a subscription made in any post gives
    each briefing a post of its own.
    """
    where = interaction.channel
    channel = Channel(PLATFORM, str(interaction.channel_id))
    name = getattr(where, "name", None) or ""
    if foreign(interaction):
        return Place(channel, ChannelKind.FOREIGN, name)
    if isinstance(where, discord.Thread) and isinstance(where.parent, discord.ForumChannel):
        forum = where.parent
        return Place(Channel(PLATFORM, str(forum.id)), ChannelKind.FORUM, forum.name)
    if interaction.guild_id is None:
        return Place(channel, ChannelKind.PRIVATE, name)
    news = isinstance(where, discord.TextChannel) and where.is_news()
    return Place(channel, ChannelKind.BROADCAST if news else ChannelKind.GROUP, name)


def foreign(interaction: discord.Interaction) -> bool:
    """Whether the bot is here only through its user: no member of the server, no part of the conversation."""
    if interaction.guild_id is None:
        return interaction.context.private_channel and not interaction.context.dm_channel
    return not interaction.is_guild_integration()


def may_manage(interaction: discord.Interaction, role: str | None) -> bool:
    """Manage Server, or the role a server has set for it; in a direct message everybody rules their own."""
    if foreign(interaction):
        return False
    if interaction.guild_id is None:
        return True
    rights = interaction.permissions
    if rights.manage_guild or rights.administrator:
        return True
    held = {str(r.id) for r in getattr(interaction.user, "roles", ())}
    return role is not None and role in held and role != str(interaction.guild_id)


def request(
    interaction: discord.Interaction,
    typed: Typed,
    words: Words,
    *,
    admin: bool,
    owner: bool,
) -> Request:
    here = place(interaction)
    message = interaction.message
    return Request(
        command=typed.command,
        args=tuple(typed.text.split()),
        text=typed.text,
        channel=here.channel,
        kind=here.kind,
        user=str(interaction.user.id),
        user_name=interaction.user.display_name,
        words=words,
        admin=admin,
        owner=owner,
        pressed=message is not None,
        message=str(message.id) if message is not None else None,
        channel_name=here.name,
    )


def typed_by(data: Mapping[str, Any], commands: Sequence[Command]) -> Typed:
    """A slash command's options joined with spaces in the order in which we declare them."""
    name = str(data["name"])
    sub, given = _given(data)
    chosen = {str(option["name"]): str(option["value"]).strip() for option in given}
    order = [o.name for o in _declared(commands, name, sub)] or list(chosen)
    words = [sub, *(chosen[option] for option in order if option in chosen)]
    return Typed(name, " ".join(word for word in words if word))


def asked_for(data: Mapping[str, Any], commands: Sequence[Command]) -> tuple[OptionKind, str]:
    """For autocomplete: what kind of thing is being typed, and how far it is."""
    sub, given = _given(data)
    focused = next((option for option in given if option.get("focused")), None)
    if focused is None:
        return OptionKind.TEXT, ""
    declared = _declared(commands, str(data["name"]), sub)
    kind = next((o.kind for o in declared if o.name == focused["name"]), OptionKind.TEXT)
    return kind, str(focused.get("value", ""))


def typed_in(data: Mapping[str, Any]) -> str:
    """What was typed into the only field of a modal, as one line."""
    for row in data.get("components", ()):
        fields = row.get("components") or [row.get("component") or {}]
        for field in fields:
            if "value" in field:
                return " ".join(str(field["value"]).split())
    return ""


def _given(data: Mapping[str, Any]) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """The subcommand, if any, and the options."""
    options = data.get("options") or ()
    if options and options[0]["type"] == 1:
        return str(options[0]["name"]), options[0].get("options") or ()
    return "", options


def _declared(commands: Sequence[Command], name: str, sub: str) -> tuple[Option, ...]:
    for command in commands:
        if command.name == name:
            if not sub:
                return command.options
            return next((s.options for s in command.subcommands if s.name == sub), ())
    return ()
