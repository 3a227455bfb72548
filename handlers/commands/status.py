"""/status: what the sources last said, what the feeds carry, what is still to be sent."""

from datetime import datetime, timedelta

from handlers.analysis.liquidations import lost_in_a_day
from handlers.arguments import no_more
from handlers.command import Command, Request
from handlers.desk import Desk, FeedStatus, OfficeStatus
from handlers.reply import AnyBlock, Button, Details, Line, Reply, Strong, Text, Tone
from handlers.words import Words
from providers.types import SourceState

WORTH_TELLING = timedelta(minutes=1)


async def status(request: Request, desk: Desk) -> Reply:
    no_more(request, request.args, example="/status")
    words, now = request.words, desk.now()
    office = await desk.office.status()
    states = desk.market.states()
    down = any(s.error for s in states)
    blocks: list[AnyBlock] = [
        Text(tuple(_process(words, office, now))),
        Text(tuple(_feeds(words, office, now))),
    ]
    if states:
        blocks.append(
            Details(words("Sources"), tuple(_source(words, s, now) for s in _sorted(states)))
        )
    return Reply(
        _title(words, states),
        tuple(blocks),
        tone=Tone.WARNING if down else Tone.NEUTRAL,
        controls=((Button(words("Refresh"), "status"),),),
        quiet=True,
    )


def _title(words: Words, states: tuple[SourceState, ...]) -> str:
    """Of what was asked: a source is asked once somebody wants to know what it tells."""
    heard = {s.name for s in states if s.enabled and (s.error or s.last_good_at is not None)}
    down = sorted({s.name for s in states if s.error})
    if not heard:
        return words("Just started: no source has been asked yet")
    if not down:
        return words("Every source asked so far answers ({n})", n=len(heard))
    if len(down) == 1:
        return words("{source} does not answer", source=down[0])
    return words("{n} of {all} sources asked do not answer", n=len(down), all=len(heard))


def _process(words: Words, office: OfficeStatus, now: datetime) -> list[Line]:
    lines: list[Line] = [
        (words("Up for {span}", span=words.span(now - office.started_at)),),
        (words("Memory: {store}", store=words(office.store)),),
        (words("To be sent: {n}; given up: {dead}", n=office.queue, dead=office.dead),),
    ]
    lines += [(f"{name}: {words(state)}",) for name, state in office.platforms]
    return lines


def _feeds(words: Words, office: OfficeStatus, now: datetime) -> list[Line]:
    if not office.feeds:
        return _elsewhere(words, office, now)
    lines: list[Line] = [(Strong(words("Live feeds")),)]
    lines += [_feed(words, feed, now) for feed in office.feeds]
    return [*lines, *(_declined(words, *one) for one in office.declined), *_clocks(words, office)]


def _feed(words: Words, feed: FeedStatus, now: datetime) -> Line:
    line: Line = (f"{feed.name}: {_last(words, feed.last, now)}",)
    if feed.error:
        line = (*line, f" — {feed.error}")
    if feed.gaps or feed.connects > 1:
        said = words("; connections: {n}, gaps: {gaps}", n=feed.connects, gaps=feed.gaps)
        line = (*line, said)
    return line


def _elsewhere(words: Words, office: OfficeStatus, now: datetime) -> list[Line]:
    """What the store has heard from whoever listens, of forced closes at least."""
    match office.listener:
        case None:
            return [(words("No live feeds in this process."),)]
        case True:
            lines: list[Line] = [
                (Strong(words("Live feeds, as heard by the process that listens")),)
            ]
        case False:
            lines = [(words("Live feeds: no process listens to them right now"),)]
    for venue, last in office.heard:
        line: Line = (f"{venue.venue}: {_last(words, last, now)}",)
        if lost := lost_in_a_day(venue, now):
            line = (*line, words("; {span} missing in the last day", span=words.span(lost)))
        lines.append(line)
    return lines


def _last(words: Words, last: datetime | None, now: datetime) -> str:
    return words("nothing heard yet") if last is None else words.age(last, now)


def _declined(words: Words, venue: str, what: str, reason: str) -> Line:
    if not what:
        return (words("{venue}: no stream at all: {reason}", venue=venue, reason=words(reason)),)
    said = words(
        "{venue}: no stream for {what}: {reason}", venue=venue, what=what, reason=words(reason)
    )
    return (said,)


def _clocks(words: Words, office: OfficeStatus) -> list[Line]:
    return [
        (
            words(
                "{feed}: its clock is {span} ahead; ours counts", feed=name, span=words.span(ahead)
            ),
        )
        for name, ahead in office.ahead
    ]


def _sorted(states: tuple[SourceState, ...]) -> list[SourceState]:
    return sorted(states, key=lambda s: (s.error is None, not s.enabled, s.kind, s.name))


def _source(words: Words, state: SourceState, now: datetime) -> Line:
    head: Line = (Strong(state.name), f" · {words(state.kind.replace('_', ' '))}: ")
    if not state.enabled:
        return (*head, words("waits for a key") if state.needs_key else words("switched off"))
    if state.last_good_at is not None:
        last = words.age(state.last_good_at, now)
    else:
        last = words("never answered") if state.error else words("nothing told yet")
    return (*head, last, _answered(words, state, now), f" — {state.error}" if state.error else "")


def _answered(words: Words, state: SourceState, now: datetime) -> str:
    """When it spoke, where what it told is older: figures of yesterday may have come a minute ago."""
    if state.answered_at is None or state.last_good_at is None:
        return ""
    if state.answered_at - state.last_good_at < WORTH_TELLING:
        return ""
    return words(
        "; answered {span} ago", span=words.span(max(now - state.answered_at, timedelta()))
    )


COMMAND = Command(
    "status",
    "/status",
    "How sources, feeds and delivery are doing",
    status,
    group="About",
    examples=("/status",),
)
