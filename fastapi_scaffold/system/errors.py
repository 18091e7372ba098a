"""Every failure that a user can meet: what it is called, what it says, how the process ends."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How the process ends. Documented in `--help`."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PROOF_FAILED = 3
    CONFLICTS = 4
    NOT_PROVEN = 5
    CANCELLED = 130


class ScaffoldError(Exception):
    """A failure to report to the user, without a traceback.

    `code` is a stable name for programs, `message` says what is wrong, `hint` what to do about it.
    """

    def __init__(self, code: str, message: str, hint: str = "", exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.exit_code = exit_code


class InvalidAnswer(ScaffoldError):
    """An answer that is unknown, illegal or impossible together with the others."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(code, message, hint, ExitCode.USAGE)


class Cancelled(ScaffoldError):
    """The user stopped the command; `message` says what that leaves behind."""

    def __init__(self, message: str = "Cancelled, nothing was written.", hint: str = "") -> None:
        super().__init__("cancelled", message, hint, ExitCode.CANCELLED)
