        "Your account at {title} has no second factor",
        """\
Hello,

since {time}, the password alone opens your account at {title}: it asks for no
code of an authenticator app any more.

If it was not you, change your password now, and tell the people who run it.
""",
