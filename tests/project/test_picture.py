"""The README's picture is what the page looks like."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.stages.train import Training


@pytest.mark.slow
def test_the_picture_shows_the_page_as_it_is(training: Training, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from tests.picture import ARGUMENTS, CHROMIUM, RENEW, SCHEMES, changes, take, write_page_of

    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; install it to test the picture")
    page = write_page_of(tmp_path, training.model)

    def look() -> list[str]:
        with playwright.sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            return [one for s in SCHEMES for one in changes(take(browser, page, s), s)]

    # Playwright runs once a thread, and other tests keep theirs open
    found = ThreadPoolExecutor(1).submit(look).result()
    assert not found, f"{'; '.join(found)}; {RENEW}"
