"""Password hashes: argon2id, never computed on the event loop."""

from datetime import UTC, datetime, timedelta

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from app.core.exceptions import Unavailable

# Each takes 64 MiB and four threads: without a limit, some sign-ins at once would take the memory of the container.
PARALLEL_HASHES = 2
# Whoever would wait behind more than these, for a second or two, is told to come back.
WAITING_HASHES = 20
# A password that was made for somebody is theirs until they choose another one, and not for long.
TEMPORARY = timedelta(days=1)


class Passwords:
    """Hash and verify passwords in worker threads: one hash takes as long as a thousand small requests."""

    def __init__(self) -> None:
        self.hasher = PasswordHash.recommended()
        self.limiter = CapacityLimiter(PARALLEL_HASHES)
        self.unknown_user_hash = self.hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Hash a new password."""
        return await to_thread.run_sync(self.hasher.hash, password, limiter=self.threads())

    async def verify(self, password: str, password_hash: str | None) -> tuple[bool, str | None]:
        """Tell whether the password fits, and give a stronger hash if the stored one is outdated.

        Without a stored hash the work is the same, so that its time does not tell which accounts exist.
        """
        end, _, known = (password_hash or "").rpartition(" ")
        if end and datetime.fromisoformat(end) <= datetime.now(UTC):
            known = ""
        try:
            valid, outdated = await to_thread.run_sync(
                self.hasher.verify_and_update, password, known or self.unknown_user_hash, limiter=self.threads()
            )
        except UnknownHashError:
            return False, None
        return (valid, None if end else outdated) if known else (False, None)

    def temporary(self, password: str) -> str:
        """Hash a password that is good for a day; its end stands before the hash."""
        return f"{(datetime.now(UTC) + TEMPORARY).isoformat()} {self.hasher.hash(password)}"

    def threads(self) -> CapacityLimiter:
        """Return what hands out the threads; raises `Unavailable` where too many wait for one."""
        if self.limiter.statistics().tasks_waiting >= WAITING_HASHES:
            raise Unavailable
        return self.limiter
