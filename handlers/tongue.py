"""In which language a chat is written to when nobody is asking."""

from msgspec.structs import replace

from handlers.command import Request
from handlers.desk import Desk


async def keep_language(request: Request, desk: Desk) -> None:
    """What is sent later speaks as whoever set it up was answered, unless the chat has chosen."""
    preferences = await desk.notebook.preferences(request.channel)
    if preferences.language is None:
        kept = replace(preferences, language=request.words.locale)
        await desk.notebook.set_preferences(request.channel, kept)
