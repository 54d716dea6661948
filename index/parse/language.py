"""The language of a text, for splitting its sentences. Uses py3langid (Lui and Baldwin, 2012)."""

import threading

from index.errors import LibraryError

SAMPLE_CHARACTERS = 4_000
SHORTEST_SAMPLE = 60
"""A few words tell no language: "hello" comes out as Breton."""
_ONE_AT_A_TIME = threading.Lock()
"""py3langid loads its model with the first call, which takes a second: threads that come meanwhile would do so, too."""


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the text's language, "" where there is too little to tell.

    Raises: LibraryError where the system has no room for the temporary file through which py3langid loads its model.
    """
    sample = text[:SAMPLE_CHARACTERS]
    if len(sample.strip()) < SHORTEST_SAMPLE:
        return ""
    import py3langid

    try:
        with _ONE_AT_A_TIME:
            code, _ = py3langid.classify(sample)
    except OSError as error:
        raise LibraryError(f"no temporary file can be written ({error.strerror}): free some space there") from error
    return str(code) if len(code) == 2 else ""
