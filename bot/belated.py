"""Letters for what can no longer be told as it was: it is too late, or the alert was removed meanwhile."""

from collections.abc import Mapping, Sequence

from bot.letters import Letter
from bot.owed import Owed, OwedKind
from handlers.alert_ends import headline
from handlers.briefings import briefing_named
from handlers.reply import Reply, Tone, text
from handlers.rule import RuleRecord
from handlers.words import Words

Records = Mapping[str, RuleRecord]


def nobodys(one: Owed, records: Records) -> bool:
    """How an alert ended that was removed since: nobody waits for that."""
    alert = one.alert
    return alert is not None and alert.rule not in records and not alert.transition.is_fire


def too_late(late: Sequence[Owed], records: Records, words: Words) -> Letter:
    """Too late to be of use: said once, with when it should have come."""
    lines = [
        words.line(
            "{what}, due {at}", what=_name(one, records, words), at=words.moment(one.at, "f")
        )
        for one in late
    ]
    reply = Reply(
        words("Missed: {n}", n=len(late)),
        (
            text(*lines),
            text(
                words(
                    "We could not send this in time, and old news is not sent as new. Ask: /brief"
                )
            ),
        ),
        tone=Tone.WARNING,
        quiet=True,
    )
    return Letter(reply, tuple(one.id for one in late), silent=True)


def _name(one: Owed, records: Records, words: Words) -> str:
    match one.kind:
        case OwedKind.BRIEFING if one.briefing is not None:
            return words(briefing_named(one.briefing.name).title)
        case OwedKind.ALERT if one.alert is not None and one.alert.rule in records:
            return headline(records[one.alert.rule].rule, one.alert, words)
        case OwedKind.ALERT if one.alert is not None:
            return words("Alert #{id}", id=one.alert.rule)
        case _:
            return words("A notice")


def orphaned(owed: Sequence[Owed], words: Words) -> Letter:
    """What fired, and was removed before it could be told: of the rule only its number is left."""
    fired = {one.alert.rule: one.alert for one in owed if one.alert is not None}
    title = words("Alerts that fired just before they were removed: {n}", n=len(fired))
    if len(fired) == 1:
        title = words("Alert #{id} fired just before it was removed", id=next(iter(fired)))
    lines = [
        words.line("Alert #{id}: {time}", id=rule, time=words.moment(alert.at, "f"))
        for rule, alert in fired.items()
    ]
    reply = Reply(title, (text(*lines),), quiet=True)
    return Letter(reply, tuple(one.id for one in owed), silent=True)
