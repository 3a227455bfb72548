"""/mute and /unmute: silence for a while; critical messages still pass, the rest waits as one digest."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers.arguments import clip
from handlers.command import Command, Option, OptionKind, Request, Right, UserError
from handlers.desk import Desk
from handlers.ending import end_of
from handlers.quiet import changed
from handlers.reply import Button, Line, Reply, Text

LONGEST = timedelta(days=30)
ENDLESS = ("forever", "always", "indefinitely")
EXAMPLE = "/mute until 08:00"


async def mute(request: Request, desk: Desk) -> Reply:
    words, now = request.words, desk.now()
    until = _until(request, now)
    preferences = await desk.notebook.preferences(request.channel)
    await desk.notebook.set_preferences(request.channel, replace(preferences, muted_until=until))
    lines: tuple[Line, ...] = (
        words.line("Silent until {until}.", until=words.moment(until, "f")),
        (words("Critical alerts still come. The rest waits and arrives as one message."),),
    )
    return Reply(
        words("Muted for {span}", span=words.span(until - now)),
        (Text(lines),),
        controls=((Button(words("Unmute"), "unmute"),),),
    )


def _until(request: Request, now: datetime) -> datetime:
    words, longest = request.words, request.words.span(LONGEST)
    until = end_of(request.args or ("1h",), now, words.zone, words.locale)
    endless = request.text.strip().lower() in ENDLESS
    if endless or (until is not None and until - now > LONGEST):
        raise UserError(
            words(
                "{longest} is the longest I stay silent. To stop for good: /unsubscribe all",
                longest=longest,
            ),
            example="/mute 30d",
        )
    if until is None or until <= now:
        raise UserError(
            words(
                "I do not understand “{word}” here. Write 1h, 2d or until 08:00, up to {longest}.",
                word=clip(request.text),
                longest=longest,
            ),
            example=EXAMPLE,
        )
    return until


async def unmute(request: Request, desk: Desk) -> Reply:
    before = await desk.notebook.preferences(request.channel)
    after = changed(before, replace(before, muted_until=None), desk.now())
    await desk.notebook.set_preferences(request.channel, after)
    return Reply(request.words("No longer muted"), quiet=True)


MUTE = Command(
    "mute",
    "/mute [1h | until 08:00]",
    "Silence this chat for a while",
    mute,
    group="Sent to you",
    options=(Option("until", "1h, 2d, until 08:00", OptionKind.TIME),),
    examples=("/mute 1h", EXAMPLE),
    right=Right.ADMIN,
    elsewhere=True,
)
UNMUTE = Command(
    "unmute",
    "/unmute",
    "End the silence",
    unmute,
    group="Sent to you",
    examples=("/unmute",),
    right=Right.ADMIN,
    elsewhere=True,
)
