"""What stands around an article in press releases and mail: notices, contacts, signatures."""

from __future__ import annotations

import re

_OPENING = re.compile(
    r"^[ \t*]*+(?:for immediate release|(?:press|news|media) release|press statement|"
    r"for release|embargoed? until|under embargo)\b.{0,100}$",
    re.IGNORECASE | re.MULTILINE,
)
_END = re.compile(
    r"^[ \t]*+(?:#[ \t]?#[ \t]?#[# \t]*|[-–—~]++[ \t]*30[ \t]*[-–—~]+|"
    r"[-–—~*]*+[ \t]*ends?[ \t]*+[-–—~*]*)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_CONTACT = re.compile(
    r"^[ \t]*+(?:(?:media|press|news)[ \t]+)?(?:contacts?|inquiries|enquiries)\b[^\n]{0,200}$"
    r"(?:\n[ \t]*\S[^\n]{0,100}(?:@|\+?\d[\d ()-]{6,})[^\n]{0,100}$)*",
    re.IGNORECASE | re.MULTILINE,
)
_ABOUT = re.compile(
    r"^[ \t]*+(?:about [^\n.!?]{2,80}|notes? to editors?|forward-looking statements?):?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_MAIL_HEAD = re.compile(
    r"\s*(?:[A-Z][A-Za-z-]{1,30}:[ \t]?[^\n]{0,2000}\n(?:[ \t]+\S[^\n]{0,2000}\n){0,20}){2,60}"
)
_MAIL_FIELD = re.compile(r"^(From|To|Cc|Date|Sent|Subject):", re.MULTILINE)
_SUBJECT = re.compile(
    r"^Subject:[ \t]*(?:(?:re|fwd?|aw):[ \t]*)*([^\n]*)", re.MULTILINE | re.IGNORECASE
)
_SIGNATURE = re.compile(r"^--[ ]?$", re.MULTILINE)
_TOP = 1500


def blank_frame(clean: str) -> tuple[str, bool]:
    """Blank out what frames an article.

    Parameters
    ----------
    clean : str
        A text.

    Returns
    -------
    str, bool
        The text, as long as before; and whether it is mail that begins with its subject.
    """
    head = _MAIL_HEAD.match(clean)
    if head is not None and len(set(_MAIL_FIELD.findall(head.group()))) > 1:
        return _without_mail_head(clean, head.end())
    opening = _OPENING.search(clean, 0, _TOP)
    if opening is not None:
        return _without_notices(clean, opening), False
    end = next((mark for mark in _END.finditer(clean) if mark.start() > len(clean) // 2), None)
    return (clean if end is None else _blank(clean, end.start(), len(clean))), False


def _without_mail_head(clean: str, end: int) -> tuple[str, bool]:
    signature = _SIGNATURE.search(clean, end)
    if signature is not None:
        clean = _blank(clean, signature.start(), len(clean))
    subject = _SUBJECT.search(clean, 0, end)
    if subject is None or not subject.group(1).strip():
        return _blank(clean, 0, end), False
    clean = _blank(clean, 0, subject.start(1))
    return _blank(clean, subject.end(), end - 1), True


def _without_notices(clean: str, opening: re.Match[str]) -> str:
    end = _END.search(clean, opening.end()) or _ABOUT.search(clean, opening.end())
    if end is not None:
        clean = _blank(clean, end.start(), len(clean))
        about = _ABOUT.search(clean, opening.end())
        clean = clean if about is None else _blank(clean, about.start(), len(clean))
    clean = _OPENING.sub(lambda match: " " * len(match.group()), clean[:_TOP]) + clean[_TOP:]
    return _CONTACT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), clean)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
