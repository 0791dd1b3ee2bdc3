"""Behaviour tests in the three kinds of CheckList (Ribeiro et al. 2020).

Minimum functionality: short sentences whose stance is plain. Invariance: changes that must not
change the stance. Direction: changes that must move a score one way.
"""

import itertools
import re

import numpy as np
import pytest

from pipeline import analyzer, corpus, predict
from pipeline.stances import STANCES, encode
from pipeline.train import Training
from tests.conftest import STATEMENTS

pytestmark = pytest.mark.usefixtures("shipped_model")

MINIMUM = {
    "plain denial": (
        "deny",
        [
            "The company denied the allegations.",
            "She has denied any wrongdoing.",
            "The ministry rejected the report as false and misleading.",
            "Both men pleaded not guilty.",
            "The army dismissed the claims as baseless.",
            "He insisted that he had never taken a bribe.",
            "The embassy called the accusations absurd.",
            "A spokesman said there was no truth in the rumours.",
            "The bank said it had nothing to do with the transfers.",
            "The governor refuted claims that he had fled the country.",
            "Officials disputed the opposition's account of the shooting.",
            "The club strongly denies the accusations.",
        ],
    ),
    "plain accusation": (
        "accuse",
        [
            "The opposition accused the government of rigging the vote.",
            "Rebels blamed the army for the attack on the village.",
            "The union alleges that managers falsified the records.",
            "Prosecutors charged the former mayor with fraud.",
            "The minister said the neighbouring country was sheltering terrorists.",
            "The rights group said soldiers had tortured detainees.",
            "Residents sued the mining company over the poisoned river.",
            "The president denounced the strikes as a violation of his country's sovereignty.",
            "Lawmakers condemned the army's killing of protesters.",
            "The audit found that the agency had failed to protect the children, its head said.",
            "The senator slammed his rival for lying to voters.",
        ],
    ),
    "plain announcement": (
        "announce",
        [
            "The government will deport all undocumented migrants by the end of the month.",
            "The airline announced that it would resume flights on Monday.",
            "The ministry said 80,000 people had been expelled in the first stage.",
            "Police said they had arrested three men.",
            "The two countries agreed to exchange prisoners next week.",
            "The prime minister vowed to cut taxes.",
            "The company plans to open two factories next year.",
            "The bank pledged to repay its customers.",
            "The party has decided to boycott the election.",
            "The minister promised a new hospital for the city.",
            "The team will appoint a new coach in June.",
        ],
    ),
    "no stance": (
        "none",
        [
            "Heavy rain fell across the valley on Monday.",
            "The two leaders met for an hour.",
            "Troops entered the town at dawn.",
            "Analysts expect prices to rise next year.",
            "The village lies twenty kilometres from the border.",
            "Thousands of people gathered in the square.",
            "What happens next is unclear.",
            "The talks were held behind closed doors.",
            "He praised the courage of the firefighters.",
            "The committee has nine members.",
            "She hopes that the rains come early.",
        ],
    ),
    "refusals that are no denials": (
        "none",
        [
            "The court rejected the motion.",
            "A judge denied him bail.",
            "Parliament rejected the proposal by two votes.",
            "The rebels turned down an offer of talks.",
            "The journalists were denied entry to the camp.",
            "The board refused the request.",
            "The council vetoed the resolution.",
            "The spokesman declined to comment.",
            "Voters rejected the treaty in a referendum.",
            "The appeal was dismissed on Thursday.",
            "The prison denied the lawyers access.",
        ],
    ),
    "forecasts with will": (
        "none",
        [
            "Snow will fall in the north tomorrow.",
            "Economists say inflation will slow next year.",
            "Analysts believe the party will lose seats.",
            "The drought will probably last until spring.",
            "Few expect that the talks will succeed.",
            "It will be hard to find the money, experts say.",
            "Observers doubt that the truce will hold.",
        ],
    ),
    "condemnation without culprit": (
        "none",
        [
            "The president condemned the bombing.",
            "World leaders condemned the attack on the market.",
            "The council condemned the violence.",
            "The bishop condemned terrorism in all its forms.",
            "She condemned the murder and offered her condolences.",
            "The envoy strongly condemned the suicide attack.",
        ],
    ),
    "passive and noun accusation": (
        "accuse",
        [
            "The general was accused of ordering the killings.",
            "He is charged with embezzling public money.",
            "The company has been accused of hiding the defects.",
            "The mayor resigned amid allegations of bribery.",
            "Two officers face charges of torture.",
            "The ministry has been blamed for the delay by victims' families.",
            "She was arrested over the alleged theft of state funds.",
            "The bank is on trial on charges of money laundering.",
        ],
    ),
    "quotation without attribution": (
        "accuse",
        [
            "“They are using our soil to attack us.”",
            '"They lied to us and they stole our money."',
            "“This government has betrayed its own people.”",
            '"They knew that the bridge was unsafe and did nothing."',
        ],
    ),
    "quoted denial without attribution": (
        "deny",
        [
            "“These are false and repeated claims.”",
            '"We never did that."',
            "“There is no truth in these allegations.”",
            '"That is a complete lie."',
            "“I did not take a single dollar.”",
        ],
    ),
    "headlines": (
        "deny",
        [
            "Minister denies fraud claims",
            "Kremlin rejects poisoning allegations",
            "Bank Denies Hiding Losses From Regulators",
            "Ex-mayor pleads not guilty to bribery charges",
        ],
    ),
    "accusing headlines": (
        "accuse",
        [
            "Opposition accuses army of massacre",
            "Ex-banker charged with fraud",
            "Union Blames Managers For Deadly Fire",
            "Rights group says police tortured detainees",
        ],
    ),
    "announcing headlines": (
        "announce",
        [
            "Airline to cut 2,000 jobs",
            "Government to deport migrants in two stages",
            "President vows to end shortages",
            "Carmaker Plans New Battery Plant",
        ],
    ),
    "narrated wrongdoing without a source": (
        "none",
        [
            "The army violated the ceasefire on Sunday.",
            "Gunmen burned two villages in the north.",
            "Vandals destroyed the statue overnight.",
            "Soldiers fired on the crowd, killing nine.",
        ],
    ),
    "completed acts narrated": (
        "none",
        [
            "The government lifted the curfew on Monday.",
            "Parliament approved the budget.",
            "The president signed the law.",
            "The coach resigned after the defeat.",
            "Police arrested six people near the stadium.",
            "The court sentenced him to nine years in prison.",
        ],
    ),
    "threats, possibilities and demands": (
        "none",
        [
            "The union threatened to strike.",
            "The firm may close the plant.",
            "The minister is expected to resign.",
            "The envoy called for calm.",
            "The mayor urged residents to boil their water.",
            "The opposition demanded new elections.",
            "The bank could raise rates in June.",
        ],
    ),
    "negated commitments": (
        "announce",
        [
            "The party said it will not take part in the election.",
            "The president said he would not seek another term.",
            "Hungary will not accept the asylum seekers, its foreign minister said.",
            "The club announced that it would not renew his contract.",
        ],
    ),
    "negated and doubly negated denial": (
        "none",
        [
            "The minister did not deny the report.",
            "He neither confirmed nor denied the report.",
            "The company would not confirm or deny the figures.",
            "She could not deny that she was tired.",
        ],
    ),
}

TWO_STANCES = [
    (
        "Kabul denied the charge and accused Islamabad of failing to guard its border.",
        "deny accuse",
    ),
    ("The party denied rigging the vote and blamed its rivals for the violence.", "deny accuse"),
    ("He said militants use Afghan soil and vowed to expel them.", "accuse announce"),
    ("The union accused the firm of cheating workers and said it would strike.", "accuse announce"),
    ("The firm denied the claims and said it would sue.", "deny announce"),
    (
        "The ministry rejected Washington's accusation that it had stolen the designs.",
        "deny accuse",
    ),
]

# Not recognised yet, each with the reason; the README counts them.
KNOWN_FAILURES = {
    "He neither confirmed nor denied the report.": "denied outweighs the two small words before it",
    "The council condemned the violence.": "short condemnations nearly always name somebody",
    "Government to deport migrants in two stages": "few headlines with this verb to learn from",
    "The army violated the ceasefire on Sunday.": "breach words nearly always come with a source",
    "He said militants use Afghan soil and vowed to expel them.": "a charge without a cue verb",
    "She has deniedany wrongdoing.": "a missing blank hides the one word that tells",
}


def _case(text: str, *values: object) -> object:
    reason = KNOWN_FAILURES.get(text)
    marks = pytest.mark.xfail(reason=reason, strict=True) if reason else ()
    return pytest.param(text, *values, marks=marks)


@pytest.mark.parametrize(
    ("text", "stance"),
    [_case(text, stance) for stance, texts in MINIMUM.values() for text in texts],
)
def test_minimum_functionality(text: str, stance: str) -> None:
    assert predict(text).stance == stance


@pytest.mark.parametrize(("text", "stances"), [_case(*pair) for pair in TWO_STANCES])
def test_two_stances(text: str, stances: str) -> None:
    assert set(predict(text).stances) == set(stances.split())


FRAMES = [
    "{A} accused {B} of arming rebels along the border.",
    "{A} denied that its troops had crossed into {B}.",
    "{A} said it will send aid to {B} next week.",
    "{A} rejected the allegations made by {B} as baseless.",
    "The {A} government announced new tariffs on goods from {B}.",
    "Officials in {A} blamed {B} for the failure of the talks.",
    "A delegation from {A} visited {B} on Tuesday.",
    "“{B} is using our soil to attack us,” said an official in {A}.",
    "{A} and {B} agreed to reopen the crossing.",
    "Rain delayed the match between {A} and {B}.",
]
PLACES = ["Chad", "the United States", "Papua New Guinea", "Oslo", "Kyrgyzstan", "São Tomé", "UAE"]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("place", PLACES)
def test_names_do_not_change_the_stance(frame: str, place: str) -> None:
    as_written = frame.format(A=place, B="Peru")
    as_written = as_written[0].upper() + as_written[1:]
    base, other = predict([frame.format(A="Mali", B="Peru"), as_written])
    assert base.stance == other.stance


INVARIANT = [
    "The ministry rejected the allegations as baseless.",
    "The opposition accused the government of rigging the vote.",
    "The airline announced that it would resume flights on Monday.",
    "“These are false and repeated claims,” the spokesman said.",
    "“They are using our soil to attack us,” the minister said.",
    "The general was accused of ordering the killings in 1994.",
    "Police said they had arrested 3 men in the city.",
    "Heavy rain fell across the valley on Monday.",
    "The court rejected the motion.",
    "The company's lawyers said it hadn't paid any bribes and denied the charges.",
]
CHANGES = {
    "straight quotes": lambda t: t.translate(str.maketrans("“”‘’", "\"\"''")),
    "curly quotes": lambda t: t.replace("'", "’").replace('"', "”"),
    "no full stop": lambda t: t.rstrip("."),
    "spaces": lambda t: "  " + t.replace(" ", "  ") + "\n",
    "non-breaking spaces": lambda t: t.replace(" ", "\u00a0"),
    "other numbers": lambda t: t.replace("1994", "2021").replace(" 3 ", " 47 "),
    "upper case": str.upper,
    "a date": lambda t: t.rstrip(".") + " on 14 June.",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("text", INVARIANT)
def test_surface_does_not_change_the_main_stance(text: str, change: str) -> None:
    base, other = predict([text, CHANGES[change](text)])
    assert base.stance == other.stance


TYPOS = [
    ("The ministry rejcted the allegations as baseless.", "deny"),
    ("The company denied teh allegations.", "deny"),
    ("The opposition accussed the goverment of rigging the vote.", "accuse"),
    ("The airline anounced that it will resume flights.", "announce"),
    ("She has deniedany wrongdoing.", "deny"),
]


@pytest.mark.parametrize(("text", "stance"), [_case(*pair) for pair in TYPOS])
def test_typos(text: str, stance: str) -> None:
    assert predict(text).stance == stance


DIRECTIONS = [
    ("deny", "He discussed the allegations.", "He denied the allegations."),
    ("deny", "The firm accepted the report.", "The firm rejected the report as false."),
    ("deny", "The board rejected the offer.", "The board rejected the accusation."),
    ("deny", "The judge denied him bail.", "The judge denied the allegation."),
    ("deny", "He denied it.", "He did not deny it."),
    ("accuse", "The army entered the village.", "The army was accused of burning the village."),
    ("accuse", "They condemned the bombing.", "They condemned the army's bombing of civilians."),
    ("accuse", "The firm sells cars.", "The firm is charged with selling stolen cars."),
    ("accuse", "He spoke of the rules.", "He said they had broken the rules."),
    ("accuse", "They broke the truce.", "The ministry said they broke the truce."),
    ("announce", "The firm built a plant.", "The firm said it will build a plant."),
    ("announce", "The firm may build a plant.", "The firm will build a plant."),
    ("announce", "He threatened to resign.", "He vowed to resign."),
    ("announce", "Analysts say it will close.", "The firm says it will close."),
    ("announce", "The pact is expected.", "The pact was announced."),
    ("announce", "They urged others to help.", "They pledged to help."),
]


@pytest.mark.parametrize(
    ("stance", "less", "more"),
    DIRECTIONS,
    ids=[f"{stance}: {more}" for stance, _, more in DIRECTIONS],
)
def test_direction(stance: str, less: str, more: str) -> None:
    if more == "He did not deny it.":
        less, more = more, less
    low, high = predict([less, more])
    assert low.scores[stance] < high.scores[stance]


COUNTRIES = """Afghanistan Albania Algeria Angola Argentina Armenia Australia Austria Bangladesh
    Belarus Belgium Bolivia Botswana Brazil Bulgaria Cambodia Cameroon Canada Chad Chile China
    Colombia Croatia Cuba Denmark Ecuador Egypt Estonia Ethiopia Fiji Finland France Germany Ghana
    Greece Guyana Haiti Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica Japan
    Kazakhstan Kenya Kosovo Kuwait Latvia Lebanon Libya Malawi Malaysia Mali Malta Mexico Moldova
    Mongolia Morocco Mozambique Namibia Nepal Nicaragua Nigeria Norway Pakistan Panama Paraguay Peru
    Poland Portugal Qatar Romania Russia Rwanda Senegal Serbia Slovakia Somalia Spain Sudan Sweden
    Syria Tanzania Thailand Togo Tunisia Turkey Uganda Ukraine Uruguay Venezuela Vietnam Yemen
    Zambia Zimbabwe""".split()  # noqa: SIM905
COUNTRY = re.compile(rf"\b({'|'.join(COUNTRIES)})\b")


def test_no_country_carries_a_stance(training: Training) -> None:
    statements = corpus.load(STATEMENTS)
    frames = [text for text in statements.texts if COUNTRY.search(text)][:200]
    assert len(frames) == 200
    means = []
    for country in ["Chad", "China", "Iran", "Israel", "Jordan", "Mexico", "Pakistan", "Peru",
                    "Russia", "Turkey", "Ukraine", "United States"]:  # fmt: skip
        found = predict([COUNTRY.sub(country, frame) for frame in frames], training.model)
        means.append([np.mean([one.scores[stance] for one in found]) for stance in STANCES])
    assert np.ptp(means, axis=0).max() <= 0.03


NAME = re.compile(r"\b[A-Z][^\W\d_]+(?: [A-Z][^\W\d_]+)*")
OTHER_NAMES = ["Oslo", "Papua New Guinea", "Amara Oduya", "Chad", "Tivoli Trust", "Riga", "Unesco"]


def test_swapping_names_changes_at_most_one_main_stance_in_a_hundred(training: Training) -> None:
    statements = corpus.load(STATEMENTS)
    common = analyzer.common_words(statements.texts)
    others = itertools.cycle(OTHER_NAMES)

    def swap(match: re.Match[str]) -> str:
        is_name = not common.issuperset(match[0].lower().split())
        return next(others) if is_name else match[0]

    _, test = corpus.split(statements)
    before = predict(test.texts, training.model)
    after = predict([NAME.sub(swap, text) for text in test.texts], training.model)
    changed = sum(one.stance != other.stance for one, other in zip(before, after, strict=True))
    assert changed / len(test) <= 0.01


@pytest.mark.parametrize("stance", STANCES)
def test_probabilities_hold_on_the_test_part(stance: str, training: Training) -> None:
    _, test = corpus.split(corpus.load(STATEMENTS))
    truth = encode(test.stances)[:, STANCES.index(stance)]
    scores = np.array([found.scores[stance] for found in predict(test.texts, training.model)])
    bins = np.clip((scores * 10).astype(int), 0, 9)
    gaps = [
        abs(scores[bins == b].mean() - truth[bins == b].mean()) * np.mean(bins == b)
        for b in np.unique(bins)
    ]
    assert sum(gaps) <= 0.03
