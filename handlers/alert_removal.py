"""Alerts taken away: one, several by their numbers, those that are over, or all."""

import re
from collections.abc import Sequence

from handlers.arguments import clip
from handlers.command import Request, UserError
from handlers.desk import Desk
from handlers.kept_alerts import drop, is_over
from handlers.reply import Button, Code, Details, Line, Reply, text
from handlers.rights import only_admins
from handlers.rule import RuleRecord
from handlers.rule_words import in_words
from handlers.spelling import spelled
from handlers.words import Words

ALL, OVER = ("all", "everything"), ("done", "finished", "over")


async def remove(request: Request, desk: Desk, typed: str) -> Reply:
    """What is removed is said with how to take it back."""
    only_admins(request)
    words = request.words
    records = await desk.notebook.rules(request.channel)
    chosen = _chosen(words, records, [word for word in re.split(r"[\s,]+", typed) if word])
    await drop(request, desk, chosen)
    if len(chosen) == 1:
        rule = chosen[0].rule
        line = words.line("Take it back: {command}", command=_again(chosen[0], words))
        title = words("Removed alert #{id}", id=rule.id)
        return Reply(title, (text(in_words(rule, words), line),))
    back: tuple[Line, ...] = tuple((_again(record, words),) for record in chosen)
    return Reply(
        words("Alerts removed: {n}", n=len(chosen)),
        (Details(words("Take them back"), back),),
        controls=((Button(words("All alerts"), "alert list"),),),
    )


def _again(record: RuleRecord, words: Words) -> Code:
    return Code(f"/alert add {spelled(record.rule, words.zone)}")


def _chosen(
    words: Words, records: Sequence[RuleRecord], typed: Sequence[str]
) -> tuple[RuleRecord, ...]:
    """Nothing is removed when one of several numbers is unknown."""
    if len(typed) == 1 and typed[0].lower() in (*ALL, *OVER):
        every = typed[0].lower() in ALL
        chosen = tuple(record for record in records if every or is_over(record))
        if not chosen:
            raise UserError(words("There is nothing to remove."), example="/alert list")
        return chosen
    known = {record.rule.id: record for record in records}
    wanted = [word.lstrip("#") for word in typed] or [""]
    for rule_id in wanted:
        if rule_id not in known:
            raise no_alert(words, rule_id)
    return tuple(known[rule_id] for rule_id in dict.fromkeys(wanted))


def no_alert(words: Words, rule_id: str) -> UserError:
    return UserError(
        words("There is no alert “{id}” here.", id=clip(rule_id)), example="/alert list"
    )
