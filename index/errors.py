"""Errors of the library of documents. Every message says what happened, what was got, and the next step.

PinciteError                 the root: the command line and the page show it as one line
├── ReadError                a file cannot be turned into a document
│   ├── EmptyDocument        it holds no text
│   ├── UnsupportedFormat    no parser takes it
│   ├── PasswordNeeded       it is encrypted
│   ├── LimitReached         reading it takes more time, memory or room than it may
│   └── ReadingStopped       reading was ended while it was read
├── LibraryError             the library on disk cannot be used
│   ├── LibraryLocked        another process is writing
│   ├── LibraryTooNew        made by a newer version of Pincite
│   ├── LibraryFull          no space is left on the disk
│   ├── VectorsError         the server of the vectors cannot be used
│   └── BackupError          an exported library cannot be written or read
├── NotInLibrary             no such document, or nothing of such a name
├── CollectionError          a collection cannot be called so
└── EmbedderError            an embedder cannot be loaded, or its weights are not the expected ones
"""


class PinciteError(Exception):
    """Anything Pincite can explain to a person in one line."""


class ReadError(PinciteError):
    """A file cannot be turned into a document."""


class EmptyDocument(ReadError):
    """A file holds no text."""


class UnsupportedFormat(ReadError):
    """No parser takes this file."""


class PasswordNeeded(ReadError):
    """A file is encrypted, and no password or a wrong one was given."""


class LimitReached(ReadError):
    """Reading a file takes more time, memory or room than it may, or crashed its reader."""


class ReadingStopped(ReadError):
    """Reading was ended while this file was read, or waited for it."""


class LibraryError(PinciteError):
    """The library on disk cannot be used."""


class LibraryLocked(LibraryError):
    """Another process is writing to the library."""


class LibraryTooNew(LibraryError):
    """The library was made by a newer version of Pincite."""


class LibraryFull(LibraryError):
    """No space is left on the disk that holds the library."""


class VectorsError(LibraryError):
    """The server that holds the vectors cannot be used."""


class BackupError(LibraryError):
    """An exported library cannot be written or read."""


class NotInLibrary(PinciteError):
    """Nothing in the library answers to this name."""


class CollectionError(PinciteError):
    """A collection cannot be called so."""


class EmbedderError(PinciteError):
    """An embedder cannot be loaded, or its weights are not the expected ones."""
