"""The picture of the page in the README: `.venv/bin/python -m tests.picture` makes it again."""

import io
import re
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import sync_playwright

from pipeline.articles.page.page import render_page
from pipeline.articles.reader import read_file
from tests.conftest import ARGUMENTS, CHROMIUM, ROOT

ARTICLE = ROOT / "data" / "demo" / "upstream.txt"
SCHEMES = ("light", "dark")
WIDTH, HEIGHT, COLOURS = 1280, 900, 48
RENEW = "renew the picture: .venv/bin/python -m tests.picture"


def picture_file(scheme: str) -> Path:
    return ROOT / ".github" / f"page-{scheme}.png"


def take(browser: Any, page: Path, scheme: str) -> Image.Image:
    """Take the picture; the words that it shows are kept with it."""
    shown = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
    shown.goto(page.as_uri())
    content = shown.screenshot()
    words = " ".join(shown.locator("article").inner_text().split())
    shown.close()
    image = Image.open(io.BytesIO(content)).convert("RGB")
    image.info = {"words": words}
    return image


def write_page_of(folder: Path, model: Path | None = None) -> Path:
    article = read_file(ARTICLE, model, explain=True)
    file = folder / "page.html"
    html = render_page([article]).replace(str(ARTICLE), ARTICLE.name)
    file.write_text(html, encoding="utf-8")
    return file


def save(image: Image.Image, scheme: str) -> None:
    kept = PngInfo()
    kept.add_itxt("words", image.info["words"])
    image.quantize(COLOURS).save(picture_file(scheme), optimize=True, pnginfo=kept)


def changes(image: Image.Image, scheme: str) -> list[str]:
    """Say how a new picture differs from the one in the README, beyond what fonts do."""
    with Image.open(picture_file(scheme)) as known:
        found = []
        if re.sub(r"\d+", "", known.info["words"]) != re.sub(r"\d+", "", image.info["words"]):
            found.append(f"{scheme}: the page shows other words")
        if known.size != image.size:
            return [*found, f"{scheme}: another size"]
        small = [one.convert("RGB").resize((32, 22)) for one in (known, image)]
        differ = max(ImageStat.Stat(ImageChops.difference(*small)).mean)
        return [*found, f"{scheme}: it looks different ({differ:.1f})"] if differ > 6 else found


def main(folder: Path) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = write_page_of(folder)
        for scheme in SCHEMES:
            save(take(browser, page, scheme), scheme)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models")
