"""One file per command, named after the word people type; /help is made from this list."""

from handlers.command import Command
from handlers.commands import (
    alert,
    calendar,
    fear,
    funding,
    holdings,
    maxpain,
    news,
    price,
    privacy,
    start,
    status,
)

COMMANDS: tuple[Command, ...] = (
    price.COMMAND,
    funding.COMMAND,
    maxpain.COMMAND,
    fear.COMMAND,
    holdings.COMMAND,
    news.COMMAND,
    calendar.COMMAND,
    alert.COMMAND,
    start.COMMAND,
    status.COMMAND,
    privacy.PRIVACY,
    privacy.MYDATA,
    privacy.FORGET,
)
