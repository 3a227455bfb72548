"""What Discord does not let us do in a channel, in words that say how to change it."""

import discord

from handlers.words import Words

NEEDED = ("view_channel", "send_messages", "embed_links", "attach_files")
NEEDED_IN_THREADS = ("view_channel", "send_messages_in_threads", "embed_links", "attach_files")


async def missing_rights(client: discord.Client, channel_id: int, words: Words) -> tuple[str, ...]:
    """Asked of Discord itself, not of what we remember. Raises discord.HTTPException when it cannot be had."""
    try:
        where = await client.fetch_channel(channel_id)
    except (discord.Forbidden, discord.NotFound):
        return (_grant(words, words("View Channel")),)
    if isinstance(where, discord.abc.PrivateChannel):
        return ()
    guild = await client.fetch_guild(where.guild.id)
    me = await guild.fetch_member(_own_id(client))
    if isinstance(where, discord.Thread):
        held, needed = await _held(guild, where.parent_id, me), NEEDED_IN_THREADS
    else:
        held, needed = await _held(guild, where.id, me), NEEDED
    return tuple(_grant(words, _name(words, n)) for n in needed if not getattr(held, n))


async def _held(guild: discord.Guild, channel_id: int, me: discord.Member) -> discord.Permissions:
    """Asked through the guild, whose roles count. A thread has no rights of its own: its channel's count."""
    where = await guild.fetch_channel(channel_id)
    if isinstance(where, discord.Thread):
        return discord.Permissions.none()
    # a channel's own permissions_for drops Embed Links along with Send Messages, though threads may have it
    held = discord.abc.GuildChannel.permissions_for(where, me)
    return held if held.view_channel else discord.Permissions.none()


def _own_id(client: discord.Client) -> int:
    if client.user is None:
        raise discord.ClientException("not logged in")
    return client.user.id


def _name(words: Words, right: str) -> str:
    match right:
        case "view_channel":
            return words("View Channel")
        case "send_messages":
            return words("Send Messages")
        case "send_messages_in_threads":
            return words("Send Messages in Threads")
        case "embed_links":
            return words("Embed Links")
        case _:
            return words("Attach Files")


def _grant(words: Words, right: str) -> str:
    return words(
        "{right}: open the channel's settings → Permissions → my role, and allow it", right=right
    )
