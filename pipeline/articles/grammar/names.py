"""Names in a sentence: where they stand, and what is title, place and name in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pipeline.articles.grammar.countries import find_country
from pipeline.articles.grammar.tagging import Token, word_set
from pipeline.model.lexicon import FAMILY_OF, FEMALE_TITLES, MALE_TITLES, PORTFOLIOS, TITLES

_PARTICLES = word_set("de da di du van von der den bin ibn al el la le")
_LINKS = word_set("of for in")
_FOR_CAUSES = word_set(
    """alliance center centre institute citizens council committee campaign coalition association
    foundation fund office department ministry secretary undersecretary minister union movement
    mission network commissioner spokesman spokeswoman director envoy"""
)
_BODIES = frozenset({"STATE", "GROUP", "COMPANY", "COURT", "MEDIA"})
_NO_INSTITUTIONS = word_set(
    """case hearing trial inquiry investigation probe sentence prison jail custody detention
    interview country judge jury counsel executive analyst lawyer attorney expert critic student
    worker house"""
)
_MORE_INSTITUTIONS = word_set(
    """fund institute centre center university club corps guard forces assembly league foundation
    society trust exchange airlines airways hospital school college secretariat chamber alliance
    network campaign cabinet board service services constabulary treasury team"""
)
_AFTER_CHIEF = word_set("executive financial operating officer justice inspector of staff")
_NO_OFFICES = word_set("motors electric assembly mills council staff")
_OWNS = re.compile(r" (['’]s?)(?=\s|$)")
_KEPT = 1 << 14
_SMALL = word_set("of for the and in on de")


def is_office(word: str) -> bool:
    """Whether a lowercase word names an office, such as "minister"."""
    return FAMILY_OF.get(word) == "OFFICIAL"


def is_body(word: str) -> bool:
    """Whether a lowercase word names a body of people, such as "ministry" or "airlines"."""
    if word in _NO_INSTITUTIONS:
        return False
    return word in _MORE_INSTITUTIONS or FAMILY_OF.get(word) in _BODIES


def gender_of(word: str) -> str | None:
    """Return "he" or "she" for a title that tells, else None."""
    if word.lower() in MALE_TITLES:
        return "he"
    return "she" if word.lower() in FEMALE_TITLES else None


def find_names(words: list[Token]) -> Iterator[tuple[int, int]]:
    """Find runs of capitalised words, with what links the words of one name inside them.

    Parameters
    ----------
    words : list of Token
        Words of a sentence.

    Yields
    ------
    (int, int)
        Where a name starts and ends, titles included, and the possessor of a body: "Oslo's Court".
    """
    end = 0
    for i, word in enumerate(words):
        if word.tag != "M" or i < end:
            continue
        end = i + 1
        while end < len(words) and (step := _continues(words, i, end)):
            end += step
        yield i, end


def _continues(words: list[Token], start: int, i: int) -> int:
    """Count the words that a name which reaches word ``i`` goes on with there."""
    word, following = words[i], words[i + 1 : i + 3]
    if word.tag == "M" or word.lower.startswith("al-"):
        return 1
    if not following or word.tag not in "OPC'N":
        return 0
    if word.tag == "'":
        return _possessed(words, i)
    tags = "".join(token.tag for token in following)
    if word.tag == "C":
        return 2 if tags[0] == "M" and _joins(words, start, i) else 0
    if word.lower == "for":
        if not any(before.lower in _FOR_CAUSES for before in words[start:i]):
            return 0
        return 2 if tags[0] == "M" else 3 if tags == "DM" else 0
    if word.lower == "in":
        return 2 if tags[0] == "M" and is_body(words[i - 1].lower) and i - start < 5 else 0
    if word.tag == "O" or word.lower in _PARTICLES:
        return 2 if tags[0] == "M" else 3 if word.tag == "O" and tags == "DM" else 0
    return 0


def _possessed(words: list[Token], i: int) -> int:
    """Count the words from a possessor's "'s" to the end of the body that it owns."""
    end = i + 1
    while end < len(words) and words[end].tag == "M":
        end += 1
    return end - i if end - i > 1 and is_body(words[end - 1].lower) else 0


def _joins(words: list[Token], start: int, i: int) -> bool:
    """Whether "and" stands inside a name: "Health and Social Care", "Food and Drug Board"."""
    if words[i - 1].lower not in PORTFOLIOS or words[i].lower != "and":
        return False
    if any(word.tag in "OP" for word in words[start:i]):
        return words[i + 1].lower in PORTFOLIOS
    end = i + 1
    while end < len(words) and words[end].tag == "M":
        end += 1
    return is_body(words[end - 1].lower)


@lru_cache(maxsize=_KEPT)
def _split(words: tuple[str, ...]) -> int:
    """Count the words of titles before a name."""
    if is_institution(words) and not any(is_office(word.lower()) for word in words[:-2]):
        return 0
    end = 0
    while (found := _title_end(words, end)) > end:
        end = found
    return end


def split_titles(name: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate the titles before a person's name from the name.

    Parameters
    ----------
    name : sequence of str
        Capitalised words, as `find_names` finds them.

    Returns
    -------
    (list of str, list of str)
        Titles, offices and what they are for; and the name, empty where there is only an office.

    Examples
    --------
    >>> split_titles("Minister of State for Foreign Affairs Ana Roe".split())
    (['Minister', 'of', 'State', 'for', 'Foreign', 'Affairs'], ['Ana', 'Roe'])
    >>> split_titles(["Prime", "Minister"])
    (['Prime', 'Minister'], [])
    """
    words = list(name)
    end = _split(tuple(words))
    return words[:end], words[end:]


def _title_end(words: Sequence[str], i: int) -> int:
    """Return where the title that begins at word ``i`` ends; ``i`` itself where there is none."""
    for k in range(i, min(i + 5, len(words))):
        lower = words[k].lower()
        after = words[k + 1].lower() if k + 1 < len(words) else ""
        if lower in _SMALL or after in _NO_OFFICES:
            return i
        if is_office(lower):
            if lower == "chief" and after in _AFTER_CHIEF and after != "of":
                return k + 2
            return _portfolio_end(words, k + 1)
        if lower in TITLES:
            return k + 1
    return i


def _portfolio_end(words: Sequence[str], i: int) -> int:
    """Return where "for Social Affairs" behind an office ends."""
    if i >= len(words) or words[i].lower() not in ("of", "for"):
        return i
    end = i + 1
    while end < len(words) and (words[end].lower() in PORTFOLIOS or words[end].lower() in _SMALL):
        end += 1
    if end > i + 1:
        return end
    country = find_country(list(words[end:]))
    if country is not None:
        return end + country[1]
    return len(words) - 2 if len(words) - end > 2 else len(words)


def head_of(name: Sequence[str]) -> str:
    """Return the last word of a name before "of", "for" and "in", in lowercase."""
    links = (i for i, word in enumerate(name) if i and word in _LINKS)
    return name[next(links, len(name)) - 1].lower()


def is_institution(name: Sequence[str]) -> bool:
    """Whether a name is that of a body: "Ministry of Health", "Oslo District Court"."""
    return len(name) > 1 and _is_institution(tuple(name))


@lru_cache(maxsize=_KEPT)
def _is_institution(name: tuple[str, ...]) -> bool:
    return is_body(head_of(name))


def place_and_core(name: Sequence[str]) -> tuple[str | None, str]:
    """Separate whose or where a body is from what it is.

    Parameters
    ----------
    name : sequence of str
        The name of a body.

    Returns
    -------
    (str or None, str)
        The country, or other place or possessor, and the rest in lowercase.

    Examples
    --------
    >>> place_and_core(["Norway", "'s", "Finance", "Ministry"])
    ('Norway', 'finance ministry')
    >>> place_and_core(["Finance", "Ministry", "in", "Oslo"])
    ('Norway', 'finance ministry')
    """
    return _place_and_core(tuple(name))


@lru_cache(maxsize=_KEPT)
def _place_and_core(name: tuple[str, ...]) -> tuple[str | None, str]:
    words = [word.replace("’", "'") for word in name]
    place: str | None = None
    if "'s" in words or "'" in words:
        cut = words.index("'s") if "'s" in words else words.index("'")
        place, words = _country_of(words[:cut]), words[cut + 1 :]
    elif (country := find_country(words)) is not None and country[1] < len(words):
        place, words = country[0], words[country[1] :]
    for cut in range(len(words) - 2, 0, -1):
        behind = [word for word in words[cut + 1 :] if word not in _SMALL]
        if words[cut] == "in" or (words[cut] == "of" and find_country(behind) is not None):
            place, words = place or _country_of(behind), words[:cut]
            break
    return place, " ".join(words).lower().replace("defense", "defence")


def _country_of(words: list[str]) -> str:
    country = find_country(words)
    return country[0] if country and country[1] == len(words) else " ".join(words).lower()


def initials_of(name: Sequence[str]) -> str:
    """Return the first letters of the words of a name, without "of" and "the"."""
    return "".join(word[0] for word in name if word.lower() not in _SMALL and word[0].isupper())


def join_words(name: Sequence[str]) -> str:
    """Write the words of a name in one line."""
    joined = " ".join(name)
    return _OWNS.sub(r"\1", joined) if "'" in joined or "’" in joined else joined
