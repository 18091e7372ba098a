from anyio import sleep
from trustme import CA

from app.config import Settings
from app.worker import work
from tests.account import ACCOUNT
from tests.conftest import Client, CreateApp, MakeSettings, Run
from tests.workers import ONCE, Drain
