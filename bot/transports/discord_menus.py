"""
What a message's own menu offers under Apps: a command about the coins that the message speaks of.

https://docs.discord.com/developers/interactions/application-commands#message-commands
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.reply import Button, Code, Reply, Tone, text
from handlers.words import Words

MESSAGE = 3  # the type of such a command


@dataclass(frozen=True, slots=True)
class Menu:
    """`name` stands in the menu; `command` is asked about each coin."""

    name: str
    command: str


MENUS = (Menu("Levels for this", "levels"), Menu("Price of this", "price"))


def menu_of(data: Mapping[str, Any]) -> Menu | None:
    """None for anything that is not one of ours."""
    if data.get("type") != MESSAGE:
        return None
    return next((menu for menu in MENUS if menu.name == data.get("name")), None)


def text_of(data: Mapping[str, Any]) -> str:
    """Everything that is written in the message whose menu it was."""
    messages = (data.get("resolved") or {}).get("messages") or {}
    message = messages.get(str(data.get("target_id"))) or {}
    return "\n".join(part for part in _parts(message) if part)


def _parts(message: Mapping[str, Any]) -> Iterator[str]:
    yield str(message.get("content") or "")
    for embed in message.get("embeds") or ():
        yield str(embed.get("title") or "")
        yield str(embed.get("description") or "")
        yield from (str(field.get("value") or "") for field in embed.get("fields") or ())


def none_found(words: Words) -> Reply:
    return Reply(
        words("No coin I follow"),
        (
            text(
                words(
                    "I look for tickers in capitals or with a dollar sign, and for full names: BTC, $eth, Solana."
                ),
                words.line("Or ask: {example}", example=Code("/levels btc")),
            ),
        ),
        tone=Tone.WARNING,
        private=True,
        quiet=True,
    )


def which(words: Words, menu: Menu, symbols: Sequence[str]) -> Reply:
    """Several are named: the asker says which."""
    buttons = tuple(Button(symbol, f"{menu.command} {symbol}") for symbol in symbols)
    return Reply(words("Which one?"), controls=(buttons,), private=True, quiet=True)
