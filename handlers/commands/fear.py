"""/fear: the Fear & Greed index, today and how it got there."""

from datetime import timedelta

from handlers.arguments import no_more
from handlers.command import Command, Request
from handlers.desk import Desk
from handlers.footer import footer
from handlers.reply import Button, Line, Reply, Text, Tone
from providers.errors import Unavailable
from providers.types import Sentiment

PAST = (1, 7, 30)


async def fear(request: Request, desk: Desk) -> Reply:
    no_more(request, request.args, example="/fear")
    words = request.words
    reading = await desk.market.sentiment()
    if not reading.value:
        raise Unavailable(reading.source, "no value")
    days = {s.date: s for s in reading.value}
    today = reading.value[-1]
    lines: list[Line] = [
        (words("{n} d ago: {value} ({label})", n=n, value=then.value, label=words(then.label)),)
        for n in PAST
        if (then := days.get(today.date - timedelta(days=n)))
    ]
    if extreme := _since(reading.value):
        lines.append((words("Lowest since {date}.", date=words.long_date(extreme.date)),))
    title = words("Fear & Greed {value} — {label}", value=today.value, label=words(today.label))
    return Reply(
        title,
        (Text(((words("For {date}.", date=words.day(today.date)),), *lines)),),
        footer(words, desk.now(), [reading]),
        Tone.DOWN if today.value < 45 else Tone.UP if today.value > 55 else Tone.NEUTRAL,
        ((Button(words("Refresh"), "fear"),),),
        quiet=True,
    )


def _since(history: tuple[Sentiment, ...]) -> Sentiment | None:
    """The last earlier day at or below today's value, when that is at least a week back."""
    today = history[-1]
    for then in reversed(history[:-1]):
        if then.value <= today.value:
            return then if today.date - then.date >= timedelta(days=7) else None
    return None


COMMAND = Command(
    "fear",
    "/fear",
    "Fear & Greed index",
    fear,
    examples=("/fear",),
    aliases=("fng",),
    fact="Fear & Greed",
)
