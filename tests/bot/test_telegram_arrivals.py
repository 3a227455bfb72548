"""The bot comes and goes on Telegram: who is told, where, and in which language."""

import pytest
from telegram import ChatMemberUpdated
from telegram.error import TimedOut

from bot.transport import DeliveryError, at_once
from bot.transports.telegram_arrivals import Arrivals
from handlers.words import Words

ANN = {"id": 7, "is_bot": False, "first_name": "Ann", "language_code": "de"}
NOBODY = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
ME = {"id": 99, "is_bot": True, "first_name": "Rig"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Traders"}
NEWS = {"id": -1003, "type": "channel", "title": "News"}
HOME = {"id": 7, "type": "private", "first_name": "Ann"}
POWERS = dict.fromkeys(
    ("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
     "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
     "can_edit_stories", "can_delete_stories"), False,
)  # fmt: skip

SPEECH = dict.fromkeys(
    ("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
     "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
     "can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics",
     "can_edit_tag", "can_react_to_messages"), False,
)  # fmt: skip


class Sending:
    """Keeps what it is told to send; `refuses` makes it fail."""

    def __init__(self) -> None:
        self.sent, self.refuses = [], False

    async def send(self, channel, reply, *, silent):
        if self.refuses:
            raise DeliveryError("bot can't initiate conversation with a user", permanent=True)
        self.sent.append((channel.key, reply, silent))


class Rights:
    def __init__(self) -> None:
        self.lacking, self.fails = (), False

    async def missing(self, channel, words):
        if self.fails:
            raise TimedOut
        return self.lacking


class Town:
    def __init__(self) -> None:
        self.sending, self.rights, self.told = Sending(), Rights(), []
        self.arrivals = Arrivals(
            self.sending, self.rights, words_for=self.words, on_membership=self.heard, pace=at_once
        )

    async def words(self, channel, language):
        return Words(locale=language or "en", translate=lambda s: f"{language}: {s}")

    async def heard(self, channel, gained, by_user, broadcast):
        self.told.append((channel.key, gained, by_user, broadcast))

    async def change(self, chat, old, new, by=ANN):
        update = {
            "chat": chat, "from": by, "date": 1, "old_chat_member": member(old), "new_chat_member": member(new),
        }  # fmt: skip
        await self.arrivals.changed(ChatMemberUpdated.de_json(update, None))


def member(status):
    told = {"user": ME, "status": status.removesuffix("!")}
    if status == "administrator":
        told |= POWERS
    if status == "kicked":
        told["until_date"] = 0
    if told["status"] == "restricted":
        told |= {**SPEECH, "is_member": not status.endswith("!"), "until_date": 0}
    return told


@pytest.fixture
def town():
    return Town()


async def test_a_group_is_greeted_silently_in_the_language_of_who_let_us_in(town):
    await town.change(GROUP, "left", "member")

    ((where, reply, silent),) = town.sending.sent
    assert (where, silent) == ("telegram:-1001", True)
    assert reply.title == "de: Hello, I am Levelhead"
    assert town.told == [("telegram:-1001", True, "7", None)]


async def test_of_a_channel_only_whoever_let_us_in_is_told(town):
    await town.change(NEWS, "left", "administrator")

    ((where, reply, _),) = town.sending.sent
    assert where == "telegram:7"
    assert "News" in reply.title
    pressed = [button.command for row in reply.controls for button in row]
    assert all(command.startswith("subscribe @-1003") for command in pressed)
    assert town.told == [("telegram:-1003", True, "7", "News")]


async def test_a_right_that_we_lack_in_the_channel_is_named_at_once(town):
    town.rights.lacking = ("Post messages",)
    await town.change(NEWS, "left", "administrator")

    assert "Post messages" in str(town.sending.sent[0][1].blocks)


async def test_when_nobody_says_what_we_lack_the_offer_is_made_all_the_same(town):
    town.rights.fails = True
    await town.change(NEWS, "left", "administrator")

    assert len(town.sending.sent) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [("member", "administrator"), ("administrator", "member"), ("member", "restricted"),
     ("left", "kicked"), ("left", "restricted!")],
)  # fmt: skip
async def test_being_promoted_or_restricted_is_no_news(town, old, new):
    await town.change(GROUP, old, new)

    assert town.told == []
    assert town.sending.sent == []


@pytest.mark.parametrize(
    ("chat", "old", "new", "gained"),
    [(GROUP, "member", "kicked", False), (GROUP, "restricted", "restricted!", False), (HOME, "kicked", "member", True),
     (HOME, "member", "kicked", False)],
)  # fmt: skip
async def test_leaving_and_a_person_who_comes_back_are_told_and_not_greeted(
    town, chat, old, new, gained
):
    await town.change(chat, old, new)

    assert [told[1] for told in town.told] == [gained]
    assert town.sending.sent == []


async def test_an_anonymous_admin_is_nobody_to_write_to(town):
    await town.change(NEWS, "left", "administrator", by=NOBODY)

    assert town.told == [("telegram:-1003", True, None, "News")]
    assert town.sending.sent == []


async def test_a_person_who_never_wrote_to_us_costs_nothing(town):
    town.sending.refuses = True
    await town.change(NEWS, "left", "administrator")

    assert len(town.told) == 1
