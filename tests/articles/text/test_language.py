import pytest

from pipeline.articles.reader import read_article
from pipeline.articles.text.language import find_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Lund denied the charge and said that the dam had never leaked.", "en"),
        ("Dam company rejects Lund claims", "en"),
        ("Der Rat von Lund wies den Vorwurf zurück.", "de"),
        ("Le conseil a rejeté ces accusations lundi soir.", "fr"),
        ("El alcalde negó haber recibido dinero de la empresa.", "es"),
        ("De burgemeester was het daar niet mee eens, of is dat te veel gezegd.", "nl"),
        ("市议会周一否认了有关大坝泄漏的指控。", "zh"),
        ("No.", None),
        ("1234 5678 — 90 %", None),
        ("", None),
    ],
)
def test_languages(text: str, language: str | None) -> None:
    assert find_language(text) == language


@pytest.mark.usefixtures("shipped_model")
def test_an_article_in_another_language_is_read_with_a_warning() -> None:
    with pytest.warns(UserWarning, match=r"the article: seems to be German; .* reads English"):
        article = read_article("Der Rat von Lund wies den Vorwurf am Montag zurück. Es regnete.")
    assert len(article.sentences) == 2
    assert all(sentence.scores for sentence in article.sentences)
