"""/unsubscribe: stop what this chat is sent."""

from handlers.arguments import clip
from handlers.command import Command, Option, OptionKind, Request, UserError
from handlers.desk import Desk
from handlers.reply import Button, Reply, text
from handlers.rights import only_admins
from handlers.subscribed import ALERT_WORDS, BRIEF_WORDS, alerts_left, in_words, listing
from handlers.subscription import Subscription, SubscriptionKind


async def unsubscribe(request: Request, desk: Desk) -> Reply:
    words = request.words
    only_admins(request)
    known = await desk.notebook.subscriptions(request.channel)
    chosen = _chosen(request, known)
    if not chosen:
        return await listing(request, desk)
    for subscription in chosen:
        await _remove(request, desk, subscription)
    left = len(known) - len(chosen)
    return Reply(
        words("Stopped: {what}", what=", ".join(in_words(words, desk, s) for s in chosen)),
        (
            text(
                words("{n} subscriptions are left in this chat.", n=left),
                *await alerts_left(request, desk),
            ),
        ),
        controls=((Button(words("What is sent here"), "subscribe list"),),),
    )


def _chosen(request: Request, known: tuple[Subscription, ...]) -> list[Subscription]:
    if not request.args:
        return list(known) if len(known) == 1 else []
    word = request.args[0].lower().lstrip("#")
    if word in ("all", "everything", "off"):
        return list(known)
    kinds = {
        **dict.fromkeys(BRIEF_WORDS, SubscriptionKind.BRIEFING),
        **dict.fromkeys(ALERT_WORDS, SubscriptionKind.ALERTS),
    }
    chosen = [s for s in known if s.id == word or kinds.get(word) is s.kind]
    if chosen or not known:
        return chosen
    raise UserError(
        request.words("There is no subscription “{word}” here.", word=clip(word)),
        example="/unsubscribe all",
    )


async def _remove(request: Request, desk: Desk, subscription: Subscription) -> None:
    await desk.notebook.unsubscribe(request.channel, subscription.id)
    for record in await desk.notebook.rules(request.channel):
        if record.rule.subscription == subscription.id:
            await desk.notebook.remove_rule(request.channel, record.rule.id)


COMMAND = Command(
    "unsubscribe",
    "/unsubscribe [NUMBER | all]",
    "Stop what this chat is sent",
    unsubscribe,
    group="Sent to you",
    options=(
        Option("what", "Number from /subscribe, brief, alerts or all", OptionKind.SUBSCRIPTION),
    ),
    examples=("/unsubscribe", "/unsubscribe 2", "/unsubscribe all"),
    aliases=("stop",),
    elsewhere=True,
)
