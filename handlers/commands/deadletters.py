"""/deadletters, /resend: for whoever runs the bot, what was given up on and sending it once more."""

from handlers.arguments import clip, no_more
from handlers.command import Command, Option, OptionKind, Request, Right, UserError
from handlers.desk import Desk
from handlers.reply import Button, Code, Line, Reply, Text, text

SHOWN = 10  # a message each; more would not be read
BUTTONS = 3


async def deadletters(request: Request, desk: Desk) -> Reply:
    no_more(request, request.args, example="/deadletters")
    words, letters = request.words, await desk.office.dead_letters()
    if not letters:
        return Reply(words("Nothing was given up on"), private=True, quiet=True)
    lines: list[Line] = [(Code(_id(letter)), letter[len(_id(letter)) :]) for letter in letters]
    if len(lines) > SHOWN:
        lines[SHOWN:] = [(words("{n} older ones", n=len(lines) - SHOWN),)]
    return Reply(
        words("Given up on: {n}", n=len(letters)),
        (
            Text(tuple(lines)),
            text(words.line("{command} sends one again.", command=Code("/resend <id>"))),
        ),
        controls=(
            tuple(
                Button(words("Resend {n}", n=number), f"/resend {_id(letter)}", edits=False)
                for number, letter in enumerate(letters[:BUTTONS], 1)
            ),
        ),
        private=True,
        quiet=True,
    )


async def resend(request: Request, desk: Desk) -> Reply:
    words, wanted = request.words, request.text.strip()
    if not wanted:
        raise UserError(words("Which one? Its id stands in /deadletters."), example="/deadletters")
    if not await desk.office.resend(wanted):
        raise UserError(
            words("There is no given-up message “{id}”.", id=clip(wanted, 80)),
            example="/deadletters",
        )
    return Reply(words("On its way again"), (Text(((Code(wanted),),)),), private=True, quiet=True)


def _id(letter: str) -> str:
    """A line starts with the delivery's id, which has no spaces."""
    return letter.partition(" ")[0]


DEADLETTERS = Command(
    "deadletters",
    "/deadletters",
    "Messages that were given up on",
    deadletters,
    group="Owner",
    examples=("/deadletters",),
    right=Right.OWNER,
    private=True,
)
RESEND = Command(
    "resend",
    "/resend <id>",
    "Send a given-up message again",
    resend,
    group="Owner",
    options=(Option("id", "Its id, from /deadletters", OptionKind.TEXT, required=True),),
    examples=("/resend alert:telegram:-100123:7:4",),
    right=Right.OWNER,
    private=True,
)
