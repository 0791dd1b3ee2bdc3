"""Common given names, by whether "he" or "she" stands for those who bear them."""

from __future__ import annotations

_HE = """
    aaron abdul abdullah abraham adam adrian ahmad ahmed alan albert alejandro alexander alfred
    ali allen amir anatoly andreas andrei andrew andy anthony antonio arthur asif barack barry
    ben benjamin bernard bernie bill bob boris brad brandon brendan brian bruce bryan carl
    carlos charles charlie chris christian christopher chuck clarence claude colin craig curtis
    dale damien dan daniel darren dave david dean dennis derek diego dieter dmitri dmitry
    dominic donald doug douglas duncan dwight earl ed eddie edgar eduardo edward edwin emmanuel
    enrique eric ernest eugene evan felix fernando francis francisco francois frank frans fred
    frederick gareth gary gavin geoffrey george gerald gerard gerhard giovanni giuseppe glenn
    gordon graham greg gregory gustavo guy hamid harold harry hassan hector henry herbert hideo
    hiroshi howard hugh hugo hussein ian ibrahim igor imran isaac ismail ivan jack jacob jacques
    jaime jake james jan jason javier jay jean jeff jeffrey jeremy jerome jerry jim jimmy joao
    joe joel john johnny jon jonah jonas jonathan jorge jose joseph josh joshua juan julian
    julio justin karl keith ken kenneth kevin kurt kyle lance lars larry laurent lawrence leo
    leon leonard leonid liam lou louis lucas luis luke magnus malcolm manuel marc marcel marco
    marcus mario mark martin marvin mathieu matthew maurice max michael michel miguel mike
    mikhail mitch mitt mohamed mohammad mohammed morris muhammad nathan neil nelson nicholas
    nick nigel nikolai norman oleg oliver omar oscar osama otto owen pablo patrick paul pavel
    pedro peter phil philip philippe pierre rafael raj rajesh ralph ramon randy raul ray raymond
    ricardo richard rick rob robert roberto rodney roger roland ron ronald rory ross roy rudy
    rupert russell ryan salman sam samuel santiago scott sean sebastian sergei sergey sergio
    seth shawn shinzo sidney simon stanley stefan stephen steve steven stuart sven ted terrence
    terry theodore thomas tim timothy toby todd tom tommy tony trevor vernon victor vincent
    viktor vladimir walter warren wayne wendell wilfred wilhelm will willem william xavier
    yasser yuri yusuf zachary
"""
_SHE = """
    abigail ada adele agnes aisha alexandra alice alicia alison allison amanda amber amelia amy
    ana andrea angela angelina anita ann anna anne annette annie audrey barbara beatrice bella
    bernadette beth betty beverly bianca bonnie brenda bridget brigitte camila carla carmen
    carol carolina caroline carolyn catherine cecilia charlotte cheryl chloe christina christine
    cindy claire clara claudia connie courtney cynthia daisy daniela danielle debbie deborah
    debra denise diana diane dianne dolores donna dora doris dorothy edith eileen elaine eleanor
    elena elisabeth eliza elizabeth ella ellen eloise elsa emily emma erica erin esther ethel
    eva evelyn faith fatima fiona florence frances francesca gabriela gail gemma georgia
    geraldine gertrude gina giulia gloria grace greta gwen hannah harriet heather heidi helen
    helena hilary hillary hope ida ingrid irene irina iris isabel isabella ivana jacqueline jane
    janet janice jasmine jean-marie jeanne jenna jennifer jenny jessica jill joan joanna joanne
    josephine joy joyce judith judy julia julie june karen kate katherine kathleen kathryn kathy
    katie katrina kelly kim kirsten kristen kristin laura lauren laurie layla leah leila lena
    leslie leticia lillian lily linda lisa liz lois loretta lorraine louisa louise lucia lucy
    luisa lydia lynn mabel madeleine maggie malala marcia marcy margaret margarita maria marian
    marie marilyn marina marine marion marjorie marlene marta martha mary matilda maureen maya
    meg megan melania melanie melinda melissa meredith mia michelle mildred miriam molly monica
    nadia nancy naomi natalia natalie natasha nicola nicole nina nora norma olga olivia paige
    pamela patricia patty paula pauline peggy penelope penny petra phyllis priscilla priya
    rachel rebecca renee rhonda rita roberta rosa rose rosemary roxanne ruth sabrina sally
    samantha sandra sara sarah sasha selma shannon sharon sheila shelley shirley silvia simone
    sonia sophia sophie stacey stella stephanie sue susan susanna suzanne svetlana sylvia tamara
    tanya tara tatiana teresa theresa tiffany tina tracey tracy ursula valentina valerie vanessa
    vera veronica victoria violet virginia vivian wendy winifred yasmin yolanda yvette yvonne
    zainab zoe
"""
GENDER_OF_NAME = dict.fromkeys(_HE.split(), "he") | dict.fromkeys(_SHE.split(), "she")
