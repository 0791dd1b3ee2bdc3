"""Articles for tests of what is shown: marked-up text in, an `Article` with real scores out."""

import re
from itertools import accumulate
from pathlib import Path

from pipeline.article import Article, Sentence
from pipeline.predict import predict

_MARKED = re.compile(r"(?:\[(?P<roles>[^]]*)\] )?(?P<text>.+)")


def mark_up(marked: str, name: str, model: Path | None = None) -> Article:
    """Read one sentence a line, `[speaker | party | accused | manner] sentence`; all roles optional.

    A line that starts with `# ` is the headline, one with `@ ` the dateline; blank lines part
    paragraphs.
    """
    lines = marked.strip().split("\n")
    headline = next((line[2:] for line in lines if line.startswith("# ")), None)
    dateline = next((line[2:] for line in lines if line.startswith("@ ")), None)
    found = [_MARKED.fullmatch(line.removeprefix("# ")) for line in lines]
    texts = [match["text"] if match and line[0] != "@" else "" for match, line in zip(found, lines)]
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
                party=roles[1],
                manner=roles[3] or ("reported" if roles[0] else None),
                accused=roles[2],
                prediction=predictions[i],
            )
        )
    return Article("\n".join(texts), name, headline, dateline, tuple(sentences))


HARBOUR = """
# Velmora rejects Kardian charge that its navy cut the Tolen cable
@ TOLEN (Coast Wire) -

[Foreign Minister Ida Brask | Ida Brask | the Velmoran navy] Foreign Minister Ida Brask of Kardia on Tuesday accused the Velmoran navy of cutting the undersea cable that carries power to the island of Tolen.
The cable, laid in 1998, failed shortly before dawn on Sunday and left about 40,000 people without heating.
[Brask | Ida Brask | the Velmoran navy | quoted] "Their ships cut this line on purpose and then lied about where they had been," Brask told reporters.
It was the third such failure in the strait since the spring.

[the navy | the Velmoran navy] The navy denied the accusation and said none of its ships had been within thirty miles of the cable.
[A spokesman, Captain Orin Vale | Captain Orin Vale | | quoted] A spokesman, Captain Orin Vale, called the charge "a baseless invention by people who cannot maintain their own grid."
[Vale | Captain Orin Vale | Kardia] He accused Kardia of hiding years of neglect behind stories about foreign ships.
Fishing boats had returned to the strait by Monday evening.
Divers have not yet reached the break, which lies at a depth of 90 metres.

[the Kardian grid operator, Norlys | Norlys] The Kardian grid operator, Norlys, announced that it will lay a second cable next year and hire guard vessels until then.
[it | Norlys] It said it had also decided to open its repair records to the public.
[the company | Norlys] The company rejected suggestions that poor maintenance was to blame.
Repairs of that kind usually take between three and six weeks.
Snow is forecast for Tolen from Thursday.

[Prime Minister Joren Holt | Joren Holt] Prime Minister Joren Holt said the government will send generators and pay every household on the island 200 crowns.
[opposition leaders | opposition leaders | Joren Holt] Opposition leaders blamed Holt for ignoring two warnings about the cable in a report last year.
[Holt's office | Joren Holt's office] Holt's office dismissed the claim as false, saying no such report had reached the prime minister.
The island's only hospital ran on diesel for eleven hours.
Its director thanked the staff.
[fishermen | fishermen | | quoted] "We heard nothing and saw nothing that night," one of the fishermen said.

[The Strait Commission | Strait Commission] The Strait Commission, to which both countries belong, said it will begin an inquiry on Friday and publish what it finds.
[Velmora | Velmora] Velmora said it would hand over the logs of its ships.
[Brask | Ida Brask | Velmora] Brask accused Velmora of having promised logs before and of never delivering them.
Was it sabotage, or age?
An earlier inquiry, in 2019, took fourteen months and blamed no one.
"""

CABINET = """
# Holt vows to guard the strait as row over cable grows
@ KARDHAVN -

[Joren Holt | Prime Minister Joren Holt] Joren Holt vowed on Wednesday to put two patrol ships in the strait and to keep them there through the winter.
The decision came three days after Tolen lost its power.
[the premier | Prime Minister Joren Holt | Velmora] The premier accused Velmora of violating the treaty of 1974 by letting its navy work near the cable.

[Velmora's embassy | Velmora's embassy] Velmora's embassy did not answer questions.
[the Commission | Strait Commission] The commission announced that its inspectors will board the repair ship on Friday.
Shares in Norlys fell by four per cent.
[unions | Dockers' Union | Norlys] The Dockers' Union alleged that Norlys falsified its inspection records for years.
"""

NAVY = """
# Navy opens its logs

[the Velmoran Navy | the Velmoran Navy] The Velmoran Navy on Thursday again denied that it had damaged the Tolen cable.
[the navy | the Velmoran Navy] It will publish the positions of all its ships, it said.
[Vale | Capt. Orin Vale | Ida Brask] Vale said Brask had lied to her own parliament.
The minister was travelling.
It was alleged on television that the cable had been cut for money.
"""
