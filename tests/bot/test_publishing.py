"""A briefing is published where its admins chose so, and what fails there disturbs nobody."""

from types import SimpleNamespace

import pytest

from bot.publishing import publish
from bot.store import StoreDown
from bot.transport import DeliveryError
from handlers.preferences import Preferences
from tests.bot.owing import HERE, alert, briefing
from tests.fakes import FakeNotebook


class News:
    """Notes what it is told to publish; `fails` is raised instead."""

    def __init__(self, fails=None):
        self.published, self.fails = [], fails

    async def publish(self, channel, message):
        if self.fails:
            raise self.fails
        self.published.append((channel.key, message))


async def told(transport, owed, chosen=True):
    notebook = FakeNotebook()
    await notebook.set_preferences(HERE, Preferences(publish_briefings=chosen))
    tools = SimpleNamespace(transport=transport, notebook=notebook)
    await publish(tools, HERE, "77", [SimpleNamespace(owed=owed)])


async def test_a_briefing_is_published_where_that_was_chosen():
    news = News()
    await told(news, briefing("b1"))
    assert news.published == [(HERE.key, "77")]


async def test_alerts_and_whoever_did_not_choose_it_are_left_alone():
    news = News()
    await told(news, alert("a1", "1"))
    await told(news, briefing("b1"), chosen=False)
    assert news.published == []


async def test_a_platform_that_cannot_is_not_asked():
    await told(SimpleNamespace(), briefing("b1"))


@pytest.mark.parametrize("error", [DeliveryError("ten an hour"), StoreDown(), TimeoutError()])
async def test_what_fails_is_the_followers_loss_alone(error, caplog):
    caplog.set_level("INFO")
    await told(News(error), briefing("b1"))
    assert [r.getMessage() for r in caplog.records] == ["briefing_not_published"]
