"""Answers are handed on to other chats, where the bot's owner has switched inline mode on."""

import pytest

from bot.demo.world import World, serve
from tests.conformance.home import ANN, BOB, at_home, frozen, platforms, rows, said

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]


def with_inline_mode(rig) -> None:
    """The local server says of every bot that it has none."""
    plain = rig.m_getMe
    rig.m_getMe = lambda *asked: {**plain(*asked), "supports_inline_queries": True}


@pytest.mark.parametrize("inline", [True, False])
async def test_an_answer_is_shared_where_that_is_possible(shared, tmp_path, inline):
    world = World(frozen)
    async with platforms(shared) as rigs, serve(world) as addresses:
        telegram, discord = rigs
        if inline:
            with_inline_mode(telegram)
        async with at_home(rigs, world, addresses, tmp_path) as home:
            for command, query in (("brief", "brief btc morning"), ("levels", "levels btc")):
                message = await home.telegram.ask(ANN, ANN, f"/{command}")
                shown = [b["text"] for row in rows(message) for b in row]
                assert ("Share" in shown) is inline
                if not inline:
                    continue
                button = next(b for row in rows(message) for b in row if b["text"] == "Share")
                shared_query = button["switch_inline_query_chosen_chat"]["query"]
                assert shared_query == query
                (found,) = await home.telegram.inline(BOB, shared_query)
                assert found["title"] == said(message).split("\n")[0][:100]
                link = found["reply_markup"]["inline_keyboard"][0][0]["url"]
                payload = link.partition("?start=")[2]
                again = await home.telegram.ask(BOB, BOB, f"/start {payload}")
                assert said(again).split("\n")[0] == said(message).split("\n")[0]
            assert "Share" not in str(await home.discord.slash("levels"))
        assert telegram.violations == []
        assert discord.violations == []
        assert discord.timings()["pending"] == []
