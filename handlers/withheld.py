"""What a chat missed while it took no messages, told in one when it is back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.reply import Code, Line, Reply, Tone, text
from handlers.rule import RuleRecord
from handlers.rule_words import in_words, shown
from handlers.words import Words

MOST = 10  # alerts told by name; the history has the rest


@dataclass(frozen=True, slots=True)
class Withheld:
    """Messages that were due and not sent, and when the first of them was due."""

    since: datetime
    alerts: int = 0
    briefings: int = 0
    others: int = 0


def digest(
    withheld: Withheld, why: str | None, records: Sequence[RuleRecord], words: Words
) -> Reply:
    """Old news is told as old: how much of each kind, and of each alert that is still set when it last fired."""
    since = words.time(withheld.since)
    said: list[Line | str] = [words("Since {time} I could not write here.", time=since)]
    if why is not None:
        said = [
            words("Since {time} I could not write here: {reason}.", time=since, reason=words(why))
        ]
    counts = (
        (withheld.alerts, words("Messages about alerts: {n}", n=withheld.alerts)),
        (withheld.briefings, words("Briefings: {n}", n=withheld.briefings)),
        (withheld.others, words("Other messages: {n}", n=withheld.others)),
    )
    fired = _fired(records, withheld.since, words) if withheld.alerts else []
    if len(fired) > MOST:
        more = words.line("Everything that fired: {command}", command=Code("/alert history"))
        fired = [*fired[:MOST], more]
    blocks = (text(*said, *(line for n, line in counts if n)), *((text(*fired),) if fired else ()))
    return Reply(words("Missed while I could not write here"), blocks, tone=Tone.WARNING)


def _fired(records: Sequence[RuleRecord], since: datetime, words: Words) -> list[Line | str]:
    """Newest first."""
    told = [
        (fires[-1], len(fires), record.rule)
        for record in records
        if (fires := [fire for fire in record.state.fires if fire.at >= since])
    ]
    told.sort(key=lambda row: row[0].at, reverse=True)
    return [
        words(
            "#{id} {rule}: fired {n} ×, last {time} ({value})",
            id=rule.id,
            rule=in_words(rule, words),
            n=count,
            time=words.time(last.at),
            value=shown(rule, last.value or 0.0, words),
        )
        for last, count, rule in told
    ]
