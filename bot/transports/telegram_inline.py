"""`@bot btc` in any chat: a few answers to choose from (https://core.telegram.org/bots/inline)."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode

from bot.render.telegram import pages
from bot.render.text import clean, line_text
from bot.transports.telegram_updates import Question, split
from handlers.command import Request
from handlers.reply import Reply, Text

FRESH_SECONDS = 15
LONGEST_TITLE = 100
LINKABLE = re.compile(r"[A-Za-z0-9_-]{1,64}")
WITHOUT_WORDS = "btc"
DEFAULT = ("price", "levels", "brief")
ASKABLE = (
    *DEFAULT, "why", "flows", "liqs", "leverage", "compare", "fear", "funding", "maxpain", "holdings", "news",
    "calendar",
)  # fmt: skip

Answer = Callable[[Request], Awaitable[Reply | None]]


def inline_questions(query: str) -> Iterator[Question]:
    """One when the query names a command that only reads, else what people ask most of an asset."""
    asked = split(query or WITHOUT_WORDS)
    if asked.command in ASKABLE:
        yield asked
    else:
        for command in DEFAULT:
            yield Question(command, f"{asked.command} {asked.text}".strip())


def opener(username: str, question: Question, label: str) -> InlineKeyboardMarkup | None:
    """A link under a shared answer to our private chat, where the same question is asked (a link holds 64 letters)."""
    payload = "-".join((question.command, *question.text.split()))
    if not username or not LINKABLE.fullmatch(payload):
        return None
    url = f"https://t.me/{username}?start={payload}"
    return InlineKeyboardMarkup(((InlineKeyboardButton(label, url=url),),))


def article(
    question: Question, reply: Reply, opens: InlineKeyboardMarkup | None = None
) -> InlineQueryResultArticle:
    """What does not fit into one message is left to the private chat: an inline result cannot be two."""
    page = pages(reply)[0]
    return InlineQueryResultArticle(
        id=hashlib.blake2b(f"{question}".encode(), digest_size=8).hexdigest(),
        title=(clean(reply.title) or "–")[:LONGEST_TITLE],
        reply_markup=opens,
        description=_first_line(reply)[:LONGEST_TITLE] or None,
        input_message_content=InputTextMessageContent(
            page.html,
            parse_mode=ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        ),
    )


def _first_line(reply: Reply) -> str:
    texts = (block for block in reply.blocks if isinstance(block, Text))
    return next((line_text(line) for block in texts for line in block.lines), "")
