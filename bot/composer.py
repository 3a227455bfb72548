"""What is owed to a chat, in its own words: written when it leaves, so that it tells the newest state."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import msgspec

from bot.belated import Records, nobodys, orphaned, too_late
from bot.languages import Languages
from bot.letters import Letter
from bot.outbox import Outbox
from bot.owed import Owed
from config.watchlist import NotFollowed
from handlers.alerts import compose
from handlers.briefings import briefing_named
from handlers.command import Channel
from handlers.desk import Desk
from handlers.preferences import Preferences, Severity
from handlers.reply import Button, Reply
from handlers.rule import Alert, Rule, RuleRecord, Transition
from handlers.storm import Told, outranked, storm
from handlers.together import together
from handlers.words import Words

NEWS = (  # never an edit
    Transition.FIRED,
    Transition.EXPIRED,
    Transition.NO_DATA,
    Transition.ERROR,
)
OVER = (Transition.RESOLVED,)
LOUD_FROM = Severity.WARNING  # a recovery from here up is also told briefly, not only edited in


class ChatComposer:
    """Implements bot/letters.py Composer."""

    def __init__(self, desk: Desk, outbox: Outbox, languages: Languages) -> None:
        self._desk = desk
        self._outbox = outbox
        self._languages = languages

    async def compose(
        self,
        channel: Channel,
        owed: Sequence[Owed],
        preferences: Preferences,
        *,
        missed: frozenset[str] = frozenset(),
        may_repeat: frozenset[str] = frozenset(),
    ) -> tuple[Letter, ...]:
        words = self._languages.words(preferences).at(self._desk.now())
        records = await self._records(channel, owed)
        owed = [o for o in owed if not nobodys(o, records)]
        late = [o for o in owed if o.id in missed]
        due = [o for o in owed if o.id not in missed]
        letters = [Letter(o.reply, (o.id,)) for o in due if o.reply is not None]
        letters += await self._briefings([o for o in due if o.briefing], words)
        letters += await self._alerts(channel, [o for o in due if o.alert], records, words)
        if late:
            letters.append(too_late(late, records, words))
        return tuple(_finished(letter, owed, preferences, may_repeat, words) for letter in letters)

    async def _records(self, channel: Channel, owed: Sequence[Owed]) -> Records:
        if not any(one.alert for one in owed):
            return {}
        return {r.rule.id: r for r in await self._desk.notebook.rules(channel)}

    async def _briefings(self, owed: Sequence[Owed], words: Words) -> list[Letter]:
        """Of several occurrences of the same briefing only the newest is worth reading."""
        by_content: dict[tuple[str, str], list[Owed]] = {}
        for one in owed:
            if one.briefing is not None:
                by_content.setdefault((one.briefing.name, one.briefing.asset), []).append(one)
        letters = []
        for (name, symbol), same in by_content.items():
            try:
                asset = self._desk.watchlist.get(symbol)
            except NotFollowed:
                reply = Reply(words("{asset} is no longer followed here.", asset=symbol))
            else:
                reply = await briefing_named(name).compose(self._desk, asset, words)
            letters.append(Letter(_with_a_way_out(reply, words), tuple(o.id for o in same)))
        return letters

    async def _alerts(
        self, channel: Channel, owed: Sequence[Owed], records: Records, words: Words
    ) -> list[Letter]:
        told: dict[str, list[Alert]] = {}
        debts: dict[str, list[str]] = {}
        for one in owed:
            if one.alert is not None:
                told.setdefault(one.alert.rule, []).append(one.alert)
                debts.setdefault(one.alert.rule, []).append(one.id)
        news: list[Told] = []
        letters: list[Letter] = []
        for rule_id, alerts in told.items():
            alert, record = together(alerts), records.get(rule_id)
            if record is None:
                continue
            if (stands := await self._stands(channel, record.rule, alert, records)) is None:
                news.append((record.rule, record.state, alert))
            else:
                letters += await self._changed(record, alert, debts[rule_id], stands, words)
        if orphans := [o for o in owed if o.alert is not None and o.alert.rule not in records]:
            letters.append(orphaned(orphans, words))
        return await self._news(news, debts, words) + letters

    async def _news(
        self, news: Sequence[Told], debts: dict[str, list[str]], words: Words
    ) -> list[Letter]:
        """
        One alert in full, several as one message, as after a night of quiet hours; what a stronger alert already says
        is paid with it.
        """
        if not news:
            return []
        kept, _ = outranked(news)
        ids = tuple(i for rule, _, _ in news for i in debts[rule.id])
        if len(kept) > 1:
            return [Letter(storm(kept, words), ids)]
        rule, state, alert = kept[0]
        return [Letter(await compose(rule, state, alert, self._desk, words), ids)]

    async def _changed(
        self, record: RuleRecord, alert: Alert, debts: Sequence[str], stands: str, words: Words
    ) -> list[Letter]:
        """What follows a message that stands in the chat changes it."""
        reply = await compose(record.rule, record.state, alert, self._desk, words)
        letters = [Letter(reply, tuple(debts), edits=stands)]
        if alert.transition in OVER and record.rule.severity.rank >= LOUD_FROM.rank:
            letters.append(
                Letter(
                    Reply(reply.title, footer=reply.footer, quiet=True),
                    tuple(debts),
                    silent=True,
                    echo=True,
                )
            )
        return letters

    async def _stands(
        self, channel: Channel, rule: Rule, alert: Alert, others: Collection[str]
    ) -> str | None:
        """The message that this alert changes; None when it is told by a message of its own."""
        if alert.transition in NEWS or any(end.transition in NEWS for end in alert.then):
            return None
        return await self._own_message(channel, rule, others)

    async def _own_message(
        self, channel: Channel, rule: Rule, others: Collection[str]
    ) -> str | None:
        """The message that tells of this rule alone: one that tells of several must not be overwritten by one."""
        message = await self._outbox.message_of(channel.key, rule.id)
        if message is None:
            return None
        for other in others:
            if other != rule.id and await self._outbox.message_of(channel.key, other) == message:
                return None
        return message


def _with_a_way_out(reply: Reply, words: Words) -> Reply:
    """Whatever comes unasked says how to make it stop."""
    stop = Button(words("Stop or change this"), "subscribe list", edits=False)
    return msgspec.structs.replace(reply, controls=(*reply.controls, (stop,)))


def _finished(
    letter: Letter,
    owed: Sequence[Owed],
    preferences: Preferences,
    may_repeat: frozenset[str],
    words: Words,
) -> Letter:
    """Whether it rings, and whether it may have arrived before."""
    severity = max(
        (o.severity for o in owed if o.id in letter.owed),
        key=lambda s: s.rank,
        default=Severity.INFO,
    )
    reply = letter.reply
    if may_repeat & set(letter.owed):
        note = words("This may repeat: we were stopped while it was being sent.")
        reply = msgspec.structs.replace(reply, footer=(*reply.footer, (note,)))
    silent = letter.silent or reply.quiet or severity.rank < preferences.rings_from.rank
    return replace(letter, reply=reply, silent=silent)
