"""What people see on Discord, and that nothing from outside gets past the limits or rings anybody."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.discord import Page, as_text, label, pages, rows, safe_url, size
from handlers.reply import (
    Button,
    Choice,
    Code,
    Details,
    Link,
    Moment,
    Reply,
    Role,
    Select,
    Strong,
    Table,
    Text,
    Tone,
    text,
)

AT = datetime(2030, 3, 6, 12, 0, tzinfo=UTC)
MENTION = re.compile(r"@everyone|@here|<@[!&]?\d|<#\d|</\w|<a?:\w|<t:\d")
NASTY = (
    "@everyone @here <@1> <@!2> <@&3> <#4> </x:5> <:e:6>",
    "[a](https://evil.example) [b](https://evil.example)",
    "```js\nx\n``` ` `` **b** __u__ ~~s~~ ||p||",
    "# heading\n> quote\n- list\n-# small",
    "😀" * 5000,
    "مرحبا \u202egnp.exe \u2066x",
    "\u200b\u200b\u200d\ufeff",
    "a\x00b\ud800c",
    "",
    " ",
)
hostile = st.one_of(st.sampled_from(NASTY), st.text(alphabet=st.characters(), max_size=300))
parts = st.one_of(
    hostile,
    st.builds(Strong, hostile),
    st.builds(Code, hostile),
    st.builds(Link, hostile, st.one_of(st.just("https://a.example/x_(y)"), hostile)),
)
lines = st.lists(parts, max_size=4).map(tuple)
blocks = st.one_of(
    st.builds(Text, st.lists(lines, max_size=5).map(tuple)),
    st.builds(Table, st.lists(st.tuples(hostile, hostile), max_size=4).map(tuple)),
    st.builds(Details, hostile, st.lists(lines, max_size=2).map(tuple)),
)
replies = st.builds(
    Reply,
    hostile,
    blocks=st.lists(blocks, max_size=5).map(tuple),
    footer=st.lists(lines, max_size=3).map(tuple),
    tone=st.sampled_from(Tone),
)


def only(reply: Reply) -> Page:
    (page,) = pages(reply)
    return page


def test_an_answer_is_one_embed_with_title_words_table_and_footer():
    reply = Reply(
        "BTC $72,300 ↓ −3.7 %",
        (
            text("Below ", ("the ", Strong("200-week EMA"), " at ", Code("$68,000"))),
            Table((("1h", "$1.2 M"), ("24h", "$740.0 M")), align="<>"),
        ),
        footer=(("Binance 12:00 UTC",), ("missing: Coinglass",)),
        tone=Tone.DOWN,
    )

    page = only(reply)

    assert page.title == "BTC $72,300 ↓ −3.7 %"
    assert page.description == (
        "Below \nthe **200-week EMA** at `$68,000`\n\n```\n1h     $1.2 M\n24h  $740.0 M\n```"
    )
    assert page.footer == "Binance 12:00 UTC\nmissing: Coinglass"
    assert page.colour == 0xD64545


def test_a_moment_is_shown_in_the_readers_own_time():
    page = only(Reply("t", (text(("at ", Moment(AT, "12:00 UTC", "F"))),)))

    assert page.description == f"at <t:{int(AT.timestamp())}:F>"


def test_a_role_is_shown_by_its_name_and_a_forged_one_as_words():
    page = only(Reply("t", (text(("Now: ", Role("123", "123"), Role("1> @everyone", "boss_"))),)))
    assert page.description == "Now: <@&123>boss\\_"


def test_an_unknown_moment_style_falls_back_to_the_time_of_day():
    assert ":t>" in only(Reply("t", (text((Moment(AT, "x", "@everyone"),)),))).description


def test_a_footer_knows_no_markup_so_the_chats_own_words_stand_there():
    page = only(Reply("t", footer=((Moment(AT, "12:00 UTC"), " ", Strong("a_b")),)))

    assert page.footer == "12:00 UTC a_b"


def test_markdown_from_outside_is_shown_as_it_is():
    page = only(Reply("t", (text("[a](https://x.example) [b](https://y.example) **c**"),)))

    assert page.description == (r"\[a\](https://x.example) \[b\](https://y.example) \*\*c\*\*")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("- x", r"\- x"), ("2. x", r"2\. x"), ("# x", r"\# x"), ("> x", r"\> x"), ("-3 %", "-3 %")],
)
def test_a_line_never_becomes_a_list_a_heading_or_a_quote(typed: str, shown: str):
    assert only(Reply("t", (text(typed),))).description == shown


def test_backticks_cannot_leave_a_code_block():
    page = only(Reply("t", (Table((("``` @everyone", "x"),)), text((Code("a`b"),)))))

    assert page.description.count("```") == 2
    assert "`aˋb`" in page.description


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("https://a.example/x)(y", "https://a.example/x%29%28y"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://[bad", None),
        ("https://a.example/" + "x" * 1000, None),
    ],
)
def test_only_web_addresses_become_links(url: str, safe: str | None):
    assert safe_url(url) == safe


def test_a_long_title_is_cut_and_given_whole_below():
    page = only(Reply("word " * 100, (text("body"),)))

    assert size(page.title) <= 256
    assert page.title.endswith("…")
    assert page.description.startswith("word " * 100)


def test_a_long_answer_is_split_between_blocks_only():
    reply = Reply("t", tuple(text(f"{n}" * 900) for n in range(8)), footer=(("source",),))

    found = pages(reply)

    assert [len(p.description.split("\n\n")) for p in found] == [4, 4]
    assert [p.title for p in found] == ["t", ""]
    assert [p.footer for p in found] == ["", "source"]


def test_a_long_footer_moves_into_the_text_and_loses_nothing():
    found = pages(Reply("t", footer=tuple((f"source {n}",) for n in range(400))))

    assert all(not p.footer for p in found)
    assert all(f"-# source {n}" in "\n".join(p.description for p in found) for n in range(400))


def test_five_thousand_emoji_all_arrive():
    found = pages(Reply("t", (text("😀" * 5000),)))

    assert sum(p.description.count("😀") for p in found) == 5000


def test_drop_downs_of_more_than_25_choices_become_several_and_name_each_once():
    choices = tuple(Choice(f"c{n}", f"set {n % 30}") for n in range(40))

    found = rows(Reply("t", selects=(Select("pick", choices),)))

    assert [len(item.choices) for (item,) in found if isinstance(item, Select)] == [25, 5]


def test_wide_rows_are_broken_and_details_get_a_button():
    reply = Reply(
        "t",
        (Details("More", (("x",),)),),
        controls=(tuple(Button(str(n), f"b {n}") for n in range(7)),),
    )

    assert [[label(item) for item in row] for row in rows(reply)] == [
        ["0", "1", "2", "3", "4"],
        ["5", "6"],
        ["More"],
    ]


def test_the_text_form_shows_the_controls_too():
    reply = Reply("Title", (text("body"),), (("source",),), controls=((Button("Go", "go"),),))

    assert as_text(reply) == "**Title**\n\nbody\n\nsource\n\n[Go]"


@settings(max_examples=150, deadline=None)
@given(replies)
def test_whatever_comes_in_the_limits_hold_and_no_mention_survives(reply: Reply):
    for page in pages(reply):
        assert size(page.title) <= 256
        assert size(page.description) <= 4096
        assert size(page.title) + size(page.description) + size(page.footer) <= 6000
        assert page.title.strip() or page.description.strip()
        for shown in (page.title, page.description, page.footer):
            assert not MENTION.search(shown)
            assert "\x00" not in shown
            shown.encode()


@given(hostile)
def test_whatever_a_control_is_called_its_label_fits(name: str):
    shown = label(Button(name, "x"))

    assert 1 <= size(shown) <= 80
    assert not MENTION.search(shown)
