"""
The slash commands Discord is told about, made from our own list of commands.

They are written as the API's own objects (https://docs.discord.com/developers/interactions/application-commands)
because discord.py's command tree reads its options from the signatures of Python functions, and ours are data.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import discord
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.transports.discord_menus import MENUS, MESSAGE, Menu
from handlers.command import Command, Option, OptionKind, Right, Subcommand
from handlers.words import Translate

log = logging.getLogger(__name__)

DESCRIPTION, CHOICE, CHOICES = 100, 100, 25
STRING, SUBCOMMAND, ROLE = 3, 1, 8
GUILD, USER = 0, 1  # where an app may be installed
IN_GUILD, IN_BOT_DM, IN_PRIVATE = 0, 1, 2  # where a command may be used
EVERYWHERE = {
    "integration_types": [GUILD, USER],
    "contexts": [IN_GUILD, IN_BOT_DM, IN_PRIVATE],
}
MANAGE_GUILD = str(discord.Permissions(manage_guild=True).value)
NOBODY_BUT_ADMINS = "0"

Catalogues = Mapping[str, Translate]  # Discord's name of a language → its sentences


def catalogues(known: Sequence[str], translate: Callable[[str], Translate]) -> Catalogues:
    """Each language we know under all the names Discord has for it; it refuses any other name."""
    return {
        str(locale): translate(language)
        for locale in discord.Locale
        if (language := str(locale).split("-")[0]) in known and language != "en"
    }


def payload(
    commands: Sequence[Command], others: Catalogues, *, everywhere: bool = True
) -> list[dict[str, Any]]:
    """
    What to register. Names stay English in every language, because they are the words people tell each other;
    descriptions are translated. `everywhere` False is for one guild's own list, which knows no contexts.
    """
    made = [_command(command, others, everywhere) for command in commands]
    names = {command.name for command in commands}
    return made + [_menu(menu, others, everywhere) for menu in MENUS if menu.command in names]


def _menu(menu: Menu, others: Catalogues, everywhere: bool) -> dict[str, Any]:
    """Unlike a typed name, this one is read and pressed, so it is translated."""
    said = {name: translate(menu.name) for name, translate in others.items()}
    changed = {name: text for name, text in said.items() if text != menu.name}
    made: dict[str, Any] = {"type": MESSAGE, "name": menu.name}
    if changed:
        made["name_localizations"] = changed
    return made | (EVERYWHERE if everywhere else {})


def _command(command: Command, others: Catalogues, everywhere: bool) -> dict[str, Any]:
    parts = [_subcommand(sub, others) for sub in command.subcommands] or _options(
        command.options, others
    )
    made = {
        "type": 1,
        "name": command.name,
        **_described(command.summary, others),
        "options": parts,
        "default_member_permissions": _permissions(command),
    }
    return {**made, **_places(command)} if everywhere else made


def _permissions(command: Command) -> str | None:
    """Only what Discord's own menu shows at first: a server may change it, so the dispatcher asks again."""
    match command.right:
        case Right.ANYONE:
            return None
        case Right.ADMIN:
            return MANAGE_GUILD
        case Right.OWNER:
            return NOBODY_BUT_ADMINS


def _places(command: Command) -> dict[str, Any]:
    """Settings belong to a place the bot itself is in; everything else works wherever its user is."""
    if command.right is Right.ANYONE:
        return EVERYWHERE
    return {"integration_types": [GUILD], "contexts": [IN_GUILD, IN_BOT_DM]}


def _subcommand(sub: Subcommand, others: Catalogues) -> dict[str, Any]:
    return {
        "type": SUBCOMMAND,
        "name": sub.name,
        **_described(sub.summary, others),
        "options": _options(sub.options, others),
    }


def _options(options: Sequence[Option], others: Catalogues) -> list[dict[str, Any]]:
    """Discord wants required ones first; what is typed is put back into our own order."""
    ordered = sorted(options, key=lambda option: not option.required)
    return [_option(option, others) for option in ordered]


def _option(option: Option, others: Catalogues) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": ROLE if option.kind is OptionKind.ROLE else STRING,
        "name": option.name,
        **_described(option.description, others),
        "required": option.required,
    }
    if option.choices and len(option.choices) <= CHOICES:
        made["choices"] = [{"name": c[:CHOICE], "value": c[:CHOICE]} for c in option.choices]
    elif option.kind not in (OptionKind.TEXT, OptionKind.ROLE):
        made["autocomplete"] = True
    return made


def _described(sentence: str, others: Catalogues) -> dict[str, Any]:
    said = {name: _short(translate(sentence)) for name, translate in others.items()}
    changed = {name: text for name, text in said.items() if text != _short(sentence)}
    return {"description": _short(sentence)} | (
        {"description_localizations": changed} if changed else {}
    )


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= DESCRIPTION else sentence[: DESCRIPTION - 1] + "…"


def text_size(part: Mapping[str, Any]) -> int:
    """Characters of names, descriptions and choices, of the longest language, as Discord adds them up."""
    described = [part.get("description", ""), *part.get("description_localizations", {}).values()]
    choices = sum(len(c["name"]) + len(c["value"]) for c in part.get("choices", ()))
    inner = sum(text_size(option) for option in part.get("options", ()))
    return len(part["name"]) + max(map(len, described)) + choices + inner


async def sync(
    http: discord.http.HTTPClient,
    application_id: int,
    wanted: list[dict[str, Any]],
    *,
    guild_id: int | None,
    store: Redis,
) -> bool:
    """Register the commands if they are not those registered last; whether that was needed."""
    key = f"lh:{{dc}}:commands:{application_id}:{guild_id or 'global'}"
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    if await _known(store, key) == digest:
        return False
    if guild_id is None:
        await http.bulk_upsert_global_commands(application_id, wanted)
    else:
        await http.bulk_upsert_guild_commands(application_id, guild_id, wanted)
    log.info("discord_commands_registered", extra={"commands": len(wanted)})
    await _note(store, key, digest)
    return True


async def _known(store: Redis, key: str) -> str | None:
    """None when the store is away: registering once more does no harm."""
    try:
        known = await store.get(key)
    except (RedisError, OSError):
        return None
    return known.decode() if isinstance(known, bytes) else known


async def _note(store: Redis, key: str, digest: str) -> None:
    try:
        await store.set(key, digest)
    except (RedisError, OSError):
        log.warning("discord_commands_not_noted")
