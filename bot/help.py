"""/help, made from the list of commands; a file among them would have to import the list that imports it."""

from collections.abc import Sequence
from itertools import groupby

from handlers.arguments import clip
from handlers.command import Command, Option, OptionKind, Request, Right, UserError
from handlers.desk import Desk
from handlers.reply import Code, Line, Reply, Strong, Text


def help_command(commands: Sequence[Command]) -> Command:
    async def run(request: Request, _: Desk) -> Reply:
        if request.args:
            return _one(request, _named(request, commands))
        return _all(request, [c for c in commands if _may(request, c)])

    return Command(
        "help",
        "/help [COMMAND]",
        "What I can do",
        run,
        group="About",
        options=(Option("command", "One command in detail", OptionKind.TEXT),),
        examples=("/help", "/help alert"),
    )


def _may(request: Request, command: Command) -> bool:
    match command.right:
        case Right.OWNER:
            return request.owner
        case Right.ADMIN:
            return request.admin or request.owner
        case Right.ANYONE:
            return True


def _named(request: Request, commands: Sequence[Command]) -> Command:
    name = request.args[0].lstrip("/").lower()
    for command in commands:
        if name in (command.name, *command.aliases):
            return command
    raise UserError(request.words("There is no command /{name}.", name=clip(name)), example="/help")


def _all(request: Request, commands: Sequence[Command]) -> Reply:
    words = request.words
    order = list(dict.fromkeys(c.group for c in commands))
    ranked = sorted(commands, key=lambda c: order.index(c.group))
    blocks = [
        Text(
            (
                (Strong(words(group)),),
                *((Code(c.usage), f" — {words(c.summary)}") for c in members),
            )
        )
        for group, members in groupby(ranked, key=lambda c: c.group)
    ]
    more = words.line("Details and examples: {example}", example=Code("/help alert"))
    return Reply(words("What I can do"), (*blocks, Text((more,))), private=True, quiet=True)


def _one(request: Request, command: Command) -> Reply:
    words = request.words
    lines: list[Line] = [(Code(command.usage),)]
    lines += [
        (Code(f"/{command.name} {sub.name}"), f" — {words(sub.summary)}")
        for sub in command.subcommands
    ]
    lines += [(words.line("For example: {example}", example=Code(e))) for e in command.examples]
    return Reply(
        f"/{command.name} — {words(command.summary)}",
        (Text(tuple(lines)),),
        private=True,
        quiet=True,
    )
