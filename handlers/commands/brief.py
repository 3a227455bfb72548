"""/brief [ASSET] [VARIANT]: the market on one screen, now."""

from dataclasses import replace

from msgspec import structs

from handlers.arguments import clip, first_asset
from handlers.briefing import Briefing
from handlers.command import Command, Option, OptionKind, Request, UserError
from handlers.desk import Desk
from handlers.reply import Reply, Share

EXAMPLE = "/brief eth weekly"


async def brief(request: Request, desk: Desk) -> Reply:
    """The variant is recognised wherever it stands."""
    names = {b.name: b for b in desk.briefings}
    chosen = [word for word in request.args if word.lower() in names]
    others = tuple(word for word in request.args if word.lower() not in names)
    if len(chosen) > 1 or len(others) > 1:
        raise UserError(
            request.words(
                "One asset and one briefing, please, not “{words}”.", words=clip(request.text)
            ),
            example=EXAMPLE,
        )
    asset, _ = first_asset(replace(request, args=others), desk, example=EXAMPLE)
    briefing = _chosen(request, desk, names[chosen[0].lower()] if chosen else None)
    reply = await briefing.compose(desk, asset, request.words)
    query = f"brief {asset.symbol.lower()} {briefing.name}"
    return structs.replace(reply, share=Share(request.words("Share"), query))


def _chosen(request: Request, desk: Desk, named: Briefing | None) -> Briefing:
    if named is not None:
        return named
    if not desk.briefings:
        raise UserError(request.words("There is no briefing here."), example="/price")
    return desk.briefings[0]


COMMAND = Command(
    "brief",
    "/brief [ASSET] [morning | close | weekly | flash]",
    "The market on one screen, with reasons",
    brief,
    options=(
        Option("asset", "BTC, ETH, SOL …", OptionKind.ASSET),
        Option(
            "variant",
            "Which briefing",
            OptionKind.CHOICE,
            choices=("morning", "close", "weekly", "flash"),
        ),
    ),
    examples=("/brief", "/brief weekly", EXAMPLE),
    aliases=("b", "briefing"),
    fact="Briefing",
)
