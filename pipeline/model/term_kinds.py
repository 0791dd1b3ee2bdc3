"""The kinds of terms in words: one legend for the command, the page and the report."""

TERM_KINDS = {
    "w": "a word",
    "b": "a word by its first four letters",
    "g": "two words that follow each other",
    "s": "a word, and whether the sentence quotes or cites somebody",
    "p": "two words that follow each other, each by its family or its first five letters",
    "f": "two to four telling words, names or marks in this order, whatever stands between",
    "c": "one to three telling words in this order, each by its family and ending",
    "q": "telling words, inside or outside quotation marks",
    "n": "a telling word, and whether a name stands before and after it",
    "a": "a telling word, and whether the sentence quotes and names a source",
    "l": "how long the sentence is",
}
NOTE = "Words in capitals are families: DENY is deny, reject and their kin. Names are masked."
LOG_ODDS = (
    "+ speaks for the stance and − against it, in log-odds: +0.7 doubles the odds, +2.3 makes them "
    "ten times as high."
)
