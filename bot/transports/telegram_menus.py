"""Command menus and descriptions, per scope and language, told to Telegram only when they changed."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError
from telegram import (
    Bot,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError

from handlers.command import Command, Right
from handlers.words import Words

log = logging.getLogger(__name__)

MOST_COMMANDS = 100
LONGEST_SUMMARY = 256
READERS = (BotCommandScopeDefault(), BotCommandScopeAllGroupChats())
MANAGERS = (BotCommandScopeAllPrivateChats(), BotCommandScopeAllChatAdministrators())


@dataclass(frozen=True, slots=True)
class Menu:
    """What one scope shows in one language; `language` None is for everybody without a menu of their own."""

    scope: BotCommandScope
    language: str | None
    entries: tuple[tuple[str, str], ...]


def menus(commands: Sequence[Command], languages: Sequence[Words]) -> Iterator[Menu]:
    """Groups see what anyone may ask; admins, and people in private, what they may change too."""
    for words in languages:
        language = None if words.locale == "en" else words.locale[:2]
        for scopes, rights in (
            (READERS, (Right.ANYONE,)),
            (MANAGERS, (Right.ANYONE, Right.ADMIN)),
        ):
            entries = tuple(_entry(c, words) for c in commands if c.right in rights)
            for scope in scopes:
                yield Menu(scope, language, entries[:MOST_COMMANDS])


async def announce(
    bot: Bot, redis: Redis, commands: Sequence[Command], languages: Sequence[Words]
) -> None:
    """What Telegram refuses costs only itself and is tried again at the next start."""
    wanted = tuple(menus(commands, languages))
    key, digest = f"lh:{{tg}}:menus:{bot.token.partition(':')[0]}", _digest(wanted, languages)
    try:
        if await redis.get(key) in (digest, digest.encode()):
            return
        await _tell(bot, wanted, languages)
        await redis.set(key, digest)
    except (TelegramError, RedisError) as error:
        log.warning("menus_not_set", extra={"error": type(error).__name__})


async def _tell(bot: Bot, wanted: Sequence[Menu], languages: Sequence[Words]) -> None:
    for menu in wanted:
        await bot.set_my_commands(menu.entries, scope=menu.scope, language_code=menu.language)
    for words in languages:
        language = None if words.locale == "en" else words.locale[:2]
        await bot.set_my_description(description(words), language_code=language)
        await bot.set_my_short_description(short_description(words), language_code=language)


def description(words: Words) -> str:
    return words(
        "Price, ETF flows, liquidations and levels, each with its source and its age. Ask, or let me write at a time "
        "you choose and when a level breaks. Facts, no advice."
    )[:512]


def short_description(words: Words) -> str:
    return words("Crypto briefings and alerts from named sources.")[:120]


def _entry(command: Command, words: Words) -> tuple[str, str]:
    return command.name, words(command.summary)[:LONGEST_SUMMARY]


def _digest(wanted: Sequence[Menu], languages: Sequence[Words]) -> str:
    told = [(m.scope.type, m.language, m.entries) for m in wanted]
    said = [(description(words), short_description(words)) for words in languages]
    return hashlib.blake2b(msgspec.json.encode((told, said)), digest_size=16).hexdigest()
