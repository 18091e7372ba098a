        "Your account at {title} has a second factor",
        """\
Hello,

since {time}, your account at {title} asks for a code of an authenticator app
beside the password.

If it was not you, somebody knows your password, and you cannot sign in any
more: tell the people who run it at once.
""",
