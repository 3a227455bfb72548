"""
Headlines from RSS and Atom feeds: the trade press, the Fed, the SEC, the House and (through Google News) the Treasury.

No key. Conditional requests; some offices want a User-Agent with a contact. Everything here is a stranger's text.
"""

import html
import re
from calendar import timegm
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import feedparser
from defusedxml import DefusedXmlException, ElementTree
from selectolax.lexbor import LexborHTMLParser

from providers.errors import BadPayload
from providers.payload import understood
from providers.types import Headline, Reading
from providers.upstream import Upstream

NAME = "headlines"
FRESH = timedelta(minutes=5)
KEEP = timedelta(days=1)
TITLE_LENGTH = 300
SUMMARY_LENGTH = 600
LARGEST = 600_000  # characters; real feeds stay below a third of it
SLOPPY = 100_000  # characters of XML that is not well-formed: what it costs grows with its square
ELEMENTS = 10_000
DEPTH = 40
ATTRIBUTES = 60  # of one element
MARKUP = 20_000  # characters of one title or summary that are looked at
HEADING = 2_000  # characters within which a feed shows that it is one

# Each feed's name and the setting that holds its address.
FEEDS = (
    ("CoinDesk", "coindesk_rss_url"),
    ("Cointelegraph", "cointelegraph_rss_url"),
    ("The Block", "theblock_rss_url"),
    ("Decrypt", "decrypt_rss_url"),
    ("Federal Reserve", "fed_rss_url"),
    ("SEC", "sec_rss_url"),
    ("House Financial Services", "house_rss_url"),
    ("US Treasury", "treasury_rss_url"),
)

_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_FEED = re.compile(r"<(rss|feed|rdf:RDF|\w+:feed)[\s>]", re.IGNORECASE)
GOOGLE = "news.google.com"  # appends to each title where it found it: a name, or only a site
_SITE = re.compile(r" - [\w-]+(\.[\w-]+)+$")
_DECLARATION = re.compile(
    r"^<\?xml\b[^>]{,200}\?>"
)  # names the encoding of bytes that are text by now
_TAG = re.compile(r"<[a-zA-Z/!]")
_EMPTY_CONTENT = re.compile(
    r"<(content:encoded|dc:description)\s*(/>|>\s*(<!\[CDATA\[\s*\]\]>\s*)?</\1\s*>)"
)


class NewsFeed:
    """Headlines of one feed; `upstream` holds its whole address."""

    def __init__(self, name: str, upstream: Upstream) -> None:
        self.name = name
        self._upstream = upstream

    async def headlines(self) -> Reading[tuple[Headline, ...]]:
        answer = await self._upstream.get("", {}, parse_feed, fresh=FRESH, keep=KEEP)
        # A date in the future would pin its headline to the top; nothing is newer than when we looked.
        return answer.map(
            lambda items: _newest_first(
                replace(item, source=self.name, published_at=min(item.published_at, answer.as_of))
                for item in items
            )
        )


def parse_feed(text: str, source: str = "") -> tuple[Headline, ...]:
    """
    Plain-text headlines, newest first, each once. Items without a title, a date or an http(s) link are skipped.
    Raises BadPayload for entity bombs and for what is not a feed.
    """
    content = _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n"))
    if len(content) > LARGEST:
        raise BadPayload(NAME, "too large for a feed")
    _check(content)
    # feedparser lets an empty dc:description before the description leave the summary empty.
    # What it would clean becomes plain text below.
    feed = feedparser.parse(
        _EMPTY_CONTENT.sub("", content).encode(), sanitize_html=False, resolve_relative_uris=False
    )
    if not feed.get("version"):
        raise BadPayload(NAME, "not a feed")
    google = _host(feed.feed.get("link")) == GOOGLE
    found: list[Headline] = []
    seen: set[str] = set()
    for entry in feed.entries:
        name = source or _words(feed.feed.get("title", ""), TITLE_LENGTH)
        item = _headline(entry, name, google=google)
        if item is None:
            continue
        marks = {item.link, str(entry.get("id") or item.link)}
        if not marks & seen:
            found.append(item)
        seen |= marks
    return _newest_first(found)


def canonical(link: object) -> str | None:
    """The address without tracking parameters; None unless it is http(s) with a host."""
    if not isinstance(link, str):
        return None
    try:
        parts = urlsplit(html.unescape(link.strip()))
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or parts.username:
        return None
    query = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not key.lower().startswith("utm_")
    ]
    return urlunsplit((parts.scheme.lower(), parts.netloc, parts.path, urlencode(query), ""))


def plain(markup: str, length: int) -> str:
    """Text without tags and double escapes, on one line, cut at a word within `length`."""
    text = html.unescape(html.unescape(markup[:MARKUP]))
    if _TAG.search(text):
        body = LexborHTMLParser(text)
        body.strip_tags(["script", "style", "template", "iframe"])
        text = body.text(separator=" ")
    return _words(text, length)


def _check(content: str) -> None:
    try:
        root = ElementTree.fromstring(content.encode())
    except DefusedXmlException:
        raise BadPayload(NAME, "a feed with entities of its own") from None
    except (ElementTree.ParseError, ValueError):
        _check_sloppy(content)
    else:
        _check_size(root)


def _check_sloppy(content: str) -> None:
    """
    Sloppy but harmless XML is feedparser's strength, as long as nothing declares entities. Unclosed tags cost it the
    square of their number, so what does not begin as a feed is not given to it.
    """
    entities = "<!DOCTYPE" in content or "<!ENTITY" in content
    if len(content) > SLOPPY or entities or not _FEED.search(content[:HEADING]):
        raise BadPayload(NAME, "not a feed")


def _check_size(root: Any) -> None:
    """Deep nesting, many elements and many attributes cost far more time than their characters."""
    left, level = ELEMENTS, [root]
    for _ in range(DEPTH):
        left -= len(level)
        if left < 0 or any(len(element.attrib) > ATTRIBUTES for element in level):
            break
        level = [child for element in level for child in element]
        if not level:
            return
    raise BadPayload(NAME, "too much for a feed")


def _headline(entry: Any, source: str, *, google: bool) -> Headline | None:
    link = canonical(entry.get("link"))
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    title = plain(str(entry.get("title", "")), TITLE_LENGTH)
    if google or _host(link) == GOOGLE:
        title = _without_site(title, entry)
    if link is None or moment is None or not title:
        return None
    summary = plain(str(entry.get("summary", "")), SUMMARY_LENGTH)
    return Headline(
        title=title,
        summary="" if summary == title else summary,
        link=link,
        source=source,
        published_at=datetime.fromtimestamp(timegm(moment), UTC),
    )


def _without_site(title: str, entry: Any) -> str:
    site = plain(str(entry.get("source", {}).get("title") or ""), TITLE_LENGTH)
    return title.removesuffix(f" - {site}") if site else _SITE.sub("", title)


def _host(link: object) -> str | None:
    clean = canonical(link)
    return urlsplit(clean).hostname if clean else None


def _words(text: str, length: int) -> str:
    line = _SPACE.sub(" ", _UNSEEN.sub("", text)).strip()
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[length // 2 :] else cut).rstrip() + "…"


def _newest_first(items: Iterable[Headline]) -> tuple[Headline, ...]:
    return tuple(sorted(items, key=lambda item: item.published_at, reverse=True))


READS: dict[str, Callable[[str], Sequence[object]]] = {"headline": understood(NAME, parse_feed)}
