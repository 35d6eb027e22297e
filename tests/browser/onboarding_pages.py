"""The onboarding as an applicant uses it, and the identity case as staff do: by what is written."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import ANSWER_MS

#: Chromium plays a green test picture, or a file, as the camera, and asks nobody.
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
CEREMONY_MS = 30_000
CHECKS_MS = 120_000


def camera_from(path: Path) -> tuple[str, ...]:
    """Arguments with which the camera shows an .mjpeg or .y4m file, over and over."""
    return (*FAKE_CAMERA, f"--use-file-for-fake-video-capture={path}")


class CaptureCard:
    """The newest card that asks for a picture."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def node(self) -> Locator:
        return self.page.locator("florin-line .card.capture").last

    def upload(self, file: Path | dict[str, object]) -> None:
        """Choose a file, as with the button that opens the file dialog."""
        self.node.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]

    def shoot(self) -> None:
        """Open the camera, take a picture and use it."""
        self.node.get_by_role("button", name="Use the camera").click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible(timeout=ANSWER_MS)
        dialog.get_by_role("button", name="Take the picture").click()
        dialog.get_by_role("button", name="Use this picture").click()
        expect(dialog).to_have_count(0)

    def wait_until_received(self) -> None:
        expect(self.node).to_contain_text("eceived", timeout=ANSWER_MS)

    @property
    def problem(self) -> Locator:
        return self.node.get_by_role("alert")


class LivenessCard:
    """The newest card of the liveness ceremony."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def node(self) -> Locator:
        return self.page.locator("florin-line .card.liveness").last

    def perform(self) -> None:
        """Start it and wait until its frames have arrived. What moves is the fake camera's film."""
        self.node.get_by_role("button", name="Start").click()
        expect(self.page.get_by_role("dialog")).to_be_visible(timeout=ANSWER_MS)
        expect(self.node).to_contain_text("Received. Thank you.", timeout=CEREMONY_MS)


class CredentialsCard:
    """The card on which a new customer chooses name and password."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def node(self) -> Locator:
        return self.page.locator("florin-line .card.credentials").last

    def fill(self, name: str, password: str, again: str | None = None) -> None:
        self.node.get_by_label("Customer name").fill(name)
        self.node.get_by_label("Password, at least").fill(password)
        self.node.get_by_label("The same password again").fill(password if again is None else again)
        self.node.get_by_role("button", name="Set name and password").click()


class KycPage:
    """An identity case in the console."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open_newest(self) -> KycPage:
        """Open the newest identity case of the inbox, once the checks have made one."""
        self.page.goto(f"{self.url}/console")
        rows = self.page.locator("#cases tr").filter(has_text="KYC")
        expect(rows.first).to_be_visible(timeout=CHECKS_MS)
        rows.last.get_by_role("link").click()
        return self.wait()

    def wait(self) -> KycPage:
        expect(self.page.get_by_role("heading", name="Identity check")).to_be_visible(
            timeout=ANSWER_MS
        )
        return self

    def picture(self, name: str) -> Locator:
        return self.page.get_by_role("group", name=f"{name}: enlarge and turn")

    def row(self, field: str) -> Locator:
        """One line of the comparison, field by field."""
        heading = self.page.get_by_role("rowheader", name=field, exact=True)
        return self.page.locator("#kyc-comparison tr").filter(has=heading)

    def decide(self, outcome: str, reason: str, note: str = "") -> None:
        form = self.page.locator("#decision-form")
        form.get_by_label(outcome, exact=True).check()
        form.get_by_label("Reason").select_option(label=reason)
        form.get_by_label("Note").fill(note)
        form.get_by_role("button", name="Record the decision").click()

    @property
    def eyes(self) -> Locator:
        """What is said about the second person."""
        return self.page.locator("#decision-eyes")
