"""Chromium and a running branch. Without a browser on this machine these tests are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    Page,
    Playwright,
    StorageState,
    ViewportSize,
    sync_playwright,
)

from tests.browser.branch import Branch, Login, open_branch
from tests.browser.onboarding_pages import FAKE_CAMERA
from tests.browser.pages import ConsolePage

CHROMIUM = Path("/usr/bin/chromium")
#: Quiet and offline: a test browser calls nobody but the branch.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = Path(__file__).parent
DESK = ViewportSize(width=1280, height=800)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(reason=f"needs a browser at {CHROMIUM}"))


@pytest.fixture(scope="session")
def player() -> Iterator[Playwright]:
    """What starts browsers; a process may have one."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(player: Playwright) -> Iterator[Browser]:
    chromium = player.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def camera(player: Playwright) -> Iterator[Browser]:
    """A browser with a camera that nobody has to allow."""
    chromium = player.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *FAKE_CAMERA])
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def running_branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    with open_branch(tmp_path_factory.mktemp("branch")) as branch:
        yield branch


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=DESK, locale="en-GB")
    yield context.new_page()
    context.close()


def _logged_in(browser: Browser, branch: Branch, who: Login) -> StorageState:
    context = browser.new_context()
    ConsolePage(context.new_page(), branch.url).log_in(*who)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def staff_session(running_branch: Branch, browser: Browser) -> StorageState:
    """One login for all tests: an authenticator's code is good for one."""
    return _logged_in(browser, running_branch, running_branch.staff)


@pytest.fixture(scope="session")
def colleague_session(running_branch: Branch, browser: Browser) -> StorageState:
    return _logged_in(browser, running_branch, running_branch.colleague)


@pytest.fixture(scope="session")
def kyc_session(running_branch: Branch, browser: Browser) -> StorageState:
    """Somebody of the desk that decides on applications."""
    return _logged_in(browser, running_branch, running_branch.reviewer)


@pytest.fixture
def staff(
    running_branch: Branch, browser: Browser, staff_session: StorageState
) -> Iterator[ConsolePage]:
    """A member of staff, logged in, in a browser of their own."""
    with _console(browser, running_branch, staff_session) as console:
        yield console


@pytest.fixture
def colleague(
    running_branch: Branch, browser: Browser, colleague_session: StorageState
) -> Iterator[ConsolePage]:
    """Somebody else of the staff."""
    with _console(browser, running_branch, colleague_session) as console:
        yield console


@contextmanager
def _console(browser: Browser, branch: Branch, session: StorageState) -> Iterator[ConsolePage]:
    context = browser.new_context(viewport=DESK, locale="en-GB", storage_state=session)
    yield ConsolePage(context.new_page(), branch.url)
    context.close()


@pytest.fixture
def staff_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=DESK, locale="en-GB")
    yield context.new_page()
    context.close()
