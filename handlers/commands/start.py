"""/start: who I am, and the three things to try first."""

from handlers.command import ChannelKind, Command, Request
from handlers.desk import Desk
from handlers.reply import Button, ButtonStyle, Code, Reply, Text, text
from handlers.subscribed import inviting


async def start(request: Request, _: Desk) -> Reply:
    words = request.words
    hello = words(
        "I watch price, ETF flows, liquidations and the levels that matter. Every figure names its source and its age."
    )
    ways = Text(
        (
            words.line("{command} — the market in one screen", command=Code("/brief")),
            words.line("{command} — support and resistance, with reasons", command=Code("/levels")),
            words.line(
                "{command} — a briefing every morning",
                command=Code("/subscribe brief 08:00 Europe/Berlin"),
            ),
            words.line(
                "{command} — tell this chat when it breaks", command=Code("/alert add btc 70k")
            ),
            words.line(
                "{mute} — quiet for an hour, {stop} — no more of it",
                mute=Code("/mute 1h"),
                stop=Code("/unsubscribe"),
            ),
        )
    )
    where = (
        words("Everything works here, and in groups and channels you add me to.")
        if request.kind is ChannelKind.PRIVATE
        else words("Admins choose what this chat is sent; everybody may ask.")
    )
    controls = (
        (
            Button(words("Brief me"), "brief", edits=False),
            Button(words("Levels"), "levels", edits=False),
        ),
        (
            Button(words("Subscribe"), "subscribe", edits=False, style=ButtonStyle.PRIMARY),
            Button(words("Alerts"), "alert list", edits=False),
        ),
        (
            Button(words("Settings"), "settings", edits=False),
            Button(words("Help"), "help", edits=False),
        ),
    )
    return Reply(
        words("Levelhead"),
        (text(hello), ways, text(where)),
        controls=controls,
        invite=inviting(words) if request.kind is ChannelKind.PRIVATE else None,
        quiet=True,
    )


COMMAND = Command(
    "start", "/start", "Who I am and what to try first", start, group="About", examples=("/start",)
)
