"""The settings panel on both platforms: each choice by button and by command, and what follows from it."""

import pytest
import pytest_asyncio

from tests.conformance.home import ANN, ANNOUNCE, OWNER, ROLE, TEXT, opened, said

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(shared, tmp_path_factory):
    async with opened(shared, tmp_path_factory.mktemp("home")) as home:
        yield home
        assert home.telegram.rig.violations == []
        assert home.discord.rig.violations == []
        assert home.discord.rig.timings()["pending"] == []


async def test_a_currency_is_chosen_from_a_list_and_prices_follow(home):
    page = await home.discord.slash("settings currency")
    euro = next(
        o["value"]
        for o in home.discord.control(page, "Choose a currency")["options"]
        if o["label"] == "EUR"
    )
    panel = await home.discord.press(page, "Choose a currency", values=[euro])
    assert "Currency: EUR" in said(panel)

    for command in ("price", "brief"):
        answer = said(await home.discord.slash(command))
        assert "In EUR: €" in answer
        assert "(Kraken, " in answer
        assert "BTC $" in answer
    assert "In EUR" not in said(await home.discord.slash("price", {"currency": "USD"}))

    page = await home.telegram.ask(ANN, ANN, "/settings currency")
    assert "Currency: GBP" in said(await home.telegram.press(page, "GBP", ANN))
    assert "In GBP: £" in said(await home.telegram.ask(ANN, ANN, "/price btc"))
    assert "In CHF: no venue" in said(await home.telegram.ask(ANN, ANN, "/price btc chf"))
    await home.telegram.ask(ANN, ANN, "/settings currency usd")
    await home.discord.slash("settings currency", {"value": "USD"})


async def test_critical_alerts_wait_once_they_are_told_to(home):
    await home.discord.slash("settings quiet", {"value": "22:00 07:00"})
    page = await home.discord.slash("settings quiet")
    panel = await home.discord.press(page, "Let critical wait too")
    assert "critical alerts wait too" in said(panel)
    panel = await home.discord.slash("settings critical", {"value": "on"})
    assert "critical alerts pass" in said(panel)

    await home.telegram.ask(ANN, ANN, "/settings quiet 22:00 07:00")
    page = await home.telegram.ask(ANN, ANN, "/settings quiet")
    panel = await home.telegram.press(page, "Let critical wait too", ANN)
    assert "critical alerts wait too" in said(panel)
    await home.telegram.ask(ANN, ANN, "/settings quiet off")
    await home.discord.slash("settings quiet", {"value": "off"})


async def test_a_place_is_offered_what_it_can_do(home):
    assert "Publish" in home.discord.labels(await home.discord.slash("settings show", {}, ANNOUNCE))
    assert "Publish" not in home.discord.labels(await home.discord.slash("settings show", {}, TEXT))
    assert "Role" not in home.discord.labels(await home.discord.slash("settings show", {}, None))
    on_telegram = await home.telegram.ask(ANN, ANN, "/settings")
    assert not {"Role", "Publish"} & set(home.telegram.labels(on_telegram))


async def test_a_role_is_chosen_as_a_role_and_taken_back_by_a_button(home):
    panel = await home.discord.slash("settings show")
    page = await home.discord.press(panel, "Role")
    saved = await home.discord.fill(page, "By its number", f"<@&{ROLE}>")
    assert "Saved" in said(saved)
    page = await home.discord.slash("settings role")
    assert str(ROLE) in said(page)

    await home.discord.press(page, "None")

    assert str(ROLE) not in said(await home.discord.slash("settings role"))
    declared = home.discord.rig._find_command("settings", str(OWNER))["options"]
    role = next(o for o in declared if o["name"] == "role")
    assert [o["type"] for o in role["options"]] == [8]
