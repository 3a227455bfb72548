"""Controls of a reply as a Telegram inline keyboard (https://core.telegram.org/bots/api#inlinekeyboardmarkup)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import assert_never

import msgspec
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, SwitchInlineQueryChosenChat

from bot.buttons import Buttons
from bot.render.text import clean
from handlers.command import Channel
from handlers.reply import Button, ButtonStyle, Control, Invite, Prompt, Reply, Select, Share

WIDEST_ROW = 8
COMFORTABLE_ROW = 4
MOST_BUTTONS = 100
LONGEST_LABEL = 64
_STYLES = {
    ButtonStyle.PLAIN: None,
    ButtonStyle.PRIMARY: "primary",
    ButtonStyle.DANGER: "danger",
}


class Press(StrEnum):
    """What the first letter of a button's data says: where the answer goes."""

    EDIT = "e"
    NEW = "n"
    ASK = "p"


class Key(msgspec.Struct, frozen=True):
    """One button before it has a name."""

    label: str
    press: Press
    content: str
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Myself:
    """What Telegram says of our bot; `inline` is whether its owner has switched inline mode on."""

    username: str = ""
    inline: bool = False


_UNKNOWN = Myself()


async def keyboard(
    reply: Reply, channel: Channel, buttons: Buttons, me: Myself = _UNKNOWN
) -> InlineKeyboardMarkup | None:
    """None when there is nothing to press. Raises RedisError when names cannot be stored."""
    rows = list(_rows(reply))
    names = iter(await buttons.remember(channel, [key.content for row in rows for key in row]))
    drawn = [[_button(key, next(names)) for key in row] for row in rows]
    if me.inline and reply.share is not None:
        _add(drawn, _sharing(reply.share))
    if me.username and reply.invite is not None:
        drawn.append(_inviting(reply.invite, me.username))
    return InlineKeyboardMarkup(drawn) if drawn else None


def _inviting(invite: Invite, username: str) -> list[InlineKeyboardButton]:
    """https://core.telegram.org/api/links#groupchannel-bot-links; in a channel we need one right only."""
    address = f"https://t.me/{username}"
    return [
        InlineKeyboardButton(_label(invite.group), url=f"{address}?startgroup"),
        InlineKeyboardButton(
            _label(invite.channel), url=f"{address}?startchannel&admin=post_messages"
        ),
    ]


def _add(rows: list[list[InlineKeyboardButton]], button: InlineKeyboardButton) -> None:
    """To the last row, unless a phone would cut its labels."""
    if rows and len(rows[-1]) < COMFORTABLE_ROW:
        rows[-1].append(button)
    else:
        rows.append([button])


def _sharing(share: Share) -> InlineKeyboardButton:
    anywhere = SwitchInlineQueryChosenChat(
        share.query, allow_user_chats=True, allow_group_chats=True, allow_channel_chats=True
    )
    return InlineKeyboardButton(_label(share.label), switch_inline_query_chosen_chat=anywhere)


def prompt_of(content: str) -> Prompt | None:
    try:
        return msgspec.json.decode(content, type=Prompt)
    except msgspec.MsgspecError:
        return None


def _button(key: Key, name: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        key.label, callback_data=f"{key.press.value}:{name}", style=key.style
    )


def _rows(reply: Reply) -> Iterator[Sequence[Key]]:
    left = MOST_BUTTONS
    for row in _all_rows(reply):
        short = row[:left]
        left -= len(short)
        if short:
            yield short


def _all_rows(reply: Reply) -> Iterator[Sequence[Key]]:
    for select in reply.selects:
        yield from _grid(select)
    for controls in reply.controls:
        yield from _chunks([_key(control) for control in controls], WIDEST_ROW)


def _grid(select: Select) -> Iterator[Sequence[Key]]:
    keys = [
        Key(_label(("✓ " if c.chosen else "") + c.label), Press.EDIT, c.command)
        for c in select.choices
    ]
    longest = max((len(key.label) for key in keys), default=0)
    return _chunks(keys, 5 if longest <= 5 else 3 if longest <= 12 else 2 if longest <= 20 else 1)


def _key(control: Control) -> Key:
    match control:
        case Button():
            press = Press.EDIT if control.edits else Press.NEW
            return Key(_label(control.label), press, control.command, _STYLES[control.style])
        case Prompt():
            return Key(_label(control.label), Press.ASK, msgspec.json.encode(control).decode())
        case _:
            assert_never(control)


def _label(text: str) -> str:
    shown = clean(text).strip()
    return (shown if len(shown) <= LONGEST_LABEL else shown[: LONGEST_LABEL - 1] + "…") or "·"


def _chunks(keys: Sequence[Key], size: int) -> Iterator[Sequence[Key]]:
    rest = iter(keys)
    while row := list(islice(rest, size)):
        yield row
