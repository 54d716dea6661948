"""The small words of languages: those that make a sentence or a question and say nothing of what it is about.

Each list holds a language's articles, pronouns, prepositions, conjunctions, auxiliary verbs and question words; one
more holds those that deny.
"""

from collections.abc import Sequence
from itertools import pairwise

import regex

from index.analyse import UNSPACED, words

ENGLISH = frozenset(
    words(
        """
        a about above after again against all also am an and any are as at be because been before being below between
        both but by can could did do does doing done during each few for from further had has have having he her here
        hers him his how i if in into is it its itself just me more most my no nor not of off on once only or other our
        out over own same she should so some such than that the their them then there these they this those through to
        too under until up upon us very was we were what when where which while who whom whose why will with would you
        your s t d ll re ve
        """
    )
)
OTHERS = {
    language: frozenset(words(text))
    for language, text in {
        "ar": """
        في من على إلى الى عن مع هل ما ماذا متى أين اين كيف كم لماذا لم لن لا ليس هو هي هم هن هذا هذه ذلك تلك التي الذي
        الذين كان كانت يكون تكون و أو او ثم أن ان إن قد كل بين بعد قبل عند منذ حتى أي اي أية به بها له لها فيه فيها منه
        منها عليه عليها إليه إليها وهو وهي كما حول خلال عندما مما بأن لأن يتم تم من هي من هو
        """,
        "de": """
        ab aber alle allem allen aller alles als also am an ander andere anderen anderer andern anders auch auf aus bei
        beim bin bis bist da dabei damit dann das dass dasselbe dazu dein deine dem den denn der deren des dessen dich
        die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines einige er es
        etwas euch euer für gegen gewesen hab habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre
        ihrem ihren ihrer im in indem ins ist jede jedem jeden jeder jedes jene kann kein keine können könnte machen man
        manche mein meine mich mir mit nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner
        seit sich sie sind so solche soll sollte sondern sonst über um und uns unser unter viel viele vielen vom von vor
        wann war waren warum was wegen weil weiter welche welchem welchen welcher welches wem wen wenn wer werde werden
        weshalb wessen wie wieder wieso wieviel wieviele will wir wird wo wobei wodurch wofür woher wohin womit woran
        worauf woraus worden worin worüber wovon wozu wurde wurden während zu zum zur zwischen heißt
        """,
        "es": """
        a al algo algunas algunos ante antes aquel aquella como cómo con contra cual cuál cuales cuáles cuando cuándo
        cuanta cuánta cuantas cuántas cuanto cuánto cuantos cuántos de del desde donde dónde durante e el él ella ellas
        ellos en entre era eran eres es esa esas ese eso esos esta está estaba están estar estas este esto estos fue
        fueron ha haber había habían han hasta hay he la las le les lo los más me mi mis muy nada ni no nos nosotros o
        os otra otro otros para pero poco por porque qué que quien quién quienes quiénes se ser si sí sido sin sobre son
        su sus también tan tanto te tiene tienen tenía todo todos tu tus un una unas uno unos y ya yo
        """,
        "fr": """
        a à afin ai ainsi alors après au aucun aussi autre aux avait avant avec avoir ce ceci cela celle celui ces cet
        cette ceux chez combien comme comment d dans de des depuis donc dont du elle elles en encore entre est et
        étaient était été être eu eux fait fut il ils je jusque l la laquelle le lequel les lesquels leur leurs lors lui
        m ma mais me même mes moi mon n ne ni nos notre nous on ont ou où par parce pas pendant peu peut plus pour
        pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si son sont sous sur t ta te tes
        toi ton tous tout toute toutes tu un une vers vos votre vous y
        """,
        "ru": """
        а без бы был была были было быть в вам вас весь во вот все всё всего всех вы где да для до его ее её если есть
        еще ещё же за зачем и из или им их к как какая какие каким какими каких какого какое какой каком какому какую
        кем ко когда кого который которая которое которые кому кто куда ли меня мне много можно мой мы на над не него
        нее неё нет ни них но о об однако он она они оно от откуда по под почему при с сколько со так также такой там
        те тем то того тоже той только том ты у уже чего чей чем чём что чтобы чья эта эти это этого этой этот этом я
        """,
        "ur": """
        کا کی کے کو سے میں پر نے ہے ہیں تھا تھی تھے ہو ہوا ہوئی ہوئے ہوتا ہوتی ہوتے اور یا کہ جو یہ وہ اس ان کیا کون کب
        کہاں کیوں کیسے کتنا کتنی کتنے کس کسے کن کونسا کونسی کونسے بھی تو ہی تک لیے لئے ایک نہیں نہ اپنے اپنا اپنی گیا
        گئی گئے کر کرنے کرنا کرتا کرتے کرتی کیے رہا رہی رہے تھیں جس جن والا والی والے بعد ساتھ
        """,
    }.items()
}
_UNSPACED_SMALL = """
的 了 是 吗 嗎 呢 吧 谁 誰 哪 哪里 哪裡 哪些 哪个 哪個 几 幾 多少 什么 什麼 如何 怎么 怎麼 怎样 怎樣
为什么 為什麼 何时 何時 何地 是谁
は が を の です ます でした ました いつ どこ だれ 誰 何 なに どの どれ どんな なぜ いくつ いくら
ใคร อะไร ที่ไหน เมื่อไหร่ เมื่อไร เท่าไร เท่าไหร่ อย่างไร ทำไม
"""
UNSPACED_SMALL = regex.compile(
    "|".join(sorted({regex.escape(word) for word in _UNSPACED_SMALL.split()}, key=lambda word: (-len(word), word)))
)
"""A small word of Chinese, Japanese or Thai, the longest first: they stand between the words without a space."""

HAS_UNSPACED = regex.compile(rf"[{UNSPACED}]")


NEGATIONS = {
    language: frozenset(words(text))
    for language, text in {
        "ar": "لا لم لن ليس ليست غير بدون دون",
        "de": "nicht kein keine keinem keinen keiner keines nie niemals niemand nichts ohne weder",
        "en": "not no never without neither nor none nobody nothing nowhere cannot",
        "es": "no nunca jamás nadie nada ninguno ninguna ningún sin tampoco ni",
        "fr": "ne n jamais sans aucun aucune ni personne rien",
        "ru": "не нет ни никогда никто ничего без",
        "ur": "نہیں نہ بغیر",
    }.items()
}
_UNSPACED_NEGATIONS = frozenset("没有 沒有 不是 不能 不会 不會 从未 從未 ない せん".split())
"""As pairs of characters, the way `index.analyse.words` gives them."""


def denies(said: Sequence[str]) -> bool:
    """Tell whether the words of a text hold one that denies: "not", "without", the "n't" of "isn't"."""
    language = language_of(said)
    known = NEGATIONS[language] | _UNSPACED_NEGATIONS
    contracted = language == "en" and any(last == "t" and first.endswith("n") for first, last in pairwise(said))
    return contracted or not known.isdisjoint(said)


def small_words(asked: list[str]) -> frozenset[str]:
    """Return the small words of the language a question is in."""
    return OTHERS.get(language_of(asked), ENGLISH)


def language_of(asked: Sequence[str]) -> str:
    """Return the language that a question's words are in, as its code: the one that knows most of them.

    English where two know as many: "was" is German too, and "die" is no article in "When did he die?".
    """
    known = {language: sum(word in own for word in asked) for language, own in OTHERS.items()}
    best = max(known, key=lambda language: known[language])
    return best if known[best] > sum(word in ENGLISH for word in asked) else "en"
