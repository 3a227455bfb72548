"""
How Discord says no, in our own words.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import aiohttp
import discord

from bot.transport import DeliveryError

UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE, UNKNOWN_USER = 10003, 10004, 10008, 10013
UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION = 10015, 10062
ALREADY_ANSWERED, INVALID_TOKEN = 40060, 50027
NOT_A_TEXT_CHANNEL, ARCHIVED = 50008, 50083
REASONS = {
    UNKNOWN_CHANNEL: "the channel is gone",
    UNKNOWN_GUILD: "the server is gone",
    UNKNOWN_USER: "the person is gone",
    50001: "no access to the channel",
    50007: "this person takes no direct messages",
    50013: "a right is missing in the channel",
    160005: "the thread is locked",
}
LOST = (aiohttp.ClientError, OSError, TimeoutError)
A_WHILE = timedelta(seconds=60)


@contextmanager
def delivering(*, repeatable: bool) -> Iterator[None]:
    """Every error becomes DeliveryError. `repeatable`: a repeat cannot double, so a lost answer is no riddle."""
    try:
        yield
    except discord.RateLimited as error:
        raise DeliveryError(
            "rate limited", retry_after=timedelta(seconds=error.retry_after)
        ) from error
    except discord.HTTPException as error:
        raise refusal(error) from error
    except discord.DiscordException as error:
        raise DeliveryError("discord.py refused") from error
    except LOST as error:
        raise DeliveryError("the answer was lost", unknown=not repeatable) from error


def refusal(error: discord.HTTPException) -> DeliveryError:
    if error.status == 429:
        return DeliveryError("rate limited", retry_after=_patience(error), global_limit=True)
    if error.status >= 500:
        return DeliveryError("Discord is unwell")
    if error.code == UNKNOWN_MESSAGE:
        return DeliveryError("the message is gone", gone=True)
    reason = REASONS.get(error.code, f"Discord said {error.status}, code {error.code}")
    return DeliveryError(reason, permanent=error.code in REASONS)


def _patience(error: discord.HTTPException) -> timedelta:
    """A ban by Discord's shield says in a header alone how long it lasts."""
    told = error.response.headers.get("Retry-After", "")
    return timedelta(seconds=float(told)) if told.replace(".", "", 1).isdigit() else A_WHILE
