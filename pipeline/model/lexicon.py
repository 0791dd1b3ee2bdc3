"""News words by family: a rare verb is scored with the family it belongs to.

The families follow event codebooks (CAMEO 01, 03, 04, 11, 012, 016; PLOVER ACCUSE, REJECT) and the
verb classes of VerbNet (judgment, say, promise) and FrameNet (Judgment_communication, Statement,
Commitment). Verbs are listed by their base form, nouns by the singular. A word that several
families list belongs to the first.
"""

from __future__ import annotations

import re

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
    "feel": "feels felt feeling",
    "hold": "holds held holding",
    "stand": "stands stood standing",
    "shoot": "shoots shot shooting",
    "strike": "strikes struck striking",
    "hit": "hits hitting",
    "fight": "fights fought fighting",
    "give": "gives gave given giving",
    "send": "sends sent sending",
    "pay": "pays paid paying",
    "lend": "lends lent lending",
    "spend": "spends spent spending",
    "begin": "begins began begun beginning",
    "set": "sets setting",
    "cut": "cuts cutting",
    "shut": "shuts shutting",
    "meet": "meets met meeting",
    "fly": "flies flew flown flying",
    "speak": "speaks spoke spoken speaking",
    "leave": "leaves left leaving",
    "flee": "flees fled fleeing",
    "go": "goes went gone going",
    "come": "comes came coming",
    "run": "runs ran running",
    "rise": "rises rose risen rising",
    "fall": "falls fell fallen falling",
    "grow": "grows grew grown growing",
    "win": "wins won winning",
    "lose": "loses lost losing",
    "lead": "leads led leading",
    "beat": "beats beaten beating",
    "see": "sees saw seen seeing",
    "know": "knows knew known knowing",
    "understand": "understands understood understanding",
    "find": "finds found finding",
    "hear": "hears heard hearing",
    "read": "reads reading",
    "build": "builds built building",
    "make": "makes made making",
    "sell": "sells sold selling",
    "buy": "buys bought buying",
    "become": "becomes became becoming",
    "keep": "keeps kept keeping",
    "spread": "spreads spreading",
    "hide": "hides hid hidden hiding",
    "freeze": "freezes froze frozen freezing",
    "withdraw": "withdraws withdrew withdrawn withdrawing",
    "quit": "quits quitting",
    "show": "shows showed shown showing",
    "break": "breaks broke broken breaking",
    "take": "takes took taken taking",
    "beg": "begs begged begging",
    "drop": "drops dropped dropping",
    "stop": "stops stopped stopping",
    "ban": "bans banned banning",
    "bar": "bars barred barring",
    "scrap": "scraps scrapped scrapping",
    "admit": "admits admitted admitting",
    "commit": "commits committed committing",
    "plan": "plans planned planning",
    "rig": "rigs rigged rigging",
    "plot": "plots plotted plotting",
    "rebut": "rebuts rebutted rebutting",
    "slam": "slams slammed slamming",
    "rap": "raps rapped rapping",
    "quip": "quips quipped quipping",
    "kidnap": "kidnaps kidnapped kidnapping",
    "submit": "submits submitted submitting",
    "permit": "permits permitted permitting",
    "refer": "refers referred referring",
    "occur": "occurs occurred occurring",
    "stab": "stabs stabbed stabbing",
    "nab": "nabs nabbed nabbing",
    "travel": "travels travelled traveled travelling traveling",
    "cancel": "cancels cancelled canceled cancelling canceling",
    "expel": "expels expelled expelling",
    "compel": "compels compelled compelling",
    "blackmail": "blackmails blackmailed blackmailing",
    "slip": "slips slipped slipping",
    "transfer": "transfers transferred transferring",
    "shun": "shuns shunned shunning",
    "curb": "curbs curbed curbing",
    "defer": "defers deferred deferring",
    "try": "tries tried trying",
}


def inflect(verb: str) -> dict[str, str]:
    """Return the forms of an English verb.

    Parameters
    ----------
    verb : str
        Base form.

    Returns
    -------
    dict of str to str
        Each form, and its ending: nothing, ``s``, ``ed`` (past and participle) or ``ing``.

    Examples
    --------
    >>> inflect("deny")
    {'deny': '', 'denies': 's', 'denied': 'ed', 'denying': 'ing'}
    >>> inflect("say")
    {'say': '', 'says': 's', 'said': 'ed', 'saying': 'ing'}
    """
    if verb in _IRREGULAR:
        return {verb: "", **{form: _ending(form) for form in _IRREGULAR[verb].split()}}
    if verb.endswith("e"):
        stem = verb[:-1]
        return {verb: "", f"{verb}s": "s", f"{verb}d": "ed", f"{stem}ing": "ing"}
    if re.search(r"[^aeiou]y$", verb):
        stem = verb[:-1]
        return {verb: "", f"{stem}ies": "s", f"{stem}ied": "ed", f"{verb}ing": "ing"}
    return {verb: "", _plural(verb): "s", f"{verb}ed": "ed", f"{verb}ing": "ing"}


def _ending(form: str) -> str:
    return next((ending for ending in ("ing", "s") if form.endswith(ending)), "ed")


def _plural(noun: str) -> str:
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    if noun.endswith("man"):
        return f"{noun[:-3]}men"
    return f"{noun}es" if re.search(r"(s|x|z|ch|sh)$", noun) else f"{noun}s"


def _verbs(words: str) -> dict[str, str]:
    return {form: end for verb in words.split() for form, end in inflect(verb).items()}


def _nouns(words: str) -> dict[str, str]:
    return {form: "" for noun in words.split() for form in (noun, _plural(noun))}


def _words(words: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), "")


_FAMILIES = {
    "INSULT": _nouns(
        """liar crook coward dictator thug criminal traitor hypocrite racist bigot demagogue
        tyrant extremist terrorist puppet mouthpiece mercenary fraudster predator bully
        warmonger murderer killer butcher occupier aggressor oppressor invader menace conman
        charlatan stooge lackey proxy henchman crony culprit perpetrator"""
    ),
    "ILLWILL": _words(
        """hatred bigotry prejudice paranoia divisive divisiveness mean-spirited nasty rude
        ignorant ignorance weak weakness cynical cynicism outrage outraged insulting insult
        insults offensive demeaning degrading toxic vile vicious vitriol vitriolic
        inflammatory incendiary provocative hateful bigoted xenophobic xenophobia islamophobic
        islamophobia misogynist misogyny sexist racist intolerance intolerant extremism
        extremist fearmongering scaremongering demagoguery cruel heartless callous inhuman
        immoral unethical unconscionable despicable appalling horrific monstrous savage
        blatant flagrant gross brazen sham farce mockery travesty charade stunt"""
    ),
    "BADFAITH": _words(
        """pretext excuse scapegoat ploy plot agenda vendetta politically-motivated ulterior
        motive motives motivated bad-faith hypocritical double-standard selective unilateral
        unilaterally illegitimate rigged stolen undemocratic undemocratically disproportionate
        excessive indiscriminate indiscriminately heavy-handed politicised politicized
        weaponised weaponized one-sided blackmail smokescreen distraction divert"""
    ),
    "FAILURE": _words(
        """refusal failure failures inaction incompetence incompetent unwillingness inability
        handling negligence mishandling disregard contempt indifference complacency silence
        delay delays lapse lapses blunder blunders mistake mistakes error errors shortcomings
        neglect"""
    ),
    "SUPPRESS": _verbs(
        """silence muzzle gag stifle crush suppress trample repress victimise victimize scapegoat
        target punish terrorise terrorize terrify humiliate insult mock ridicule threaten
        inflame stoke divide weaken endanger jeopardise jeopardize hinder obstruct impede
        hamper thwart derail evade dodge duck renege backtrack defy disregard disrespect
        offend hurt damage poison pollute starve deprive rob"""
    ),
    "FALSE": _words(
        """false untrue baseless unfounded groundless fabricated fabrication fictitious bogus
        nonsense absurd ridiculous preposterous ludicrous spurious invented concocted
        unsubstantiated lie lies fake hoax smear slander libel malicious misleading incorrect
        inaccurate defamatory outrageous farcical laughable hogwash fiction falsehood propaganda
        slanderous hearsay untruth wrong-headed far-fetched fantasy witch-hunt mischievous
        meritless frivolous distorted disinformation misinformation rubbish garbage malarkey
        myth contrived"""
    ),
    "NEGATION": _words("not n't never no nothing neither nor none nobody without cannot hardly"),
    "WILL": _words("will 'll shall"),
    "WOULD": _words("would 'd"),
    "MODAL": _words("may might could can should must ought"),
    "BE": _words("be is are was were been being am 's 're"),
    "HAVE": _words("has have had having"),
    "WRONG": _nouns(
        """abuse corruption fraud bribery bribe torture genocide terrorism crime violation breach
        aggression misconduct wrongdoing negligence embezzlement theft massacre atrocity
        harassment espionage treason conspiracy collusion interference meddling provocation
        sabotage cover-up discrimination racism plagiarism perjury extortion murder rape assault
        persecution repression incitement complicity hypocrisy irregularity rigging cheating
        sexism bias dishonesty betrayal laundering trafficking smuggling cruelty brutality
        oppression slavery antisemitism lying spying hacking doping cartel kickback backsliding
        cleansing mistreatment ill-treatment mismanagement malpractice inaction intimidation
        coercion impunity nepotism cronyism"""
    ),
    "ALLEGED": _words(
        """alleged allegedly purported purportedly supposed supposedly reputedly suspected"""
    ),
    "ACCUSATION": _nouns(
        """accusation allegation insinuation assertion suspicion complaint lawsuit indictment
        criticism condemnation"""
    ),
    "DENIAL": _nouns("denial rebuttal disclaimer rejection dismissal"),
    "CLAIMS": _words("claims charges"),
    "REPORT": _nouns(
        """report reports rumour rumor speculation suggestion story article account notion idea
        hint implication"""
    ),
    "ACCUSE": _verbs(
        """accuse blame allege denounce slam blast castigate decry lambast lambaste rebuke indict
        sue implicate incriminate excoriate impugn assail scold berate chide upbraid reproach
        censure vilify fault malign rap skewer savage pillory chastise charge-sheet finger"""
    ),
    "CHARGE": _verbs("charge claim contend complain prosecute arraign"),
    "CONDEMN": _verbs("condemn criticise criticize deplore protest lament decry bemoan object"),
    "DENY": _verbs(
        """deny refute rebut disavow disclaim deride debunk disprove gainsay repudiate contradict
        dispute dispel downplay"""
    ),
    "REJECT": _verbs("reject dismiss scoff brush discount pooh-pooh trash shrug"),
    "REFUSE": _verbs("refuse decline oppose resist rebuff spurn veto contest challenge balk shun"),
    "ANNOUNCE": _verbs(
        """announce unveil declare proclaim disclose reveal publicise publicize herald"""
    ),
    "VOW": _verbs("vow pledge promise swear undertake guarantee assure"),
    "OFFER": _verbs("offer volunteer propose suggest recommend submit table invite"),
    "AGREE": _verbs("agree decide resolve opt elect choose accept consent concur settle"),
    "PLAN": _verbs("plan intend aim prepare schedule"),
    "ORDER": _verbs(
        """order instruct direct authorise authorize decree mandate oblige require compel command
        summon"""
    ),
    "ENACT": _verbs(
        """impose approve sign adopt pass ratify enact endorse lift ease repeal revoke overturn
        grant waive extend renew amend"""
    ),
    "APPOINT": _verbs(
        """appoint name nominate hire recruit promote install designate assign reinstate"""
    ),
    "RESIGN": _verbs("resign quit retire sack fire oust dismissal replace remove demote suspend"),
    "SAY": _verbs(
        """say tell add state note write tweet post explain reply respond comment remark testify
        recount describe recall quip observe mention clarify elaborate joke narrate relate quote
        cite email"""
    ),
    "ARGUE": _verbs(
        """argue insist maintain assert affirm reiterate stress emphasise emphasize underline
        counter retort stand defend reaffirm avow aver hold"""
    ),
    "CONFIRM": _verbs(
        """confirm acknowledge admit concede confess report inform indicate verify attest recognise
        recognize show"""
    ),
    "URGE": _verbs(
        """urge call demand ask appeal request plead encourage beg press pressure exhort implore
        lobby advise petition"""
    ),
    "WARN": _verbs("warn threaten caution alert"),
    "HOPE": _verbs(
        """hope expect believe think fear worry predict forecast estimate consider wish doubt
        wonder imagine assume guess anticipate feel suppose suspect reckon mull weigh
        contemplate"""
    ),
    "PRAISE": _verbs(
        """praise welcome hail thank congratulate commend applaud laud salute support back salute
        honour honor celebrate appreciate admire"""
    ),
    "HARM": _verbs(
        """murder torture massacre abuse rape kidnap abduct persecute oppress intimidate harass
        sabotage undermine provoke destabilise destabilize interfere meddle manipulate falsify
        fabricate mislead deceive lie steal embezzle bribe launder smuggle defraud cheat rig
        violate breach flout infringe infiltrate shelter harbour harbor sponsor incite conspire
        plot collude conceal betray exploit discriminate defame trespass loot plunder extort
        blackmail fund arm coerce bully demonise demonize distort spread foment instigate
        orchestrate perpetrate commit hide siphon pocket divert misuse misappropriate usurp
        annex encroach hack leak"""
    ),
    "FAIL": _verbs("fail neglect ignore botch mishandle mismanage abandon squander"),
    "ARREST": _verbs(
        """arrest detain jail imprison seize raid confiscate apprehend nab capture intercept
        impound custody handcuff"""
    ),
    "EXPEL": _verbs(
        """expel deport evict banish repatriate exile extradite recall return relocate displace"""
    ),
    "KILL": _verbs(
        """kill wound injure die shoot bomb shell attack strike ambush explode behead stab hit
        destroy burn execute crash collapse drown perish fire storm invade pound"""
    ),
    "FIGHT": _verbs(
        """fight clash battle advance retreat deploy patrol march rally gather block stage occupy
        surround besiege"""
    ),
    "GIVE": _verbs(
        """give provide deliver send supply donate pay contribute allocate distribute transfer
        finance lend award hand spend invest assist help aid serve"""
    ),
    "START": _verbs(
        """begin start launch open resume introduce establish initiate set inaugurate create form
        found roll kick"""
    ),
    "STOP": _verbs(
        """stop end halt cancel close shut postpone withdraw pull cut delay scrap freeze ban bar
        prohibit restrict curb reduce slash limit abolish dissolve terminate disband"""
    ),
    "MEET": _verbs(
        """meet visit travel attend host discuss negotiate talk arrive fly speak address join
        convene consult mediate"""
    ),
    "LEAVE": _verbs("leave flee escape go come move walk run cross enter reach"),
    "CHANGE": _verbs(
        """rise fall increase grow drop decrease climb jump soar slump surge plunge double expand
        shrink gain slip"""
    ),
    "VOTE": _verbs("vote win lose campaign poll defeat beat lead trail"),
    "KNOW": _verbs(
        """see know understand learn find discover hear read watch look realise realize remember
        notice"""
    ),
    "WANT": _verbs("want need like love seek try attempt strive"),
    "RULE": _verbs(
        """sentence convict rule acquit uphold plead fine quash remand adjourn bail overrule file"""
    ),
    "PROBE": _verbs(
        """investigate probe examine inquire review search audit inspect study assess question
        interrogate interview monitor"""
    ),
    "MAKE": _verbs(
        """build make produce develop construct design manufacture print release publish issue
        broadcast air sell buy acquire purchase merge trade export import"""
    ),
    "SHOW": _verbs("appear seem remain become stay keep continue"),
    "PROTECT": _verbs("protect secure ensure safeguard preserve guard rescue save free treat"),
    "PROPOSAL": _nouns(
        """proposal offer demand bid request plea appeal resolution motion petition deal bill
        compromise ultimatum invitation application bail ceasefire cease-fire truce referendum
        peace call calls amendment solution entry access permission visa mediation draft roadmap
        settlement election result verdict terms condition precondition"""
    ),
    "WRONGED": _words(
        """illegal illegally unlawful unlawfully responsible guilty complicit corrupt dishonest
        deliberately deliberate systematically unprovoked fraudulent fraudulently culpable
        reckless recklessly hypocritical unconstitutional racist brutal brutally unfair unfairly
        unjust biased criminal terrorist heinous barbaric inhumane shameful disgraceful cowardly
        irresponsible negligent arbitrary arbitrarily secretly covertly knowingly falsely
        wrongly wrongfully"""
    ),
    "BLAMELESS": _words(
        """innocence innocent involvement knowledge role link links responsibility ties connection
        liability plans intention"""
    ),
    "DO": _words("do does did"),
    "I": _words("i"),
    "WE": _words("we us ourselves our me my"),
    "HE": _words("he she they it"),
    "HIS": _words("his her their its him them himself itself themselves"),
    "YOU": _words("you your"),
    "THAT": _words("that"),
    "WH": _words("who which whose where when what how why whether"),
    "IF": _words("if unless until"),
    "BUT": _words("but however although though while despite whereas yet"),
    "BECAUSE": _words("because since due so therefore after before amid following"),
    "AND": _words("and or"),
    "THIS": _words("this these those such there"),
    "OFFICIAL": _nouns(
        """minister spokesman spokeswoman spokesperson official president officer prosecutor
        ambassador envoy secretary governor mayor senator commissioner chief premier chancellor
        diplomat chairman chairwoman chair director head deputy leader general commander
        lawmaker legislator councillor mp mps representative adviser aide candidate nominee
        congressman magistrate sheriff spokespeople king prince pope bishop cardinal"""
    ),
    "STATE": _nouns(
        """government ministry authority authorities police army military administration cabinet
        parliament senate congress council commission committee agency department state navy
        troops forces coalition embassy regime junta house office union republic kingdom country
        nation federation bureau regulator watchdog"""
    ),
    "GROUP": _nouns(
        """group party opposition rebel militant insurgent fighter protester demonstrator activist
        faction militia gunman separatist movement organisation organization association
        campaigner student worker striker supporter critic lawyer attorney expert analyst
        observer monitor researcher"""
    ),
    "PEOPLE": _nouns(
        """people resident family villager citizen man woman child refugee migrant victim witness
        relative mother father farmer teacher doctor nurse soldier civilian voter patient
        passenger neighbour neighbor community"""
    ),
    "COMPANY": _nouns(
        """company bank firm maker airline manufacturer operator supplier executive shareholder
        investor factory plant carmaker brand industry employer"""
    ),
    "COURT": _nouns(
        """court judge tribunal jury trial hearing prosecution counsel case inquiry investigation
        probe sentence prison jail custody detention"""
    ),
    "MEDIA": _nouns(
        """reporter journalist newspaper television radio interview tweet website newsletter press
        media conference news blog twitter facebook"""
    ),
    "STATEMENT": _nouns(
        """statement announcement communique declaration communiqué letter speech email e-mail memo
        briefing remark comment"""
    ),
    "WEAPON": _nouns(
        """missile rocket weapon drone gun rifle explosive tank warship jet grenade mine"""
    ),
    "VIOLENCE": _nouns(
        """attack bombing war conflict violence explosion shooting fighting assassination killing
        incident shelling offensive crackdown operation invasion riot unrest coup uprising"""
    ),
    "CASUALTY": _nouns("dead wounded injured casualty death toll body corpse"),
    "DECISION": _nouns(
        """decision move policy plan law legislation measure reform sanction step programme program
        project initiative scheme strategy budget tariff tax decree agreement treaty accord pact"""
    ),
    "ECON": _nouns(
        """price profit revenue sale share market rate economy growth inflation percent cent per
        debt loan cost wage salary dollar euro pound billion million trillion yuan rupee barrel
        tonne"""
    ),
    "TIME": _words(
        """today yesterday tomorrow week month year day hour morning night evening afternoon
        weekend earlier later last next recently ago now soon already"""
    ),
    "PLACE": _nouns(
        """city province border village town capital region district soil territory area coast
        island port airport frontier street road camp site south north east west"""
    ),
    "ELECTION": _nouns("ballot election seat majority turnout primary delegate debate caucus"),
    "GOOD": _words(
        """good great best important right strong clear positive proud confident glad happy success
        progress peaceful constructive friendly historic wonderful"""
    ),
    "BAD": _words(
        """bad worse worst terrible dangerous serious difficult tragic sad sorry concerned worried
        afraid angry disappointed poor weak wrong unacceptable unfortunate"""
    ),
    "SOURCE": _words("according citing quoted"),
    "AGAINST": _words("against"),
    "OF": _words("of"),
    "OVER": _words("over about regarding concerning"),
    "FOR": _words("for"),
    "BY": _words("by"),
    "TO": _words("to"),
    "AS": _words("as"),
}
FAMILY_OF = {form: family for family in reversed(_FAMILIES) for form in _FAMILIES[family]}
ENDING_OF = {form: _FAMILIES[family][form] for form, family in FAMILY_OF.items()}
# Families that make the frame of a statement: who says what of a charge, a plan or a proposal.
FRAME_FAMILIES = frozenset(
    """ACCUSE CHARGE CONDEMN DENY REJECT REFUSE ANNOUNCE VOW OFFER AGREE PLAN ORDER SAY ARGUE
    CONFIRM URGE WARN HOPE PRAISE HARM SUPPRESS FAIL FAILURE ARREST PROBE RULE ACCUSATION CLAIMS
    DENIAL REPORT FALSE PROPOSAL WRONG WRONGED INSULT ILLWILL BADFAITH GOOD BAD ALLEGED BLAMELESS
    NEGATION WILL WOULD MODAL BE HAVE I WE HE STATEMENT OFFICIAL
    """.split()  # noqa: SIM905
)
# Families that show a source: somebody says, holds or confirms, or is cited.
SOURCE_FAMILIES = frozenset({"SAY", "ARGUE", "CONFIRM", "SOURCE"})

# How titles are shortened before a name; with a full stop they end no sentence.
TITLE_ABBREVIATIONS = (  # noqa: SIM905
    "Mr Mrs Ms Mx Dr Sen Rep Gov Gen Lt Col Sgt Capt Maj Cmdr Adm Prof Rev Hon Pres Sens Reps Govs "
    "Supt Insp Amb Atty Cpl Pvt Brig St"
).split()
_TITLES = """mr mrs ms mx dr sir dame lord lady justice doctor professor captain major colonel
    sergeant lieutenant admiral brigadier marshal commodore corporal private inspector
    superintendent constable detective father sister brother reverend imam rabbi sheikh ayatollah
    archbishop queen princess duke duchess baron baroness judge premier chancellor ambassador
    former acting interim outgoing incoming deputy vice assistant associate prime senior junior
    under undersecretary vice-president secretary-general president-elect"""
# What stands before a person's name and is no part of it, beside the offices of OFFICIAL.
TITLES = frozenset(
    [*_TITLES.split()]
    + [f"{short.lower()}." for short in TITLE_ABBREVIATIONS]
    + [short.lower() for short in TITLE_ABBREVIATIONS if short != "St"]
)
MALE_TITLES = frozenset(
    "mr. mr sir lord spokesman chairman congressman businessman king prince brother duke".split()  # noqa: SIM905
)
FEMALE_TITLES = frozenset(
    """mrs. mrs ms. ms dame lady spokeswoman chairwoman congresswoman businesswoman queen princess
    sister mother actress duchess baroness""".split()  # noqa: SIM905
)
# What ministers and ministries are for: "Minister for Social Affairs", "Health and Care Board".
PORTFOLIOS = frozenset(
    """affairs agriculture aid armed arts asylum budget business care children civil climate
    commerce communications communities community companies competition consumer cooperation
    corruption crime crimes cultural culture customs data defence defense development digital
    disability domestic drug drugs economic economy education electoral electricity emergencies
    emergency employment energy enterprise environment environmental equality equalities ethics
    europe european exchange external families family finance financial fisheries food foods foreign
    forestry forests gas gender growth health heritage higher home homeland housing human
    immigration industrial industry information infrastructure innovation insurance integration
    intelligence interior internal international investment irrigation justice labor labour land
    lands law legal local management maritime migration mineral minerals mines mining national
    natural nuclear oil operations parks parliamentary pensions petroleum planning police policy
    political population ports power privacy public railways reconstruction reform refugees regional
    regulatory relations religious reporting research resources revenue rights roads rural safety
    sanitation science securities security services skills social space sport sports standards
    state statistics strategic supply sustainable tax taxation technology telecommunications
    territorial tobacco tourism trade traditional training transport transportation treasury urban
    veterans war waste water weights welfare wildlife women work works youth""".split()  # noqa: SIM905
)

# What turns a stance into none where it stands before it, with nothing but these words between.
NEGATORS = frozenset(
    """not n't never nobody none neither nor without yet short refused refuses refuse declined
    declines decline""".split()  # noqa: SIM905
)
BETWEEN = frozenset(
    """be been being have has had to of also ever publicly formally explicitly directly openly
    officially""".split()  # noqa: SIM905
)
NEGATED_FAMILIES = frozenset({"ACCUSE", "ANNOUNCE", "DENY"})

# What is denied to somebody, which is no denial; and what shows before it that it is one after all.
DENYING = frozenset("deny denies denied denying".split())  # noqa: SIM905
WITHHELD = frozenset(
    """access entry entrance admission passage bail parole asylum visa visas permit permits
    permission licence licences license licenses landing food medicine medicines water treatment
    credentials accreditation citizenship passport passports clearance custody visitation benefits
    funding loan loans tenure justice opportunity services seat seats request requests appeal
    appeals application applications petition petitions motion motions bid extradition compensation
    pension pensions coverage refuge shelter""".split()  # noqa: SIM905
)
CHARGED_FAMILIES = frozenset(
    {"REPORT", "CLAIMS", "ACCUSATION", "WRONG", "ALLEGED", "BLAMELESS", "STATEMENT"}
)
