"""Who let us in is remembered, and what that person manages is found again."""

import pytest

from bot.let_back import LetBack
from bot.membership import Membership
from bot.notebook import StoreNotebook
from bot.refused import plain_words
from handlers.command import Channel
from handlers.preferences import Managed
from tests.fakes import Clock

NEWS, GROUP, ANN = Channel("telegram", "-1003"), Channel("telegram", "-1001"), Channel("telegram", "7")  # fmt: skip


@pytest.fixture
def notebook(store):
    return StoreNotebook(store)


@pytest.fixture
def membership(notebook):
    return Membership(notebook, LetBack(notebook, plain_words, Clock()))


async def test_a_channel_is_found_again_in_the_private_chat_until_we_are_put_out(
    membership, notebook
):
    await membership(NEWS, True, "7", "News")
    await membership(NEWS, True, "7", "Daily news")

    assert (await notebook.preferences(ANN)).channels == (Managed("@-1003", "Daily news"),)
    assert (await notebook.preferences(NEWS)).bound_by == "telegram:7"

    await membership(NEWS, False, "8", "Daily news")

    assert (await notebook.preferences(ANN)).channels == ()
    assert (await notebook.preferences(NEWS)).paused_because == "removed from this chat"


async def test_a_group_is_set_up_where_it_is(membership, notebook):
    await membership(GROUP, False, "7", None)
    await membership(GROUP, True, "7", None)

    assert (await notebook.preferences(ANN)).channels == ()
    assert (await notebook.preferences(GROUP)).bound_by == "telegram:7"
    assert (await notebook.preferences(GROUP)).paused_because is None


async def test_nobody_is_bound_where_nobody_says_who_it_was(membership, notebook):
    await membership(GROUP, True, None, None)

    assert (await notebook.preferences(GROUP)).bound_by is None
