"""Which language a text is in: the model reads English."""

from __future__ import annotations

import re

from pipeline.articles.grammar.tagging import word_set

_WORD = re.compile(r"[^\W\d_]+")
# words of English that no other language has much of
_ENGLISH = word_set(
    """the of and to that for with was were by from said has have had his her their which who will
    would not are is it its they he she been at this these as an"""
)
_HEAD = 2000
_FEWEST_BYTES = 20
_ENGLISH_SHARE = 0.25
_NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "es": "Spanish", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ms": "Malay",
    "nb": "Norwegian", "nl": "Dutch", "nn": "Norwegian", "no": "Norwegian", "pl": "Polish",
    "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili",
    "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip


def find_language(text: str) -> str | None:
    """Find the language of a text.

    Parameters
    ----------
    text : str
        A sentence or more.

    Returns
    -------
    str or None
        An ISO 639-1 code; None where there are too few words to tell, or it is a rare language.

    Examples
    --------
    >>> find_language("The ministry said that it had not seen the report of the inquiry.")
    'en'
    """
    words = _WORD.findall(text[:_HEAD])
    if len("".join(words).encode()) < _FEWEST_BYTES:
        return None
    known = sum(map(_ENGLISH.__contains__, map(str.lower, words)))
    if known >= _ENGLISH_SHARE * len(words):
        return "en"
    # it takes some hundred milliseconds to load, and most articles are English
    from py3langid import classify

    language = str(classify(" ".join(words))[0])
    # headlines of names are taken for Latin or Pidgin
    return language if language == "en" or language in _NAMES else None


def other_language(language: str | None, name: str | None) -> str:
    """Say that an article is not in English.

    Examples
    --------
    >>> other_language("es", "a.txt")
    'a.txt: seems to be Spanish; the model reads English, so do not rely on these stances'
    """
    found = _NAMES.get(language or "", "in another language")
    return (
        f"{name or 'the article'}: seems to be {found}; the model reads English, so do not rely on "
        "these stances"
    )
