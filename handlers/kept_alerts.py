"""The alerts a chat keeps: which of them still count, and room for new ones."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from handlers.command import Request, UserError
from handlers.desk import Desk
from handlers.reply import Button
from handlers.rule import Phase, Rule, RuleRecord
from handlers.subscription import SubscriptionKind

KEPT = timedelta(days=7)  # so long one that is over can be looked up


def is_over(record: RuleRecord) -> bool:
    """Fired its only time, or its time has passed."""
    return record.state.phase is Phase.DONE


def watching(records: Iterable[RuleRecord]) -> tuple[Rule, ...]:
    """Those that can still fire: only these count and can be doubled."""
    return tuple(record.rule for record in records if not is_over(record))


def room_for(
    request: Request, desk: Desk, records: Sequence[RuleRecord], n: int
) -> tuple[RuleRecord, ...]:
    """
    Of the alerts that are over those to be dropped when `n` are added: old ones, and as many more as the chat's limit
    asks for, the oldest first. Raises UserError when those that still watch leave no room.
    """
    live = watching(records)
    if len(live) + n > desk.max_rules:
        words = request.words
        raise UserError(
            words("This chat has {n} alerts, the most it may have.", n=len(live)),
            example=f"/alert remove {live[0].id}" if live else None,
            controls=(Button(words("All alerts"), "alert list", edits=False),),
        )
    over = sorted((r for r in records if is_over(r)), key=lambda r: r.state.since or desk.now())
    surplus = len(records) + n - desk.max_rules
    return tuple(
        record
        for number, record in enumerate(over)
        if number < surplus or desk.now() - (record.state.since or desk.now()) > KEPT
    )


async def drop(request: Request, desk: Desk, records: Sequence[RuleRecord]) -> None:
    """Also the subscription to alerts that has none left: it would promise what nobody watches."""
    if not records:
        return
    for record in records:
        await desk.notebook.remove_rule(request.channel, record.rule.id)
    left = {r.rule.subscription for r in await desk.notebook.rules(request.channel)}
    gone = {r.rule.subscription for r in records} - left
    for subscription in await desk.notebook.subscriptions(request.channel):
        if subscription.kind is SubscriptionKind.ALERTS and subscription.id in gone:
            await desk.notebook.unsubscribe(request.channel, subscription.id)
