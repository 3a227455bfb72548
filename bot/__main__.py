"""python -m bot: production; python -m bot COMMAND: everything else people and checks rely on."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from dotenv import dotenv_values

from config.logging import set_up
from config.settings import Settings, SettingsError

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


class Instant(click.ParamType[datetime]):
    """ISO 8601; without an offset it is UTC."""

    name = "ISO time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time; write 2026-02-04T18:00:00Z", param, ctx)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def settings_here() -> Settings:
    """From .env and the environment, which wins."""
    kept = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    try:
        return Settings.from_env({**kept, **os.environ})
    except SettingsError as error:
        raise click.ClickException(f"the settings are wrong: {error}") from None


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Levelhead: crypto market briefings and level alerts for Telegram and Discord."""
    if context.invoked_subcommand is not None:
        return
    from bot.running import start  # heavy: only for those who need it

    settings = settings_here()
    set_up(settings.log_level, json_lines=settings.log_json)
    sys.exit(start(settings))


@main.command()
@click.option(
    "--speed", type=click.FloatRange(0.1, 60), default=1.0, help="How fast the demo's day goes by."
)
@click.option(
    "--headless",
    type=click.FloatRange(min=1),
    metavar="SECONDS",
    help="Show it without a terminal, then end.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/demo"),
    show_default=True,
)
def demo(speed: float, headless: float | None, data: Path) -> None:
    """The whole bot against a market on this machine: no token, no Redis server, no network."""
    from bot.demo.show import show
    from bot.running import until_stopped

    set_up("ERROR", json_lines=False)
    asyncio.run(until_stopped(show(speed=speed, headless=headless, folder=data)))


@main.command()
@click.argument("question")
@click.option("--data", type=FOLDER, help="Answer from a folder of recorded market data.")
@click.option("--at", type=Instant(), help="As of this time; needed with --data.")
@click.option("--as", "how", type=click.Choice(["text", "telegram", "discord"]), default="text")
@click.option("--demo", is_flag=True, help="Answer from the demo world.")
def ask(
    question: str, data: Path | None, at: datetime | None, how: str, demo: bool
) -> None:  # click's way
    """One question, and the answer exactly as a chat would see it."""
    from bot.ask import ask as put
    from bot.ask import asking, shown

    if data is not None and at is None:
        raise click.UsageError("--data needs --at, such as --at 2026-02-04T18:00:00Z")
    set_up("ERROR", json_lines=False)

    async def run() -> str:
        async with asking(settings_here(), data=data, at=at, demo=demo) as (dispatch, words):
            return shown(await put(dispatch, words, question), how)

    click.echo(_started(run()))


@main.command()
@click.option("--asset", default="BTC", show_default=True)
@click.option("--data", type=FOLDER, required=True)
@click.option("--at", type=Instant(), required=True)
def facts(asset: str, data: Path, at: datetime) -> None:
    """Every figure as JSON, from recorded data at a time."""
    from bot.ask import recorded_desk
    from bot.facts_json import facts_json
    from handlers.facts.picture import facts as picture

    desk = recorded_desk(data, lambda: at)
    found = desk.watchlist.find(asset)
    if len(found) != 1:
        raise click.BadParameter(f"{asset!r} is not on the watchlist", param_hint="--asset")
    told = asyncio.run(picture(desk.market, found[0], at))
    click.echo(json.dumps(facts_json(told), indent=2, ensure_ascii=False))


@main.command()
@click.option("--data", type=FOLDER, required=True)
@click.option("--from", "since", type=Instant(), required=True)
@click.option("--to", "until", type=Instant(), required=True)
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="One alert per line.",
)
def replay(data: Path, since: datetime, until: datetime, rules: Path | None) -> None:
    """Every message that would have been pushed, one JSON object per line."""
    from bot.replay import Replay, ToldClock, default_rules, rules_from
    from handlers.command import UserError
    from providers.recorded import recorded_sources

    if since > until:
        raise click.UsageError(
            f"--from {since:%Y-%m-%dT%H:%MZ} is later than --to {until:%Y-%m-%dT%H:%MZ}"
        )
    clock = ToldClock(since)
    try:
        chosen = (
            rules_from(rules.read_text("utf-8").splitlines(), since)
            if rules
            else default_rules(since, ("BTC",))
        )
    except UserError as error:
        raise click.ClickException(error.text) from None

    async def run() -> None:
        async for push in Replay(recorded_sources(data, clock), clock, chosen).run(since, until):
            click.echo(msgspec.json.encode(push).decode())

    asyncio.run(run())


@main.command()
@click.argument("source", required=False)
@click.argument("kind", required=False)
@click.option("--list", "listing", is_flag=True, help="Every source and kind that can be read.")
def read(source: str | None, kind: str | None, listing: bool) -> None:  # click's way
    """
    What an adapter understands of one raw answer or frame on standard input, as normalized JSON. Exit status 0: a list
    of facts, empty for a frame that holds none; 1: {"error", "retry_after", "detail"}; 2: wrong usage.
    """
    from bot.read import listing as readable
    from bot.read import main

    if listing:
        click.echo("\n".join(readable()))
        return
    if source is None or kind is None:
        raise click.UsageError("name a source and a kind; --list shows them")
    sys.exit(main(source, kind, sys.stdin.buffer))


@main.command()
@click.option("--release", is_flag=True, help="For a deploy: only what must be right before it.")
def doctor(release: bool) -> None:  # click's way
    """Check settings, store, tokens and each source; exit 1 when something would fail in production."""
    from bot.doctor import checks

    settings = settings_here()
    set_up("ERROR", json_lines=False)

    async def run() -> bool:
        well = True
        async for check in checks(settings):
            if release and not check.needed:
                continue
            mark = "ok  " if check.ok else "FAIL" if check.needed else "warn"
            click.echo(f"{mark}  {check.name:14} {check.text}")
            well = well and (check.ok or not check.needed)
        return well

    if not asyncio.run(run()):
        sys.exit(1)


def _started(work: Any) -> Any:
    """Run it, or say in one line why it cannot start."""
    from bot.embedded import NoServer
    from bot.store import StoreDown, UnsafeStore

    try:
        return asyncio.run(work)
    except (UnsafeStore, NoServer) as error:
        raise click.ClickException(str(error)) from None
    except StoreDown:
        raise click.ClickException("the store does not answer; check REDIS_URL") from None


if __name__ == "__main__":
    main(prog_name="levelhead")
