"""The past as it would have been told: the same rules, steps and words over recorded facts and a told clock."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec

from config.watchlist import Asset, Watchlist
from handlers.alert_context import context
from handlers.alerting import step
from handlers.alerts import alert_of, fired
from handlers.command import Channel, UserError
from handlers.crossing import crossed
from handlers.draft import Author, settled
from handlers.grammar import parse
from handlers.observing import RuleKind, Sight
from handlers.presets import preset_rules
from handlers.rehearsal import kind_of
from handlers.reply import Details, Line, Reply, Text
from handlers.rule import Direction, Observation, Rule, RuleState, Transition
from handlers.rules import KINDS
from handlers.words import Words
from providers.errors import ProviderError
from providers.market import Market, Sources

HOUR = timedelta(hours=1)
WATCHED = ("BTC",)


class Push(msgspec.Struct, frozen=True):
    """A message that would have been sent. `kind`: touch, break or confirmed for a level, else alert."""

    at: datetime
    kind: str
    rule: str
    title: str
    text: str


@dataclass(slots=True)
class ToldClock:
    """A clock that is set by whoever replays."""

    time: datetime

    def __call__(self) -> datetime:
        return self.time


@dataclass(slots=True)
class Replay:
    """
    Looks once an hour, at its end. A trade within the hour is dated to its last second, as is its close; a flow to
    when it was seen. Recoveries edit the message they belong to and are not listed.
    """

    sources: Sources
    clock: ToldClock
    rules: Sequence[Rule]
    words: Words = field(default_factory=Words)
    watchlist: Watchlist = field(default_factory=Watchlist.load)
    kinds: Sequence[RuleKind] = KINDS

    async def run(self, since: datetime, until: datetime) -> AsyncIterator[Push]:
        """Oldest first. What was so before `since` is only learnt."""
        market = Market(self.sources, self.clock)
        states = {rule.id: RuleState() for rule in self.rules}
        start = self.clock.time = since.replace(minute=0, second=0, microsecond=0)
        await self._hour(market, states, start - HOUR)
        while self.clock.time < until:
            before = self.clock.time
            self.clock.time = min(before + HOUR, until)
            for push in await self._hour(market, states, before):
                if since <= push.at <= until:
                    yield push

    async def _hour(
        self, market: Market, states: dict[str, RuleState], before: datetime
    ) -> list[Push]:
        pushes = []
        for rule in self.rules:
            steps = []
            for seen in await self._seen(rule, market, before):
                state = states[rule.id]
                states[rule.id], what = step(rule, state, seen, max(seen.as_of, before))
                if what is Transition.FIRED:
                    steps.append((state, states[rule.id], seen))
            pushes += [await self._push(rule, *one, market) for one in _lasting(steps)]
        return sorted(pushes, key=lambda push: push.at)

    async def _seen(self, rule: Rule, market: Market, before: datetime) -> Sequence[Observation]:
        sight = Sight(market, self._asset(rule), self.clock.time)
        kind = kind_of(self.kinds, rule.metric)
        try:
            if kind.by_bar:
                return await kind.past(rule, sight, before)
            return await kind.read(rule, sight)
        except ProviderError:
            return ()  # no data is not a signal

    def _asset(self, rule: Rule) -> Asset:
        return self.watchlist.get(rule.asset or WATCHED[0])

    async def _push(
        self, rule: Rule, before: RuleState, after: RuleState, seen: Observation, market: Market
    ) -> Push:
        alert = alert_of(rule, before, after, seen, Transition.FIRED, seen.as_of)
        sight = Sight(market, self._asset(rule), self.clock.time)
        words = self.words.at(self.clock.time)
        around = await context(rule, alert, sight, words) if rule.asset else ()
        reply = fired(rule, after, alert, words, around)
        kind = str(alert.detail.get("stage", "alert"))
        return Push(seen.as_of, kind, rule.id, reply.title, plain(reply))


Step = tuple[RuleState, RuleState, Observation]


def _lasting(steps: Sequence[Step]) -> list[Step]:
    """Without the touches that the same hour made a break: a message that still waits is overtaken."""
    kept: list[Step] = []
    later: set[float] = set()
    for before, after, seen in reversed(steps):
        moved = {line.price for line in crossed(before.lines, after.lines)}
        if not moved or not moved <= later:
            kept.append((before, after, seen))
        later |= moved
    return kept[::-1]


def default_rules(since: datetime, symbols: Sequence[str] = WATCHED) -> tuple[Rule, ...]:
    """What a channel gets that asked for alerts: the presets of these assets."""
    ids = iter(range(1, 1000))
    watchlist = Watchlist.load()
    assets = [(symbol, watchlist.get(symbol).etf) for symbol in symbols]
    return preset_rules("console:replay", "console", since, assets, lambda: str(next(ids)))


def rules_from(lines: Sequence[str], since: datetime) -> tuple[Rule, ...]:
    """
    One rule per line as typed to /alert; empty lines and those that begin with # do not count. A bare price cannot
    know its direction here and is watched both ways. Raises UserError naming the line.
    """
    author = Author(Channel("console", "replay"), "console", since, Words())
    watchlist = Watchlist.load()
    rules: list[Rule] = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            rules += _read(line, number, len(rules), author, watchlist)
    return tuple(rules)


def _read(line: str, number: int, known: int, author: Author, watchlist: Watchlist) -> list[Rule]:
    rules: list[Rule] = []
    try:
        draft = parse(line.strip(), author.words)
        asset = _known(draft.asset or WATCHED[0], watchlist, author.words)
        ways = [draft.direction] if draft.direction else [Direction.BELOW, Direction.ABOVE]
        for way in ways:
            ids = [str(known + len(rules) + n + 1) for n in range(len(draft.values))]
            rules += settled(replace(draft, direction=way), author, asset, None, ids)
    except UserError as error:
        raise UserError(f"{number}: {error.text}", example=error.example) from error
    return rules


def _known(word: str, watchlist: Watchlist, words: Words) -> str:
    found = watchlist.find(word)
    if len(found) != 1:
        raise UserError(words("I do not know “{word}”.", word=word))
    return found[0].symbol


def plain(reply: Reply) -> str:
    """The body of a message without its title, as text."""
    lines: list[str] = []
    for block in reply.blocks:
        if isinstance(block, Text | Details):
            lines += [_line(line) for line in block.lines]
    return "\n".join([*lines, *(_line(line) for line in reply.footer)])


def _line(line: Line) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in line)
