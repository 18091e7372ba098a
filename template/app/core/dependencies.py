"""Dependencies that every domain may ask for."""

from typing import Annotated

from fastapi import Depends, Request

from app.config import Settings


async def provide_settings(request: Request) -> Settings:
    """Return the settings that the application was created with."""
    settings: Settings = request.state.settings
    return settings


SettingsDep = Annotated[Settings, Depends(provide_settings)]
