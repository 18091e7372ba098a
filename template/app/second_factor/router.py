"""Second factors over HTTP."""

from fastapi import APIRouter, Depends, Request, Response, status

from app.auth.dependencies import CurrentCaller
from app.auth.sessions import SignInId
from app.core.problems import documented
from app.core.routes import FixedPath
from app.second_factor.dependencies import CodeAfterPassword, SecondFactorDep, limit_codes
from app.second_factor.schemas import CodeInput, Enrolment, RecoveryCodes, SecondFactorRead
from app.users.authorization import require
from app.users.confirmation import confirm_password
from app.users.dependencies import UserDep
from app.users.models import Role

PREFIX, TAGS = "/users/me/second-factor", ["second-factor"]
router = APIRouter(prefix=PREFIX, tags=[*TAGS], route_class=FixedPath)
# What the password has to confirm: who is calling is asked after that.
confirmed = APIRouter(prefix=PREFIX, tags=[*TAGS], responses=documented(401, 404, 409, 429))
administration = APIRouter(
    prefix="/users/{user_id}/second-factor",
    tags=[*TAGS],
    responses=documented(403, 404),
    dependencies=[Depends(require(Role.ADMIN))],
)


@router.get("")
async def read_second_factor(user: CurrentCaller, service: SecondFactorDep) -> SecondFactorRead:
    """Tell whether sign-in asks for a code."""
    return await service.read(user)


@confirmed.post("/enrolment", status_code=status.HTTP_201_CREATED, dependencies=[Depends(confirm_password)])
async def enrol(request: Request, response: Response, user: CurrentCaller, service: SecondFactorDep) -> Enrolment:
    """Make a secret for an authenticator app, which counts once it is confirmed; it replaces one that was not."""
    response.headers["Location"] = request.url_for("read_second_factor").path
    return await service.enrol(user)


@router.post(
    "/confirmation",
    status_code=status.HTTP_200_OK,
    responses=documented(404, 409, 429),
    dependencies=[Depends(limit_codes)],
)
async def confirm(
    body: CodeInput, user: CurrentCaller, sign_in_id: SignInId, service: SecondFactorDep
) -> RecoveryCodes:
    """Prove by a code that the app has the secret: sign-in asks for one from now on, and all other sign-ins end."""
    return RecoveryCodes(recovery_codes=await service.confirm(user, body.code, sign_in_id))


@confirmed.post("/recovery-codes", status_code=status.HTTP_200_OK)
async def replace_recovery_codes(
    code: CodeAfterPassword, user: CurrentCaller, service: SecondFactorDep
) -> RecoveryCodes:
    """Make new codes to recover with; the old ones are good for nothing any more."""
    return RecoveryCodes(recovery_codes=await service.recover(user, code))


@confirmed.post("/removal", status_code=status.HTTP_204_NO_CONTENT)
async def remove(code: CodeAfterPassword, user: CurrentCaller, service: SecondFactorDep) -> None:
    """Sign in with the password alone from now on."""
    await service.remove(user, code)


@administration.delete("", status_code=status.HTTP_204_NO_CONTENT)
async def remove_of_user(user: UserDep, administrator: CurrentCaller, service: SecondFactorDep) -> None:
    """Let an account sign in with its password alone, when app and codes are lost; for administrators."""
    await service.remove_of(user, administrator)
