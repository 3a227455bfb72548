"""How Telegram says no, in the words of bot/transport.py."""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.transport import DeliveryError
from bot.transports.telegram_request import Lost, NotSent, NotSentInTime
from handlers.command import Channel

TOKEN_PAUSE = timedelta(minutes=5)
# Parts of the descriptions of errors 400 by which a chat will not take our messages, now or later.
_CLOSED = (
    "chat not found",
    "user not found",
    "topic_closed",
    "topic_deleted",
    "topic_id_invalid",
    "message thread not found",
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_send_",
    "chat_restricted",
    "chat_admin_required",
    "channel_private",
    "peer_id_invalid",
    "group chat was deactivated",
    "user_is_blocked",
)
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")


def delivery_error(error: TelegramError, channel: Channel) -> DeliveryError:
    """The reason is Telegram's own description; it never contains the token."""
    match error:
        case ChatMigrated():
            moved = Channel(channel.platform, str(error.new_chat_id), channel.thread)
            return DeliveryError("the group became a supergroup", moved_to=moved)
        case RetryAfter():
            return DeliveryError("too many messages", retry_after=pause(error))
        case InvalidToken():
            return DeliveryError(
                "Telegram refuses the bot's token", retry_after=TOKEN_PAUSE, global_limit=True
            )
        case Forbidden():
            return DeliveryError(error.message, permanent=True)
        case BadRequest():
            return DeliveryError(error.message, permanent=_is_closed(error), gone=_is_gone(error))
        case _:
            return _unanswered(error)


def _unanswered(error: TelegramError) -> DeliveryError:
    match error:
        case NotSent() | NotSentInTime():
            return DeliveryError("Telegram cannot be reached")
        case TimedOut() | Lost():
            return DeliveryError("the answer was lost", unknown=True)
        case NetworkError():  # an answer of 500 or above
            return DeliveryError("Telegram has a problem of its own")
        case _:  # an answer of success that cannot be read
            return DeliveryError("the answer was unreadable", unknown=True)


def pause(error: RetryAfter) -> timedelta:
    wait = error._retry_after  # its public twin warns that its type will change
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)


def _is_closed(error: BadRequest) -> bool:
    text = error.message.casefold()
    return any(part in text for part in _CLOSED)


def _is_gone(error: BadRequest) -> bool:
    """The message to edit is no longer there."""
    text = error.message.casefold()
    return any(part in text for part in _GONE)


def is_unchanged(error: BadRequest) -> bool:
    """It already looks as it should."""
    return "message is not modified" in error.message.casefold()


def is_markup(error: BadRequest) -> bool:
    """Telegram could not read our HTML."""
    return "can't parse entities" in error.message.casefold()
