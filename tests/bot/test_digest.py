"""A night of quiet hours: held, and then one message, with the real words."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import msgspec
import pytest

from bot.composer import ChatComposer
from bot.languages import Languages
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.owed import RuleChange
from bot.render.text import plain
from bot.transport import DeliveryError
from handlers.commands.mute import MUTE, UNMUTE
from handlers.preferences import Preferences, QuietHours, Severity
from handlers.reply import Reply
from handlers.rule import Alert, Direction, Metric, Phase, Rule, RuleState, Transition
from providers.market import Sources
from tests.bot.owing import AT, HERE, alert, briefing, notice
from tests.bot.test_delivery import OTHER, Loopback, delivering, empty, until
from tests.fakes import Clock, desk_with
from tests.handlers.commands.asking import ask as ask_in

ask = partial(ask_in, channel=HERE)
NIGHT = Preferences(quiet=QuietHours("11:00", "19:00"), zone="UTC")


class Reader(Loopback):
    """Keeps whole messages, and whether they rang."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[Reply] = []
        self.rang: list[bool] = []

    async def send(self, channel, reply, *, nonce=None, silent=False):
        sent = await super().send(channel, reply, nonce=nonce, silent=silent)
        self.read.append(reply)
        self.rang.append(not silent)
        return sent


@pytest.fixture
def clock() -> Clock:
    return Clock(AT)


class Chat:
    """One chat whose rules fire, with the words it would really read."""

    def __init__(self, store, clock) -> None:
        self.store, self.clock, self.outbox = store, clock, Outbox(store)
        self.notebook, self.discord = StoreNotebook(store), Reader()
        self.desk = replace(desk_with(Sources(), clock), notebook=self.notebook)
        self.composer = ChatComposer(self.desk, self.outbox, Languages(default="en", zone="UTC"))

    async def rule(self, name: str, asset: str, severity: Severity = Severity.WARNING) -> None:
        rule = Rule(
            name, HERE.key, "discord:9", AT, Metric.PRICE, Direction.BELOW, 70_000.0, asset,
            severity=severity,
        )  # fmt: skip
        await self.notebook.add_rule(rule)

    async def tells(
        self, rule: str, version: int, transition: Transition, value=69_000.0, detail=None, **more
    ) -> None:
        now = self.clock()
        phase = Phase.FIRING if transition is Transition.FIRED else Phase.RESOLVED
        state = RuleState(phase, now, value, version=version)
        what = Alert(rule, transition, value, now, "venue", detail or {})
        owed = alert(
            f"alert:{rule}:{version}", rule, at=now, alert=what,
            expires=now + timedelta(hours=6), **more,
        )  # fmt: skip
        assert await self.outbox.advance([RuleChange(HERE.key, rule, version, state, owed)])

    def delivering(self):
        return delivering(self.store, self.clock, self.discord, composer=self.composer)

    @property
    def read(self) -> list[str]:
        return [title for _, title in self.discord.sent]

    @property
    def messages(self) -> list[str]:
        return [plain(reply) for reply in self.discord.read]


async def test_a_briefing_on_an_asset_that_is_gone_says_so_and_how_to_stop_it(store, clock):
    chat = Chat(store, clock)
    told = msgspec.structs.replace(briefing("b").briefing, asset="LUNA")
    [letter] = await chat.composer.compose(
        HERE, [msgspec.structs.replace(briefing("b"), briefing=told)], Preferences()
    )

    assert letter.reply.title == "LUNA is no longer followed here."
    assert letter.reply.controls[-1][0].command == "subscribe list"
    assert letter.owed == ("b",)


async def test_a_night_of_alerts_is_one_digest_after_a_restart_and_nothing_is_late(store, clock):
    chat = Chat(store, clock)
    await chat.notebook.set_preferences(HERE, NIGHT)
    for name, asset in (("1", "BTC"), ("2", "ETH"), ("3", "SOL")):
        await chat.rule(name, asset)
    async with chat.delivering():
        await chat.tells("1", 0, Transition.FIRED)
        await chat.tells("2", 0, Transition.FIRED)
        await chat.tells("2", 1, Transition.RESOLVED)
        await chat.tells("3", 0, Transition.FIRED)
        await chat.outbox.owe(None, [notice("elsewhere", OTHER)])
        await until(lambda: chat.read)
    at_night = chat.read
    clock.advance(hours=7, minutes=1)  # past the six hours that an alert is kept
    async with chat.delivering():
        await empty(chat.outbox)

    assert at_night == ["elsewhere"]
    [_, digest] = chat.read
    assert digest.startswith("3 alerts")


async def test_a_critical_alert_passes_the_quiet_hours(store, clock):
    chat = Chat(store, clock)
    await chat.notebook.set_preferences(HERE, NIGHT)
    await chat.rule("1", "BTC", Severity.CRITICAL)
    await chat.rule("2", "ETH")
    async with chat.delivering():
        await chat.tells("1", 0, Transition.FIRED, severity=Severity.CRITICAL)
        await chat.tells("2", 0, Transition.FIRED)
        await until(lambda: chat.read)

    assert len(chat.read) == 1
    assert "BTC" in chat.read[0]


@pytest.mark.parametrize(
    ("end", "value", "detail", "said"),
    [
        (
            Transition.RESOLVED,
            71_500.0,
            {"extreme": 66_000.0},
            "Recovered 14:00 UTC at $71,500, low $66,000",
        ),
        (Transition.EXPIRED, None, None, "This alert expired at 14:00 UTC"),
        (
            Transition.NO_DATA,
            None,
            {"blind": "2030-03-06T13:30:00+00:00"},
            "No data since 13:30 UTC",
        ),
    ],
)
async def test_what_fired_at_night_is_told_with_what_became_of_it(
    store, clock, end, value, detail, said
):
    chat = Chat(store, clock)
    await chat.notebook.set_preferences(HERE, NIGHT)
    await chat.rule("1", "BTC")
    await chat.tells("1", 0, Transition.FIRED)
    clock.advance(hours=2)
    await chat.tells("1", 1, end, value, detail)
    clock.advance(hours=5, minutes=1)
    async with chat.delivering():
        await empty(chat.outbox)

    [message] = chat.messages
    assert message.startswith("BTC broke $70,000 ↓ — $69,000\n")
    assert f"BTC below $70,000 · since 12:00 UTC\n{said}\n" in message
    assert chat.discord.rang == [True]


async def test_a_repeat_that_expired_is_no_edit_that_nobody_sees(store, clock):
    chat = Chat(store, clock)
    await chat.rule("1", "BTC")
    await chat.tells("1", 0, Transition.FIRED)
    async with chat.delivering():
        await empty(chat.outbox)
    clock.advance(hours=1)
    await chat.tells("1", 1, Transition.AGAIN, 68_000.0)
    await chat.tells("1", 2, Transition.EXPIRED, None)
    async with chat.delivering():
        await empty(chat.outbox)

    assert "This alert expired at 13:00 UTC" in chat.messages[1]
    assert chat.messages[1].startswith("BTC broke $70,000 ↓ — $68,000 (fired 0 ×)")


@pytest.mark.parametrize("again", ["1", "12"], ids=["one", "both"])
async def test_a_repeat_within_its_cooldown_does_not_ring_after_a_storm(store, clock, again):
    chat = Chat(store, clock)
    for name, asset in (("1", "BTC"), ("2", "ETH")):
        await chat.rule(name, asset)
        await chat.tells(name, 0, Transition.FIRED)
    async with chat.delivering():
        await empty(chat.outbox)
    clock.advance(minutes=10)
    for name in again:
        await chat.tells(name, 1, Transition.AGAIN)
    async with chat.delivering():
        await empty(chat.outbox)

    assert chat.discord.rang == [True, False]


async def test_a_digest_tells_no_recovery_as_a_break(store, clock):
    chat = Chat(store, clock)
    await chat.notebook.set_preferences(HERE, NIGHT)
    for name, asset in (("1", "BTC"), ("2", "ETH")):
        await chat.rule(name, asset)
    await chat.tells("1", 0, Transition.FIRED, 66_000.0)
    clock.advance(hours=3)
    await chat.tells("1", 1, Transition.RESOLVED, 71_500.0, {"extreme": 65_900.0})
    clock.advance(hours=1)
    await chat.tells("2", 0, Transition.FIRED, 69_500.0)
    clock.advance(hours=3)
    async with chat.delivering():
        await empty(chat.outbox)

    [message] = chat.messages
    assert message.splitlines()[2:4] == [
        "BTC broke $70,000 ↓ — $66,000 · Recovered 15:00 UTC at $71,500, low $65,900",
        "ETH broke $70,000 ↓ — $69,500",
    ]
    assert message.startswith("2 alerts — BTC broke $70,000 ↓ — $66,000")


@pytest.mark.parametrize(
    ("what", "named"),
    [
        (Transition.FIRED, "BTC broke $70,000 ↓ — $69,000"),
        (Transition.EXPIRED, "BTC below $70,000 · Alert #1 has expired"),
    ],
)
async def test_an_alert_that_was_late_for_us_and_not_for_the_night_is_told_as_missed(
    store, clock, what, named
):
    chat = Chat(store, clock)
    await chat.rule("1", "BTC")
    await chat.tells("1", 0, what)
    clock.advance(hours=6, minutes=1)
    async with chat.delivering():
        await empty(chat.outbox)

    assert chat.read == ["Missed: 1"]
    assert f"{named}, due Wed 6 Mar 12:00 UTC" in chat.messages[0].splitlines()


@pytest.mark.parametrize(
    ("what", "read"),
    [
        ({"1": Transition.FIRED}, ["Alert #1 fired just before it was removed"]),
        (
            {"1": Transition.FIRED, "2": Transition.AGAIN, "3": Transition.RESOLVED},
            ["Alerts that fired just before they were removed: 2"],
        ),
        ({"1": Transition.RESOLVED, "2": Transition.EXPIRED, "3": Transition.NO_DATA}, []),
    ],
    ids=["one fired", "several fired", "they only ended"],
)
async def test_of_removed_alerts_only_what_fired_is_told_and_once(store, clock, what, read):
    chat = Chat(store, clock)
    for name, transition in what.items():
        await chat.rule(name, "BTC")
        await chat.tells(name, 0, transition)
        await chat.notebook.remove_rule(HERE, name)
    async with chat.delivering():
        await empty(chat.outbox)

    assert chat.read == read
    assert chat.discord.rang == [False for _ in read]
    assert await chat.outbox.dead() == ()


async def test_what_a_removed_alert_owed_is_told_by_when_it_fired(store, clock):
    chat = Chat(store, clock)
    await chat.rule("1", "BTC")
    await chat.tells("1", 0, Transition.FIRED)
    await chat.notebook.remove_rule(HERE, "1")
    clock.advance(hours=2)
    async with chat.delivering():
        await empty(chat.outbox)

    assert "Alert #1: Wed 6 Mar 12:00 UTC" in chat.messages[0]


async def test_what_a_mute_held_is_not_missed_when_the_mute_ends_early(store, clock):
    chat = Chat(store, clock)
    await chat.rule("1", "BTC")
    await ask(MUTE, chat.desk, "12h")
    clock.advance(hours=1)
    await chat.tells("1", 0, Transition.FIRED)
    clock.advance(hours=7)
    await ask(UNMUTE, chat.desk)
    async with chat.delivering():
        await empty(chat.outbox)

    assert chat.read == ["BTC broke $70,000 ↓ — $69,000"]


async def test_a_briefing_that_a_mute_held_arrives_after_it(store, clock):
    chat = Chat(store, clock)
    await ask(MUTE, chat.desk, "2h")
    await chat.outbox.owe(None, [briefing("b")])
    clock.advance(hours=2)
    async with chat.delivering():
        await empty(chat.outbox)

    assert "Missed" not in chat.read[0]


async def test_a_briefing_comes_at_its_minute_in_quiet_hours_too(store, clock):
    chat = Chat(store, clock)
    await chat.notebook.set_preferences(HERE, NIGHT)
    await chat.outbox.owe(None, [briefing("b")])
    async with chat.delivering():
        await empty(chat.outbox)

    assert len(chat.read) == 1


async def test_an_alert_six_hours_before_the_end_of_the_night_is_not_missed(store, clock):
    chat = Chat(store, clock)
    await chat.notebook.set_preferences(HERE, NIGHT)
    await chat.rule("1", "BTC")
    clock.advance(hours=1, seconds=2)
    await chat.tells("1", 0, Transition.FIRED)
    clock.advance(hours=6, seconds=4)
    async with chat.delivering():
        await empty(chat.outbox)

    assert chat.read == ["BTC broke $70,000 ↓ — $69,000"]


async def test_what_was_held_for_days_is_not_given_up_at_the_first_refusal(store, clock):
    chat = Chat(store, clock)
    await chat.rule("1", "BTC")
    await ask(MUTE, chat.desk, "2d")
    await chat.tells("1", 0, Transition.FIRED)
    clock.advance(days=2)
    chat.discord.errors["1"] = [DeliveryError("down")]
    async with chat.delivering():
        await until(lambda: not chat.discord.errors["1"])
    clock.advance(seconds=2)
    async with chat.delivering():
        await empty(chat.outbox)

    assert chat.read == ["BTC broke $70,000 ↓ — $69,000"]


async def test_what_was_not_sent_long_after_the_night_is_told_as_missed(store, clock):
    chat = Chat(store, clock)
    await chat.notebook.set_preferences(HERE, NIGHT)
    await chat.rule("1", "BTC")
    await chat.tells("1", 0, Transition.FIRED)
    clock.advance(hours=7 + 6, minutes=1)
    async with chat.delivering():
        await empty(chat.outbox)

    assert chat.read == ["Missed: 1"]
