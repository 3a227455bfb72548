"""What a button changes about an alert is kept, unless the watch was first."""

from bot.notebook import StoreNotebook
from handlers.rule import RuleState
from tests.bot.owing import HERE, rule


async def test_a_muted_alert_stays_muted(store):
    notebook = StoreNotebook(store)
    await notebook.add_rule(rule("7"))

    saved = await notebook.save_state(HERE, "7", RuleState(muted=True))

    (record,) = await notebook.rules(HERE)
    assert (saved, record.state.muted, record.state.version) == (True, True, 1)


async def test_a_state_that_moved_on_is_not_overwritten(store):
    notebook = StoreNotebook(store)
    await notebook.add_rule(rule("7"))
    await notebook.save_state(HERE, "7", RuleState(muted=True))

    assert not await notebook.save_state(HERE, "7", RuleState(muted=False))
    assert not await notebook.save_state(HERE, "8", RuleState())
