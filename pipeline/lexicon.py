"""Reporting words by family: a rare verb is scored with the family it belongs to.

The families follow event codebooks (CAMEO 01, 03, 04, 11, 012, 016; PLOVER ACCUSE, REJECT) and the
verb classes of VerbNet (judgment, say, promise) and FrameNet (Judgment_communication, Statement,
Commitment). Verbs are listed by their base form; `inflect` writes out the others.
"""

from __future__ import annotations

import re

_VERBS = {
    "ACCUSE": """accuse blame allege denounce slam blast castigate decry lambast lambaste rebuke
        indict sue implicate incriminate excoriate impugn assail scold berate chide upbraid
        reproach censure vilify fault malign""",
    "CHARGE": "charge claim contend complain prosecute arraign",
    "CONDEMN": "condemn criticise criticize deplore attack protest lament",
    "DENY": """deny refute rebut disavow disclaim deride debunk disprove gainsay
        repudiate contradict""",
    "REJECT": "reject dismiss dispute decry discount scoff contest challenge brush",
    "REFUSE": "refuse decline oppose resist rebuff spurn veto",
    "ANNOUNCE": "announce unveil declare proclaim disclose reveal release publish",
    "VOW": "vow pledge promise swear commit undertake guarantee offer volunteer",
    "AGREE": "agree decide resolve opt elect choose accept consent",
    "PLAN": "plan intend aim prepare seek",
    "ORDER": "order impose approve launch sign appoint authorise authorize ban lift suspend",
    "SAY": """say tell add state note write tweet post explain reply respond comment remark argue
        testify recount describe recall quip observe""",
    "INSIST": "insist maintain assert affirm reiterate stress emphasise emphasize underline",
    "CONFIRM": "confirm acknowledge admit concede confess report inform indicate",
    "URGE": "urge call demand ask appeal request plead encourage beg press warn threaten",
    "HOPE": "hope expect believe think fear worry suggest predict forecast estimate consider wish",
    "HARM": """kill murder torture massacre bomb shell abuse rape kidnap abduct persecute oppress
        intimidate harass sabotage undermine provoke destabilise destabilize interfere meddle
        manipulate falsify fabricate mislead deceive lie steal embezzle bribe launder smuggle
        defraud cheat rig violate breach flout infringe infiltrate shelter harbour harbor sponsor
        incite conspire plot collude conceal betray exploit discriminate defame trespass""",
    "FAIL": "fail neglect ignore botch mishandle",
}

_WORDS = {
    "ACCUSATION": """accusation accusations allegation allegations claims insinuation insinuations
        assertion assertions suspicion suspicions complaint complaints lawsuit lawsuits charges
        indictment indictments""",
    "DENIAL": "denial denials rebuttal rebuttals disclaimer",
    "REPORT": "report reports rumour rumours rumor rumors speculation suggestion suggestions",
    "FALSE": """false untrue baseless unfounded groundless fabricated fabrication fabrications
        fictitious bogus nonsense absurd ridiculous preposterous ludicrous spurious invented
        concocted unsubstantiated lie lies fake hoax smear slander libel malicious misleading
        incorrect inaccurate defamatory outrageous farcical laughable hogwash rubbish fiction
        falsehood falsehoods propaganda slanderous hearsay""",
    "PROPOSAL": """proposal proposals offer offers demand demands bid bids request requests plan
        plans plea appeal appeals resolution motion petition deal draft bill compromise ultimatum
        invitation application bail ceasefire truce referendum peace talks calls amendment""",
    "WRONG": """abuse abuses corruption fraud bribery bribes torture genocide terrorism crimes
        crime violation violations breach breaches aggression misconduct wrongdoing negligence
        embezzlement theft massacre atrocities harassment espionage treason conspiracy collusion
        interference meddling provocation provocations sabotage cover-up discrimination racism
        plagiarism perjury extortion murder rape assault war-crimes persecution repression
        incitement complicity hypocrisy irregularities rigging cheating sexism""",
    "WRONGED": """illegal illegally unlawful unlawfully responsible guilty complicit corrupt
        dishonest deliberately deliberate systematically unprovoked fraudulent fraudulently
        culpable reckless recklessly hypocritical unconstitutional""",
    "ALLEGED": "alleged allegedly purported purportedly supposed supposedly reputedly",
    "BLAMELESS": "innocence innocent involvement knowledge role link links responsibility",
    "NEGATION": "not n't never no nothing neither nor none nobody without cannot",
    "WILL": "will 'll shall won't",
    "WOULD": "would 'd",
    "MODAL": "may might could can should must",
    "BE": "be is are was were been being am 's 're",
    "HAVE": "has have had having",
    "FIRST": "i we our us my me ourselves",
    "OFFICIAL": """minister ministry spokesman spokeswoman spokesperson official officials
        president government officer prosecutors prosecutor authorities police army military
        ambassador envoy secretary governor mayor senator commissioner""",
    "STATEMENT": "statement announcement communique declaration communiqué",
}

_IRREGULAR = {
    "say": "says said saying",
    "tell": "tells told telling",
    "write": "writes wrote written writing",
    "think": "thinks thought thinking",
    "swear": "swears swore sworn swearing",
    "choose": "chooses chose chosen choosing",
    "undertake": "undertakes undertook undertaken undertaking",
    "seek": "seeks sought seeking",
    "lie": "lied lying",
    "steal": "steals stole stolen stealing",
    "mislead": "misleads misled misleading",
    "betray": "betrays betrayed betraying",
    "admit": "admits admitted admitting",
    "commit": "commits committed committing",
    "plan": "plans planned planning",
    "ban": "bans banned banning",
    "rig": "rigs rigged rigging",
    "plot": "plots plotted plotting",
    "rebut": "rebuts rebutted rebutting",
    "abet": "abets abetted abetting",
    "slam": "slams slammed slamming",
    "quip": "quips quipped quipping",
    "kidnap": "kidnaps kidnapped kidnapping",
}


def inflect(verb: str) -> set[str]:
    """Write out the forms of an English verb.

    Examples
    --------
    >>> sorted(inflect("deny"))
    ['denied', 'denies', 'deny', 'denying']
    >>> sorted(inflect("accuse"))
    ['accuse', 'accused', 'accuses', 'accusing']
    """
    if verb in _IRREGULAR:
        return {verb, *_IRREGULAR[verb].split()}
    if verb.endswith("e"):
        return {verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"}
    if re.search(r"[^aeiou]y$", verb):
        return {verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"}
    plural = "es" if re.search(r"(s|x|z|ch|sh)$", verb) else "s"
    return {verb, f"{verb}{plural}", f"{verb}ed", f"{verb}ing"}


def _families() -> dict[str, str]:
    family_of: dict[str, str] = {}
    for family, verbs in _VERBS.items():
        for verb in verbs.split():
            for form in inflect(verb):
                family_of.setdefault(form, family)
    for family, words in _WORDS.items():
        for word in words.split():
            family_of[word] = family
    return family_of


FAMILY_OF = _families()
