"""Articles for tests of what is shown: marked-up text in, an `Article` with real scores out."""

import re
from itertools import accumulate
from pathlib import Path

from pipeline.articles.article import Article, Sentence
from pipeline.inference.predict import predict

STORY = Path(__file__).with_name("story")
_MARKED = re.compile(r"(?:\[(?P<roles>[^]]*)\] )?(?P<text>.+)")


def story(model: Path) -> list[Article]:
    """Read the three articles on one story."""
    return [
        mark_up((STORY / name).read_text(encoding="utf-8"), name, model)
        for name in ("harbour.txt", "cabinet.txt", "navy.txt")
    ]


def mark_up(marked: str, name: str, model: Path | None = None) -> Article:
    """Read one sentence a line, `[speaker | party | accused | manner] sentence`, roles optional.

    A line that starts with `# ` is the headline, one with `@ ` the dateline; blank lines part
    paragraphs.
    """
    lines = marked.strip().split("\n")
    headline = next((line[2:] for line in lines if line.startswith("# ")), None)
    dateline = next((line[2:] for line in lines if line.startswith("@ ")), None)
    found = [_MARKED.fullmatch(line.removeprefix("# ")) for line in lines]
    texts = [match["text"] if match and match["text"][0] != "@" else "" for match in found]
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    paragraphs = list(accumulate(not line for line in lines))
    predictions = predict(texts, model, explain=True)
    sentences = []
    for i, match in enumerate(found):
        if match is None or not texts[i]:
            continue
        roles = [role.strip() or None for role in (match["roles"] or "").split("|")] + [None] * 3
        sentences.append(
            Sentence(
                text=texts[i],
                start=starts[i],
                end=starts[i] + len(texts[i]),
                paragraph=paragraphs[i],
                is_headline=lines[i].startswith("# "),
                speaker=roles[0],
                parties=(roles[1],) if roles[1] else (),
                manner=roles[3] or ("reported" if roles[0] else None),
                accused_parties=(roles[2],) if roles[2] else (),
                accusers=(roles[1],) if roles[1] else (),
                prediction=predictions[i],
            )
        )
    return Article("\n".join(texts), name, headline, dateline, tuple(sentences))
