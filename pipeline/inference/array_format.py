"""The layout of `ModelArrays`: what the numbers, bits and shifts in its arrays mean."""

from __future__ import annotations

from pipeline.model import features

# Kinds of characters, and marks on them.
OTHER, LETTER, DIGIT, APOSTROPHE, HYPHEN, DOT, AMPERSAND, PUNCTUATION, JOINER, SLASH = range(10)
LOW_LINE, INVISIBLE = 10, 11
KIND, UPPER, NUMERAL, ALPHABETIC = 15, 16, 32, 64
# What the last two columns of `ModelArrays.words` pack. Terms count from 1, so that 0 is none.
STEM_SHIFT = 22
CUE_SHIFT, FAMILY_SHIFT, MARKS_SHIFT, TAIL_SHIFT = 8, 16, 24, 32
# Marks on words.
KNOWN, ALWAYS, SOURCE, OPENS, IS_NAME, IS_QUOTE, STAYS_OPEN = 1, 2, 4, 8, 16, 32, 64
# The first rows of `ModelArrays.words`: what the tokenizer makes that is not spelt out in a text.
SPECIAL = (
    features.NAME,
    features.NUMBER,
    features.START,
    features.END,
    *["n't", "'s", "'d", "'m", "'re", "'ve", "'ll"],
    *'"?!:;,()',
    features.UNSAID,
    features.WITHHELD,
    "<unknown>",
)
NAME, NUMBER, START, END, NOT, S, D, M, RE, VE, LL = range(11)
UNKNOWN = len(SPECIAL) - 1
# Kinds of n-grams over the parts of a frame: of each, the shortest stands here and one longer has
# the next number. The width of one part.
FRAMES, CUES, QUOTED = 1, 4, 6
PART_BITS = 8
STEM_BITS = 20

# What tells a pair of words (rows of `ModelArrays.words`) from one of stems.
OF_WORDS = 1 << 2 * STEM_BITS

# Columns of `ModelArrays.settings`; the last is empty.
SETTING_NAMES = ("quote", "source", "plain", "")
SETTING_BITS = 2

# What begins the name of a row that a word and the word in its setting share; no term begins so.
FOLDED = "x:"
# An n-gram's key and term share one integer.
TERM_BITS = 22
TERM = (1 << TERM_BITS) - 1
# Columns of `ModelArrays.words`, and bytes of a word that stand in the first two.
WIDTH = 4
SPELT = 16
# Terms that the kernel gathers before it counts them.
GATHERED = 4096
# Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4): odd multipliers, the
# first near 2^64 over the golden ratio.
MIX, MIX_AGAIN = 0x9E3779B97F4A7C15, 0x517CC1B727220A95
SHIFT_BITS = 8
ROLLED = (1 << 40) - 1
# What stands where no key does: one that no hash sends there.
NO_PREFIX, NO_GRAM = -1, (1 << 64) - 1
CHARACTERS = 0x110000
PAGE = 256
