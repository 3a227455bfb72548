"""Who may change what a chat is sent and how it reads."""

from handlers.command import ChannelKind, Request, UserError


def only_admins(request: Request) -> None:
    """Raises UserError for everybody else, and where nothing can be sent unasked."""
    words = request.words
    if request.kind is ChannelKind.FOREIGN:
        raise UserError(
            words(
                "I am a guest here and cannot post on my own. Add me to this server, or ask in our private chat."
            ),
            example="/price btc",
        )
    if not (request.admin or request.owner):
        raise UserError(
            words(
                "Only admins of this chat may do that. Ask one of them, or talk to me in private."
            )
        )
