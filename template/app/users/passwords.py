"""Password hashes: argon2id, never computed on the event loop."""

from anyio import to_thread
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError


class Passwords:
    """Hash and verify passwords in worker threads: one hash takes as long as a thousand small requests."""

    def __init__(self, hasher: PasswordHash | None = None) -> None:
        self.hasher = hasher or PasswordHash.recommended()
        self.unknown_user_hash = self.hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Hash a new password."""
        return await to_thread.run_sync(self.hasher.hash, password)

    async def verify(self, password: str, password_hash: str | None) -> tuple[bool, str | None]:
        """Tell whether the password fits, and give a stronger hash if the stored one is outdated.

        Without a stored hash the work is the same, so that its time does not tell which accounts exist.
        """
        try:
            valid, outdated = await to_thread.run_sync(
                self.hasher.verify_and_update, password, password_hash or self.unknown_user_hash
            )
        except UnknownHashError:
            return False, None
        return (valid, outdated) if password_hash else (False, None)
