import io
import json
import zipfile

import pytest

from pipeline.articles.text.decoding import decode_article
from pipeline.errors import ArticleError

PAGE = "<html><head><meta {}></head><p>“No,” said Zoë — twice.</p></html>"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Été".encode(), "Été"),
        ("Été".encode("utf-8-sig"), "Été"),
        ("Été".encode("utf-16"), "Été"),
        ("Été".encode("utf-32"), "Été"),
        ("The mayor left.".encode("utf-16-le"), "The mayor left."),
        ("The mayor “left”.".encode("utf-16-be"), "The mayor “left”."),
        ("The mayor left.".encode("utf-32-be"), "The mayor left."),
        ("The mayor left.".encode("utf-32-le"), "The mayor left."),
        (b'<html><meta charset="iso-8859-1">\xc9t\xe9', '<html><meta charset="iso-8859-1">Été'),
        (b'<meta charset="utf-16">a', '<meta charset="utf-16">a'),
        (b"<p>Zo\xeb said \x93no\x94.</p>", "<p>Zoë said “no”.</p>"),
        (b"", ""),
    ],
)
def test_encodings(content: bytes, text: str) -> None:
    assert decode_article(content, "x.txt") == text


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ('charset="latin1"', "cp1252"),
        ("charset = 'us-ascii'", "cp1252"),
        ('http-equiv="Content-Type" content="text/html; charset=ISO-8859-1"', "cp1252"),
        ('charset="windows-1250"', "cp1250"),
        ('charset="x-mac-roman"', "mac-roman"),
        ('charset="unicode-1-1-utf-8"', "utf-8"),
    ],
)
def test_names_of_charsets_mean_what_they_mean_to_browsers(declaration: str, encoding: str) -> None:
    page = PAGE.format(declaration)
    assert decode_article(page.encode(encoding), "x.html") == page


def test_gb2312_is_read_with_every_character_of_gb18030() -> None:
    page = "<html><meta charset=gb2312><p>The premier, 朱镕基, denied it — €5.</p></html>"
    assert decode_article(page.encode("gb18030"), "x.html") == page


def test_an_xml_declaration_counts_and_a_comment_does_not() -> None:
    page = '<?xml version="1.0" encoding="windows-1252"?>\n<html><p>Zoë “left”.</p></html>'
    assert decode_article(page.encode("cp1252"), "x.xhtml") == page
    page = '<!-- <meta charset="koi8-r"> --><html><p>Zoë “left”.</p></html>'
    assert decode_article(page.encode(), "x") == page


def test_only_html_declares_a_charset() -> None:
    text = 'They wrote <meta charset="koi8-r"> “by mistake”.'
    assert decode_article(text.encode(), "x.txt") == text


def test_what_a_server_says_goes_before_what_a_page_declares() -> None:
    page = PAGE.format('charset="utf-8"')
    assert decode_article(page.encode("cp1252"), "x.html", "latin1") == page


@pytest.mark.parametrize("byte", [0x81, 0x8D, 0x9D])
def test_bytes_without_a_character_do_not_end_the_reading(byte: int) -> None:
    content = b"<meta charset=latin1><p>a" + bytes([byte]) + b"b</p>"
    assert decode_article(content, "x.html").endswith(f"a{chr(byte)}b</p>")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"caf\xe9 au lait", "x.txt: byte 3 is not UTF-8; save the file as UTF-8"),
        (b'<meta charset="nonsense">', "x.txt: unknown charset 'nonsense'"),
        (b'<meta charset="iso-2022-kr">', "x.txt: unknown charset 'iso-2022-kr'"),
        (b"<meta charset=utf-8><p>caf\xe9</p>", "x.txt: byte 26 is not UTF-8"),
        (b"\xff\xfea", "x.txt: byte 2 is not UTF-16"),
        (b"%PDF-1.7\n%\xe2", "x.txt: a PDF, not an article; save its text"),
        (b"{\\rtf1 Oslo}", "x.txt: RTF, not an article; save it as text"),
        (b'{"text": "Oslo denied it."}', "x.txt: JSON, not an article; .* --text-column"),
        (b' [{"text": "Oslo denied it."}]', "x.txt: JSON, not an article"),
        (b'{"a":' * 100_000, "x.txt: JSON, not an article"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.txt: a file of Word, Excel or Outlook"),
        (b"PAR1", "x.txt: Parquet, not an article; name it .parquet"),
        (b"\x1f\x8b\x08", "x.txt: compressed, not an article; unpack it"),
    ],
)
def test_other_content_is_an_error_that_says_what_to_do(content: bytes, message: str) -> None:
    with pytest.raises(ArticleError, match=message):
        decode_article(content, "x.txt")


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("word/document.xml", r"a Word document \(DOCX\), not an article; save it as text"),
        ("xl/workbook.xml", r"an Excel workbook \(XLSX\), not an article; save it as CSV"),
        ("notes.txt", "a ZIP file, not an article; unpack it"),
    ],
)
def test_zipped_documents_are_told_apart(member: str, message: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member, "Oslo denied it.")
    with pytest.raises(ArticleError, match=message):
        decode_article(file.getvalue(), "a")


@pytest.mark.parametrize("text", ["[Applause] Thank you.", "{No comment}", json.dumps("Oslo")])
def test_brackets_and_marks_are_no_json(text: str) -> None:
    assert decode_article(text.encode(), "x.txt") == text
