"""Every button, drop-down, modal and suggestion on Discord is used, and each says something sensible at once."""

import asyncio
import re
from datetime import timedelta

import msgspec
import pytest
import pytest_asyncio

from bot.demo.world import World, serve
from bot.owed import Briefing, Owed, OwedKind, RuleChange
from handlers.command import Channel, OptionKind
from handlers.preferences import Severity
from handlers.rule import Alert, Phase, Transition
from tests.conformance.crawl import Crawler, controls_in_code
from tests.conformance.home import (
    ANNOUNCE,
    OWNER,
    READER,
    TEXT,
    at_home,
    frozen,
    platforms,
    said,
    until,
)

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(150),  # some 240 presses before the first test
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]
AT_ONCE = 1.0  # seconds
TYPING = 0.1
GIVEN = {
    OptionKind.ASSET: "btc", OptionKind.RULE: "btc 12345", OptionKind.SCHEDULE: "08:00", OptionKind.RULE_ID: "1",
    OptionKind.TIME: "1h", OptionKind.TEXT: "btc eth",
}  # fmt: skip
UNDERSTOOD = (
    "already says that",
    "There is no alert",
    "There is nothing to remove",
    "no data (",
)  # after what was pressed before
READS = re.compile(
    r"(/?(alert list|alert ack|alert show|alert history|subscribe list|settings)\b)|subscribe$"
)
BROKEN = "Something broke"
CHANGES = re.compile(r"/?(alert|subscribe|unsubscribe|mute|unmute|settings|forget)\b")
ELSEWHERE = re.compile(r"handlers/(greeting|subscribed)\.py")  # of Telegram's channels


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walked(shared, tmp_path_factory):
    """Everything pressed: by who may do all, then what others see by somebody who may nothing."""
    world = World(frozen)
    folder = tmp_path_factory.mktemp("home")
    async with (
        platforms(shared) as rigs,
        serve(world) as addresses,
        at_home(rigs, world, addresses, folder, owner_ids=f"discord:{OWNER}") as home,
    ):
        admin = Crawler(home)
        await asked(home, admin)
        await pushed(home, admin)
        await crowded(home, admin)
        await admin.everything()
        stranger = Crawler(home)
        for found in admin.known.values():
            message = home.discord.rig.messages.get(found.message)
            if message and not message["flags"] & 64 and message["channel_id"] == str(TEXT):
                await stranger.press(found, READER)
        yield home, admin.pressed, stranger.pressed
        assert home.discord.rig.violations == []
        assert home.discord.rig.timings()["pending"] == []


async def asked(home, crawler):
    """Each command as it stands and with what it must be given, in a channel, in one that is followed, and alone."""
    for command in home.app.dispatch.commands:
        for sub in command.subcommands or (None,):
            options = sub.options if sub else command.options
            given = {
                o.name: o.choices[0] if o.choices else GIVEN.get(o.kind, "1")
                for o in options
                if o.required
            }
            full = f"{command.name} {sub.name}" if sub else command.name
            for where in (TEXT, ANNOUNCE, None):
                await crawler.saw(await home.discord.slash(full, given, where))
    await crawler.saw(await home.discord.slash("price", {"asset": "bitco"}))
    await crawler.saw(await home.discord.slash("settings quiet", {"value": "22:00 07:00"}))
    await crawler.saw(await home.discord.slash("settings quiet"))
    await home.discord.slash("settings critical", {"value": "off"})
    await crawler.saw(await home.discord.slash("settings critical"))
    await home.discord.slash("settings quiet", {"value": "off"})
    await crawler.saw(await home.discord.slash("settings critical"))


async def pushed(home, crawler):
    """An alert, several at once, a briefing, and one that could not be delivered."""
    here = Channel("discord", str(TEXT))
    for line in ("btc < 70k", "eth < 3k", "liqs > 500M 24h"):
        await home.discord.slash("alert add", {"rule": line})
    *_, one, two, three = [r.rule for r in await home.app.notebook.rules(here)]
    for some in ((one,), (two, three)):
        await owe(home, *(alert(f"a{r.id}", r.id) for r in some))
        await crawler.saw(await newest(home))
    await owe(home, briefing("b1", TEXT))
    await crawler.saw(await newest(home))
    home.discord.rig.closed_dms.add(str(READER))  # who has set up nothing, so nothing is paused
    await owe(home, briefing("b2", f"@{READER}"))
    async with asyncio.timeout(10):
        while not await home.app.outbox.dead_count():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    await crawler.saw(await home.discord.slash("deadletters", {}, None))


async def crowded(home, crawler):
    """More alerts than a page lists, and one of them over."""
    for tens in (4, 5):
        prices = ", ".join(f"{tens}{ones}k" for ones in range(10))
        await home.discord.slash("alert add", {"rule": f"btc < {prices}"})
    *_, last = await home.app.notebook.rules(Channel("discord", str(TEXT)))
    over = msgspec.structs.replace(last.state, phase=Phase.DONE)
    change = RuleChange(last.rule.channel, last.rule.id, last.state.version, over)
    assert await home.app.outbox.advance((change,)) == (True,)
    await crawler.saw(await home.discord.slash("alert list"))


def briefing(name, chat):
    told = Briefing("morning", "BTC", "1", "2030-03-06T12:00")
    key, now = f"discord:{chat}", frozen()
    return Owed(name, key, OwedKind.BRIEFING, Severity.INFO, now, briefing=told)


def alert(name, rule):
    now = frozen()
    seen = Alert(rule, Transition.FIRED, 69_842.0, now, "Binance")
    key = f"discord:{TEXT}"
    return Owed(
        name, key, OwedKind.ALERT, Severity.WARNING, now, now + timedelta(hours=1), alert=seen
    )


async def owe(home, *owed):
    home.before = {m["id"] for m in home.discord.rig.sent(TEXT)}
    await home.app.outbox.owe(None, owed)


async def newest(home):
    return await until(
        lambda: next((m for m in home.discord.rig.sent(TEXT) if m["id"] not in home.before), None),
        "a push",
    )


async def test_everything_is_answered_at_once_and_visibly(walked):
    _, admin, stranger = walked

    assert shown(p for p in (*admin, *stranger) if p.seconds > AT_ONCE) == ""
    assert shown(p for p in (*admin, *stranger) if not p.answer.strip()) == ""
    assert shown(p for p in (*admin, *stranger) if p.answer.startswith(BROKEN)) == ""


async def test_what_is_offered_works(walked):
    _, admin, _ = walked

    unable = [p for p in admin if p.answer.startswith("That did not work")]
    assert shown(p for p in unable if not any(why in p.answer for why in UNDERSTOOD)) == ""


async def test_who_may_nothing_is_refused_for_himself_alone(walked):
    _, _, stranger = walked
    bound = [
        p
        for p in stranger
        if CHANGES.match(p.command)
        and p.does != "p"
        and not READS.match(p.command)
        and "There is no alert" not in p.answer
    ]
    free = [p for p in stranger if not CHANGES.match(p.command)]

    assert shown(p for p in bound if not ("Only admins" in p.answer and p.hidden)) == ""
    assert shown(p for p in free if "Only admins" in p.answer) == ""
    assert bound
    assert free


def shown(presses) -> str:
    return "\n".join(f"{p.does} {p.command}: {p.answer[:160]!r} {p.seconds:.3f}" for p in presses)


async def test_no_control_in_the_code_was_left_out(walked):
    _, admin, _ = walked
    pressed = {p.command for p in admin}

    missed = [
        (where, pattern)
        for where, pattern in controls_in_code()
        if not ELSEWHERE.match(where) and not any(re.fullmatch(pattern, c) for c in pressed)
    ]
    assert missed == []
    assert {p.does for p in admin} == {"e", "n", "p", "d", "s", "m"}


async def test_every_suggestion_comes_at_once(walked):
    home, *_ = walked
    found, times = {}, []
    for command in home.discord.rig.commands[None].values():
        for full, option in suggesting(command):
            record = home.discord.rig.slash(full, {option: ""}, None, OWNER, autocomplete=option)
            await until(lambda r=record: r["choices"] is not None, full)
            found[full, option] = record["choices"]
            times.append(record["completed"] - record["created"])
    assert max(times) < AT_ONCE
    assert sorted(times)[len(times) // 2] < TYPING
    assert [which for which, choices in found.items() if not choices] == []


def suggesting(command):
    for part in command.get("options") or ():
        if part["type"] == 1:
            names = [o["name"] for o in part.get("options") or () if o.get("autocomplete")]
            yield from ((f"{command['name']} {part['name']}", name) for name in names)
        elif part.get("autocomplete"):
            yield command["name"], part["name"]


async def test_the_words_of_a_push_are_read(walked):
    home, *_ = walked

    assert any("BTC broke $70,000 ↓" in said(m) for m in home.discord.rig.sent(TEXT))
