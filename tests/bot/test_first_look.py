"""What an alert's echo says of the next moment is what happens."""

import pytest

from bot.watch import Watch
from handlers.command import ChannelKind, Request
from handlers.commands.alert import COMMAND
from handlers.reply import Text
from handlers.rule import Transition
from handlers.rules import KINDS
from handlers.words import Words
from tests.bot.test_watch import FakeLedger
from tests.handlers.commands.test_alert import HERE, desk  # noqa: F401 - a fixture


@pytest.mark.parametrize(
    ("rule", "said", "fires"),
    [
        ("btc > 72000", "so it fires right away.", [1, 1]),
        ("btc > 72000 close 1h", "so it fires right away.", [1, 1]),
        ("btc > 72000 for 10m", "so it fires in 10 min if it stays so.", [0, 1]),
        ("btc > 72000 close 1d", "so it fires at the next close if it stays so.", [0, 0]),
        ("btc < 70000", "", [0, 0]),
        ("level break", "", [0, 0]),
    ],
)
async def test_what_is_true_already_fires_as_it_was_said(desk, clock, rule, said, fires):  # noqa: F811
    asked = Request(
        "alert", ("add", *rule.split()), f"add {rule}", HERE, ChannelKind.GROUP, "telegram:1", "Ada",
        Words(), admin=True,
    )  # fmt: skip
    ledger = FakeLedger()
    watch = Watch(desk.market, desk.watchlist, ledger, clock, KINDS)

    reply = await COMMAND.run(asked, desk)
    watch.load(await desk.notebook.rules(HERE))
    counts = []
    for _ in range(2):
        watch.on_tick("BTC", 75_000.0, clock(), "binance")
        await watch.drain()
        await watch.poll()
        await watch.sweep()
        counts.append(sum(told is Transition.FIRED for _, told, _ in ledger.told))
        clock.advance(minutes=10)

    lines = [
        "".join(line) for block in reply.blocks if isinstance(block, Text) for line in block.lines
    ]
    already = [line for line in lines if "true already" in line]
    assert already == ([f"It is true already ($75,000), {said}"] if said else [])
    assert counts == fires
