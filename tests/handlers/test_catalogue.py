"""Every sentence in every language we have, with the same values in it; and none that went past the catalogue."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bot.languages import Languages
from bot.render.text import plain
from handlers.alerts import compose
from handlers.commands import COMMANDS
from handlers.preferences import Preferences
from handlers.reply import Button, Details, Prompt, Reply
from handlers.rule import Direction, Metric, RuleState, Transition
from providers.market import Sources
from tests.catalogue import ROOT, calls, languages, literals, said, sources
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import (
    Bars,
    Told,
    ask,
    book,
    chain,
    event,
    feelings,
    flow_days,
    headline,
    held,
    interest,
    rate,
    ticker,
)
from tests.handlers.test_alerts import alert, rule

LANGUAGES = Languages(default="en", zone="UTC")
OTHERS = {path.stem: LANGUAGES.words(Preferences(language=path.stem)) for path in languages()}
COMMAND_WORDS = {word for c in COMMANDS for word in (c.name, *c.aliases)} | {"help"}
SENTENCE = re.compile(r"[a-z]{2,},? [a-z]{2,}")
TYPED = {  # what people may write, and never read
    "for ever",
    "<|=<|at most|less|lower|below|under|unter",
}
NOT_SHOWN = ("handlers/facts", "handlers/spelling.py")  # names to compare with; the grammar itself
SHOWN = ("Strong", "Link", "Button", "Choice", "Select", "Reply", "Details", "text")
BY_VARIABLE = {  # each is data that tests/catalogue.py registers
    "today.label", "then.label", "group", "c.summary", "sub.summary", "command.summary",
    "command.fact",
    "preferences.rings_from.value", "s.value", "state", "office.store", "preferences.paused_because",
    "error.reason", "reason", "why", "rule.severity.value", "error.text", "briefing_named(one.briefing.name).title",
    "next((b.title for b in desk.briefings if b.name == subscription.briefing), 'Briefing')",
    "section.source.replace('_', ' ')",
    "state.kind.replace('_', ' ')", "str(alert.detail.get('label', ''))",
}  # fmt: skip
ENGLISH = re.compile(
    r"\b(the|of|and|to|for|since|with|from|by|below|above|price|levels?|flows?|alerts?|no|not|are|is|days?|low|high|last|"
    r"week|open|at|least|longest|funds|closed|force|rose|fell|missing|next|support|resistance|every|send|settings|back|"
    r"language|refresh|none|net|trade|date|old|now)\b"
)
# What is spelled alike there, or what traders say in English.
THEIRS = {"es": {"no"}, "fr": {"net", "open", "support"}, "pt": {"no", "open"}, "tr": {"net"}}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.fixture(scope="module")
def sentences() -> dict[str, set[str]]:
    return said()


@pytest.mark.parametrize("path", languages(), ids=lambda path: path.stem)
def test_every_sentence_is_there_in_every_language(path, sentences):
    known = LANGUAGES.catalogue(path.stem)
    assert [s for s in sentences if s not in known] == [], "run python -m tests.catalogue"
    assert [s for s in known if s not in sentences] == [], "nobody says these any more"


@pytest.mark.parametrize("path", languages(), ids=lambda path: path.stem)
def test_both_sides_have_the_same_values(path):
    known = LANGUAGES.catalogue(path.stem)
    assert {s: t for s, t in known.items() if fields(s) != fields(t)} == {}


@pytest.mark.parametrize("path", languages(), ids=lambda path: path.stem)
def test_spaces_at_the_ends_stay(path):
    known = LANGUAGES.catalogue(path.stem)
    ends = [
        (s, t)
        for s, t in known.items()
        if (s[:1] == " ", s[-1:] == " ") != (t[:1] == " ", t[-1:] == " ")
    ]
    assert ends == []


def parsed(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sources(*folders):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_a_sentence_that_is_no_literal_is_data_that_the_catalogue_knows():
    unknown = [
        f"{path.relative_to(ROOT)}:{call.lineno} {ast.unparse(call.args[0])}"
        for path, tree in parsed("handlers", "bot")
        if path.name
        not in ("words.py", "telegram_sending.py")  # the lookup itself; another `words`
        for call in calls(tree, path)
        if not literals(call.args[0]) and ast.unparse(call.args[0]) not in BY_VARIABLE
    ]
    assert unknown == []


def test_no_sentence_of_the_handlers_goes_past_the_catalogue(sentences):
    past = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.value!r}"
        for path, tree in parsed("handlers")
        if not path.relative_to(ROOT).as_posix().startswith(NOT_SHOWN)
        for node in strings(tree)
        if SENTENCE.search(node.value)
        and node.value not in TYPED | sentences.keys()
        and node.value.lstrip("/").split()[0] not in COMMAND_WORDS | {"level"}
    ]
    assert past == []


def strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """All but docstrings and what programmers read: exceptions other than a UserError, log events."""
    unread = {id(inside) for node in ast.walk(tree) if unseen(node) for inside in ast.walk(node)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in unread
        ):
            yield node


def unseen(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=exc):
            return exc is None or "UserError" not in ast.unparse(exc)
        case ast.Call(func=func):
            return ast.unparse(func).startswith("log.")
    return False


def test_no_word_is_shown_that_is_not_from_the_catalogue():
    shown = [
        f"{path.relative_to(ROOT)}:{node.lineno} {word}"
        for path, tree in parsed("handlers")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SHOWN
        for part in read(node)
        for word in bare(part)
        if re.search(r"[a-z]{2,}", word)
    ]
    assert shown == []


def read(call: ast.Call) -> Iterator[ast.expr]:
    """What a person reads of it: of a button its label, of a block of text every line."""
    yield from call.args if ast.unparse(call.func) == "text" else call.args[:1]
    yield from (k.value for k in call.keywords if k.arg in ("title", "label", "text"))


def bare(node: ast.AST) -> Iterator[str]:
    """The literals in an expression that no call has translated."""
    if isinstance(node, ast.Call | ast.Subscript | ast.Attribute | ast.FormattedValue):
        return
    if isinstance(node, ast.Constant):
        yield str(node.value) if isinstance(node.value, str) else ""
    for inside in ast.iter_child_nodes(node):
        yield from bare(inside)


@pytest.fixture
def desk(clock):
    return desk_with(
        Sources(
            prices=(Told(clock, ticker(), name="Binance"), Told(clock, ticker(90_100.5), name="Kraken")),
            candles=(Bars(clock),),
            flows=(Told(clock, flow_days(*[10e6, -20e6] * 10, -272e6), name="farside"),),
            liquidations=(Told(clock, book(clock, 24 * 21), name="own count"),),
            open_interest=(Told(clock, interest(clock), name="Binance"),),
            funding=(Told(clock, rate(clock), name="Binance"),),
            options=(Told(clock, chain(clock), name="Deribit"),),
            sentiment=(Told(clock, feelings(clock, 17, 14)),),
            holdings=(Told(clock, (held(),)),),
            headlines=(Told(clock, (headline(clock),)),),
            events=(Told(clock, (event(clock),)),),
        ),
        clock,
    )  # fmt: skip


ASKED = (
    "brief", "brief weekly", "brief close", "brief flash", "why", "price", "levels", "flows", "liqs", "compare btc eth",
    "funding", "maxpain", "fear", "holdings", "news", "calendar", "chart", "chart flows btc", "chart liqs btc",
    "subscribe", "subscribe brief 08:00 Europe/Berlin", "subscribe alerts", "unsubscribe all", "alert", "alert btc 80k",
    "alert btc -5% 1h", "mute 1h", "settings", "settings quiet", "settings zone", "settings rings", "settings language",
    "start", "status", "privacy", "forget",
)  # fmt: skip


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("typed", ASKED)
async def test_answers_hold_no_english_word_and_no_english_number(desk, typed, language):
    name, _, rest = typed.partition(" ")
    command = next(c for c in COMMANDS if c.name == name)
    reply = await ask(command, desk, rest, words=OTHERS[language])

    assert english_in(reply, language) == []


def english_in(reply: Reply, language: str) -> list[str]:
    """English words and numbers, but for what people type and what is quoted."""
    text = "\n".join(everything(reply))
    text = re.sub(r"/\w+[^\n,;»]*|btc -5%[^\n]*|“[^”]*”|„[^“]*“|«[^»]*»", "", text)
    words = [w for w in ENGLISH.findall(text) if w not in THEIRS.get(language, ())]
    dollars = OTHERS[language].price(1.0).startswith("$")
    numbers = r"\d,\d{3}\b|\d\.\d{1,2}\b(?!\.)" + ("" if dollars else r"|(?<!US)\$\d")
    return words + re.findall(numbers, text)


WATCHED = [
    (rule(), alert()),
    (rule(Metric.CHANGE, value=-5.0, window=3600), alert(-5.4, price=70_100.0)),
    (rule(Metric.NEW_LOW, value=90.0), alert(69_842.0, since="2024-11-06")),
    (rule(Metric.NEW_HIGH, value=90.0), alert()),
    (rule(Metric.RSI, value=25.0, interval="4h"), alert(22.4)),
    (rule(Metric.LIQUIDATIONS, Direction.ABOVE, 5e8, window=86400), alert(7.4e8)),
    (rule(Metric.FLOW, value=-5e8), alert(-6e8, day="2030-03-05")),
    (rule(Metric.FLOW_STREAK, value=-3.0), alert(-4.0)),
    (rule(Metric.FUNDING, value=-0.0001), alert(-0.0002)),
    (rule(Metric.FEAR, value=15.0, asset=None), alert(12.0, label="Extreme Fear")),
    (rule(Metric.HEADLINE, value=0.0, asset=None, word="ETF"), alert(None, title="Ein Titel")),
    *(
        (
            rule(Metric.LEVEL, Direction.EITHER, 0.0),
            alert(70_754.0, line=65_000.0, stage=stage, direction=way),
        )
        for stage in ("touch", "break", "confirmed", "back")
        for way in ("above", "below")
    ),
]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(("made", "seen"), WATCHED)
async def test_alerts_hold_no_english_word_and_no_english_number(clock, made, seen, language):
    desk, state = desk_without_sources(clock), RuleState(since=clock(), fired=2, extreme=69_000.5)
    for what in Transition:
        told = msgspec.structs.replace(seen, transition=what)
        reply = await compose(made, state, told, desk, OTHERS[language])

        assert english_in(reply, language) == []


def everything(reply: Reply) -> Iterator[str]:
    yield plain(reply)
    yield from (block.title for block in reply.blocks if isinstance(block, Details))
    for control in (one for row in reply.controls for one in row):
        match control:
            case Button(label=label):
                yield label
            case Prompt(label=label, title=title, field=field):
                yield from (label, title, field)
    for select in reply.selects:
        yield select.placeholder
    if reply.chart is not None:
        yield from (reply.chart.title, reply.chart.alt, reply.chart.footer, *reply.chart.legend)
