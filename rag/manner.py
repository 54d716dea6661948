"""How an answer is wanted: how many passages are read for it, how freely it is written, and in which language."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

PASSAGES = 5
"""How many are read where nobody says."""
MOST_PASSAGES = 10
"""As many as have their sentences scored (`rag.answer.CANDIDATES`)."""
AUTO = "auto"
"""As the name of a language: the question's."""


class Strictness(StrEnum):
    """How freely a model may write."""

    AUTO = "auto"
    """As its size allows: a small model only quotes."""
    STRICT = "strict"
    """Quotations and a few fixed words between them, whatever the model."""
    GROUNDED = "grounded"
    """Its own words, each sentence of which cites, whatever the model."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language that a model can be told to write in."""

    name: str
    """In English, as a model is told."""
    own_name: str
    letters: str = ""
    """One of each further script that it is written in beside the one of its own name."""


LANGUAGES: Mapping[str, Language] = {
    "ar": Language("Arabic", "العربية"),
    "de": Language("German", "Deutsch"),
    "en": Language("English", "English"),
    "es": Language("Spanish", "Español"),
    "fr": Language("French", "Français"),
    "hi": Language("Hindi", "हिन्दी"),
    "ja": Language("Japanese", "日本語", "あア"),
    "ru": Language("Russian", "Русский"),
    "th": Language("Thai", "ไทย"),
    "ur": Language("Urdu", "اردو"),
    "zh": Language("Chinese", "中文"),
}
"""Those that a sentence can begin in: their small words are known (`rag.function_words`), or they have no capitals."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer is written."""

    passages: int = PASSAGES
    """The most passages that are read anew for it, from 1 to `MOST_PASSAGES`."""
    strictness: Strictness = Strictness.AUTO
    code: str = AUTO
    """Of the language, a key of `LANGUAGES`, or "auto"."""

    @property
    def language(self) -> Language | None:
        """The language that a model is told to write in; None leaves it to the question."""
        return LANGUAGES.get(self.code)


AS_USUAL = Manner()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is said of one answer; None leaves it to the settings. The values are those of the settings."""

    passages: int | None = None
    strictness: str | None = None
    language: str | None = None

    def said(self) -> dict[str, object]:
        """Return what was said, by the settings' keys."""
        wishes = {"passages": self.passages, "strictness": self.strictness, "language": self.language}
        return {name: wish for name, wish in wishes.items() if wish is not None}


NO_WISHES = Wishes()


def wishes_for(manner: Manner) -> Wishes:
    """Return wishes that lead to this manner, whatever the settings are."""
    return Wishes(manner.passages, manner.strictness.value, manner.code)
