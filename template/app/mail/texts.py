"""What the mails say: a subject and plain text each, which anybody should understand."""

from datetime import UTC, datetime

from app import TITLE
from app.mail.models import Purpose

Text = tuple[str, str]

TEXTS: dict[Purpose, Text] = {
    Purpose.REGISTRATION: (
        "Confirm your address for {title}",
        """\
Hello,

somebody has asked for an account at {title} with this address.
If that was you, confirm it until {time}:

{link}

If it was not you, there is nothing to do: without this there is no account.
""",
    ),
    Purpose.RESET: (
        "Choose a new password for {title}",
        """\
Hello,

somebody has asked for a new password of your account at {title}.
If that was you, choose it until {time}:

{link}

If it was not you, there is nothing to do: your password stays as it is.
""",
    ),
    Purpose.CHANGE: (
        "Confirm your new address for {title}",
        """\
Hello,

somebody wants this to be the address of their account at {title}.
If that was you, confirm it until {time}:

{link}

Then sign in again. If it was not you, there is nothing to do: the account keeps
the address that it has.
""",
    ),
    Purpose.PASSWORD_CHANGED: (
        "Your password for {title} was changed",
        """\
Hello,

the password of your account at {title} was changed on {time}.

If it was not you, ask for a new password now, and tell the people who run it.
""",
    ),
    Purpose.EMAIL_CHANGED: (
        "Your address for {title} was changed",
        """\
Hello,

since {time}, your account at {title} has another address.
Nothing more will be sent to this one.

If it was not you, tell the people who run it at once: they can give the account
back to you.
""",
    ),
}
TAKEN: Text = (
    "You have an account at {title}",
    """\
Hello,

somebody wants to use this address for an account at {title}, but it has one.
If that was you, sign in; if you have forgotten your password, ask for a new one.

If it was not you, there is nothing to do: your account is as it was.
""",
)
# Only whoever reads the mail of an account learns that: sign-in says no more than that something is wrong.
DISABLED: Text = (
    "Your account at {title} is disabled",
    """\
Hello,

somebody wants to use this address at {title}. It has an account, which is
disabled: nobody can sign in, and there is no new password.
If that was you, talk to the people who run it.

If it was not you, there is nothing to do.
""",
)


def filled(text: Text, time: datetime, link: str = "") -> Text:
    """Fill in what is not known before; a time says its zone."""
    values = {"title": TITLE, "link": link, "time": f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"}
    subject, body = (part.format_map(values) for part in text)
    return subject, body
