"""A chat's alerts as a list to choose from, and one of them with everything that can be done to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.kept_alerts import is_over, watching
from handlers.rehearsal import Rehearsal
from handlers.reply import (
    Button,
    ButtonStyle,
    Choice,
    Code,
    Control,
    Line,
    Prompt,
    Reply,
    Select,
    Table,
    text,
)
from handlers.rule import Phase, Rule, RuleRecord
from handlers.rule_words import in_words, phase_in_words, shown
from handlers.spelling import spelled
from handlers.words import Words

PER_PAGE = 20  # alerts of a list, each of them a choice of its drop-down
LABEL = 60


def listed(
    records: Sequence[RuleRecord], most: int, words: Words, *, example: str, page: int = 1
) -> Reply:
    """A page of alerts, each with its state. Choosing one opens it. Those that are over come last and do not count."""
    add = ((adding(words),),)
    if not records:
        line = words.line("Add one: {command}", command=Code(example))
        return Reply(words("No alerts here yet"), (text(line),), controls=add)
    pages = -(-len(records) // PER_PAGE)
    page = min(max(page, 1), pages)
    shown_now = sorted(records, key=is_over)[(page - 1) * PER_PAGE : page * PER_PAGE]
    rows = tuple(
        (f"#{r.rule.id}", in_words(r.rule, words), phase_in_words(r.state, words))
        for r in shown_now
    )
    choices = tuple(
        Choice(f"#{r.rule.id} {in_words(r.rule, words)}"[:LABEL], f"alert show {r.rule.id}")
        for r in shown_now
    )
    title = words("Alerts {n}/{most}", n=len(watching(records)), most=most)
    select = Select(words("Open an alert: change, silence or remove it"), choices)
    controls = (*_turning(page, pages, words), *_clearing(records, words), *add)
    return Reply(title, (Table(rows, align="<<<"),), controls=controls, selects=(select,))


def _turning(page: int, pages: int, words: Words) -> tuple[tuple[Control, ...], ...]:
    """To the pages beside this one."""
    turns = {page - 1: words("‹ Page {n}", n=page - 1), page + 1: words("Page {n} ›", n=page + 1)}
    there = tuple(Button(label, f"alert list {n}") for n, label in turns.items() if 1 <= n <= pages)
    return (there,) if there else ()


def _clearing(records: Sequence[RuleRecord], words: Words) -> tuple[tuple[Control, ...], ...]:
    over = len(records) - len(watching(records))
    return (
        ((Button(words("Remove those done: {n}", n=over), "alert remove done"),),) if over else ()
    )


def card(record: RuleRecord, words: Words, now: datetime) -> Reply:
    """One alert: what it waits for, how it stands, and its buttons."""
    rule, state = record.rule, record.state
    lines: list[Line | str] = [
        words("Now: {phase}", phase=phase_in_words(state, words)),
        words("Fired so far: {n}", n=state.fired),
    ]
    silent = state.snoozed_until is not None and state.snoozed_until > now
    if silent and state.snoozed_until is not None:
        lines.append(words("Silent until {time}", time=words.time(state.snoozed_until)))
    head = words("Alert #{id}: {rule}", id=rule.id, rule=in_words(rule, words))
    return Reply(
        head,
        (text(*lines),),
        controls=_doing(rule, words, asleep=silent or state.muted),
        quiet=True,
    )


def _doing(rule: Rule, words: Words, *, asleep: bool) -> tuple[tuple[Control, ...], ...]:
    wake = Button(words("Wake it up"), f"alert wake {rule.id}", style=ButtonStyle.PRIMARY)
    quieter: tuple[Control, ...] = (
        Button(words("Snooze 1h"), f"alert snooze {rule.id} 1h"),
        Button(words("Snooze 24h"), f"alert snooze {rule.id} 24h"),
        Button(words("Mute"), f"alert mute {rule.id}"),
    )
    return (
        (wake,) if asleep else quieter,
        (
            Button(words("Test"), f"alert test {rule.id}", edits=False),
            editing(rule, words),
            Button(words("Remove"), f"alert remove {rule.id}", style=ButtonStyle.DANGER),
        ),
        back(words),
    )


def stored(words: Words, rules: tuple[Rule, ...], rehearsed: list[Rehearsal]) -> Reply:
    """New alerts, read back in words, with how often each would have fired."""
    lines: list[Line | str] = []
    rows: list[tuple[Control, ...]] = []
    for rule, before in zip(rules, rehearsed, strict=True):
        lines += [f"#{rule.id} {in_words(rule, words)}", _count(before, words)]
        if before.met is not None:
            lines.append(_already(rule, before.first, shown(rule, before.met, words), words))
        rows.append(
            (
                Button(words("Test"), f"/alert test {rule.id}", edits=False),
                Button(words("Remove"), f"/alert remove {rule.id}", style=ButtonStyle.DANGER),
            )
        )
    title = words("Alert #{id} is set", id=rules[0].id)
    if len(rules) > 1:
        title = words("{n} alerts are set", n=len(rules))
    rows = [*rows[:4], (Button(words("All alerts"), "alert list", edits=False),)]
    return Reply(title, (text(*lines),), controls=tuple(rows))


def _already(rule: Rule, first: Phase, value: str, words: Words) -> str:
    """What is so when an alert is set comes at once, and is said beforehand; later only what happens anew."""
    if first is Phase.FIRING:
        return words("It is true already ({value}), so it fires right away.", value=value)
    if first is Phase.PENDING:
        span = words.span(timedelta(seconds=rule.hold))
        return words(
            "It is true already ({value}), so it fires in {span} if it stays so.",
            value=value,
            span=span,
        )
    return words(
        "It is true already ({value}), so it fires at the next close if it stays so.", value=value
    )


def _count(before: Rehearsal, words: Words) -> str:
    if before.fired is None or before.since is None:
        return words("There is no history to try it on.")
    start = words.long_date(before.since.date())
    if before.step is not None:
        return _about(before.fired, before.last, before.step, start, words)
    if before.last is None:
        return words("It would not have fired since {day}.", day=start)
    return words(
        "It would have fired {n} × since {day}, last on {last}.",
        n=before.fired,
        day=start,
        last=words.long_date(before.last.date()),
    )


def _about(fired: int, last: datetime | None, step: timedelta, start: str, words: Words) -> str:
    """Between two steps more may have happened than they show."""
    length = words.span(step)
    if last is None:
        return words(
            "Tried in steps of {length}, it would not have fired since {day}.",
            length=length,
            day=start,
        )
    return words(
        "Tried in steps of {length}, it would have fired about {n} × since {day}, last on {last}.",
        length=length,
        n=fired,
        day=start,
        last=words.long_date(last.date()),
    )


def adding(words: Words) -> Prompt:
    return Prompt(
        words("Add an alert"),
        words("New alert"),
        words("Such as btc 70k, or eth -5% 1h"),
        "alert add {answer}",
        "btc 70k",
    )


def editing(rule: Rule, words: Words, *, edits: bool = True) -> Prompt:
    return Prompt(
        words("Edit"),
        words("Edit alert #{id}", id=rule.id),
        words("Alert"),
        f"alert edit {rule.id} {{answer}}",
        spelled(rule, words.zone),
        edits,
    )


def waking(rule: Rule, words: Words) -> tuple[tuple[Control, ...], ...]:
    """Under the answer that an alert is silent now."""
    return (
        (
            Button(words("Wake it up"), f"alert wake {rule.id}"),
            Button(words("Remove"), f"alert remove {rule.id}", style=ButtonStyle.DANGER),
        ),
        back(words),
    )


def back(words: Words) -> tuple[Control, ...]:
    return (Button(words("‹ All alerts"), "alert list"),)
