"""/news [WORD]: the newest headlines of the trade press, the Fed, the SEC, Treasury and the House."""

from handlers.arguments import clip
from handlers.command import Command, Option, OptionKind, Request
from handlers.desk import Desk
from handlers.footer import footer
from handlers.missing import silent
from handlers.reply import Line, Link, Reply, text
from handlers.words import Words
from providers.types import Headline

SHOWN = 8
PER_SOURCE = 3  # one loud feed must not drown the others


async def news(request: Request, desk: Desk) -> Reply:
    words = request.words
    wanted = request.text.strip().casefold()
    readings = await desk.market.headlines()
    everything = sorted(
        (h for r in readings for h in r.value), key=lambda h: h.published_at, reverse=True
    )
    found = (
        [h for h in everything if wanted in f"{h.title} {h.summary}".casefold()]
        if wanted
        else _mixed(everything)
    )
    quiet = silent(words, desk.market, "headlines")
    if not found:
        title = words("No headline with “{word}”", word=clip(request.text))
        return Reply(title, quiet, footer(words, desk.now(), readings), quiet=True)
    title = (
        words("Headlines with “{word}”: {n}", word=clip(request.text), n=len(found))
        if wanted
        else words("Headlines")
    )
    lines = tuple(_line(words, h) for h in found[:SHOWN])
    blocks = (*(text(line) for line in lines), *quiet)
    return Reply(title, blocks, footer(words, desk.now(), readings), quiet=True)


def _mixed(headlines: list[Headline]) -> list[Headline]:
    seen: dict[str, int] = {}
    mixed: list[Headline] = []
    for headline in headlines:
        seen[headline.source] = seen.get(headline.source, 0) + 1
        if seen[headline.source] <= PER_SOURCE:
            mixed.append(headline)
    return mixed


def _line(words: Words, headline: Headline) -> Line:
    return (
        Link(headline.title, headline.link),
        f" — {headline.source}, ",
        words.moment(headline.published_at, "f"),
    )


COMMAND = Command(
    "news",
    "/news [WORD]",
    "Headlines of press and policy",
    news,
    options=(Option("word", "Only headlines with this word", OptionKind.TEXT),),
    examples=("/news", "/news treasury"),
    fact="Headlines",
)
