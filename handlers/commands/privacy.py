"""/privacy, /mydata, /forget: what is kept of a chat, all of it as a file, and gone when asked."""

from handlers.command import Command, Option, OptionKind, Request, Right
from handlers.desk import Desk
from handlers.reply import Attachment, Button, ButtonStyle, Code, Reply, text


async def privacy(request: Request, _: Desk) -> Reply:
    words = request.words
    return Reply(
        words("What I keep"),
        (
            text(
                words(
                    "Of a chat: its id, its choices, its subscriptions, its alerts, and the id of whoever set them up "
                    "or let me in. In a private chat also which channels you let me into."
                ),
                words(
                    "Of messages sent: when, where and their id, for eight days, to edit them and not send twice."
                ),
            ),
            text(
                words(
                    "Questions, names and messages of people are not kept. Nothing is given to anybody."
                )
            ),
            text(words.line("{command} sends you everything as a file.", command=Code("/mydata"))),
            text(words.line("{command} deletes everything.", command=Code("/forget"))),
        ),
        controls=(
            (
                Button(words("Send me the file"), "mydata", edits=False),
                Button(words("Delete everything"), "forget", style=ButtonStyle.DANGER),
            ),
        ),
        private=True,
        quiet=True,
    )


async def mydata(request: Request, desk: Desk) -> Reply:
    words = request.words
    export = await desk.notebook.export(request.channel)
    return Reply(
        words("Everything kept of this chat"),
        (text(words("As a JSON file, readable with any editor.")),),
        attachment=Attachment("levelhead.json", export),
        private=True,
        quiet=True,
    )


async def forget(request: Request, desk: Desk) -> Reply:
    words = request.words
    if request.args != ("everything",):
        return Reply(
            words("Delete everything kept of this chat?"),
            (
                text(
                    words(
                        "Subscriptions, alerts and choices will be gone, for good. Nothing more is sent here."
                    )
                ),
            ),
            controls=(
                (
                    Button(
                        words("Delete everything"), "forget everything", style=ButtonStyle.DANGER
                    ),
                    Button(words("Keep it"), "privacy"),
                ),
            ),
            private=True,
        )
    gone = await desk.notebook.forget(request.channel)
    return Reply(
        words("Forgotten"),
        (text(words("{n} things were deleted. Nothing of this chat is kept any more.", n=gone)),),
        quiet=True,
    )


PRIVACY = Command(
    "privacy",
    "/privacy",
    "What I keep of this chat",
    privacy,
    group="About",
    examples=("/privacy",),
    private=True,
)
MYDATA = Command(
    "mydata",
    "/mydata",
    "Everything kept of this chat, as a file",
    mydata,
    group="About",
    examples=("/mydata",),
    right=Right.ADMIN,
    private=True,
)
FORGET = Command(
    "forget",
    "/forget",
    "Delete everything kept of this chat",
    forget,
    group="About",
    options=(Option("what", "everything", OptionKind.CHOICE, choices=("everything",)),),
    examples=("/forget", "/forget everything"),
    right=Right.ADMIN,
    private=True,
)
