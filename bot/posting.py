"""Handing one letter to the platform: as a message of its own, or in place of the one it renews."""

import asyncio
from collections.abc import Sequence

from bot.letters import Letter
from bot.transport import DeliveryError, Transport
from handlers.command import Channel

EDIT_TRIES = 2  # a few seconds of the ladder
SEND_LIMIT = 15.0  # seconds; below the outbox's lease


async def post(
    transport: Transport, channel: Channel, letter: Letter, nonce: str, tries: int
) -> str:
    """The message it stands in now. Raises DeliveryError, `unknown` when there was no answer in time."""
    try:
        async with asyncio.timeout(SEND_LIMIT):
            renewed = await _renewed(transport, channel, letter, tries)
            if renewed is not None:
                return renewed
            sent = await transport.send(channel, letter.reply, nonce=nonce, silent=letter.silent)
            return sent.message
    except TimeoutError as error:
        raise DeliveryError("no answer", unknown=True) from error


def nonce(letters: Sequence[Letter], number: int) -> str:
    """Named for the debt, not for its place, so that it is the same however the rest is grouped next time."""
    debt = letters[number].owed[0]
    before = sum(letter.owed[0] == debt for letter in letters[:number])
    return f"{debt}/{before}" if before else debt


async def _renewed(
    transport: Transport, channel: Channel, letter: Letter, tries: int
) -> str | None:
    """
    The message that it replaced. None when that is gone, or refused to be changed: the chat waits no longer for it.
    """
    if letter.edits is None or tries >= EDIT_TRIES:
        return None
    try:
        await transport.edit(channel, letter.edits, letter.reply)
    except DeliveryError as error:
        if not error.gone:
            raise
        return None
    return letter.edits
