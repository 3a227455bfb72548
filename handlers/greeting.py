"""What is said once when somebody lets us into a chat."""

from collections.abc import Sequence

from handlers.reply import Button, ButtonStyle, Code, Reply, Text, Tone, text
from handlers.words import Words


def hello(words: Words) -> Reply:
    """To a group: who we are and the two things to try first."""
    return Reply(
        words("Hello, I am Levelhead"),
        (
            text(words("I answer here about price, ETF flows, liquidations and levels.")),
            Text(
                (
                    words.line("{command} — the market in one screen", command=Code("/brief")),
                    words.line(
                        "{command} — what admins let me send here, and when",
                        command=Code("/subscribe"),
                    ),
                )
            ),
        ),
        quiet=True,
    )


def channel_added(words: Words, name: str, at: str, missing: Sequence[str]) -> Reply:
    """To whoever let us into the channel `name`, in private; `at` is what commands call it there."""
    zone = str(words.zone)
    lines = [words("Choose here what the channel is sent. Only you see this; I post nothing yet.")]
    if missing:
        lines.append(
            words(
                "I still need these rights there, or nothing will arrive: {rights}.",
                rights=", ".join(missing),
            )
        )
    return Reply(
        words("I am in the channel {name} now", name=name),
        (text(*lines),),
        tone=Tone.WARNING if missing else Tone.NEUTRAL,
        controls=(
            (
                Button(
                    words("Briefing at 08:00 {zone}", zone=zone),
                    f"subscribe {at} brief 08:00 {zone}",
                    style=ButtonStyle.PRIMARY,
                ),
                Button(words("Alerts"), f"subscribe {at} alerts"),
            ),
            (
                Button(words("More choices"), f"subscribe {at}"),
                Button(words("Send a test"), f"subscribe {at} test", edits=False),
            ),
        ),
    )
