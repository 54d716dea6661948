"""A file as its parser gets it: name, bytes, and what a person added to them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What is read. The name is for messages and for what the bytes do not tell."""

    name: str
    data: bytes
    password: str = ""
    """Opens an encrypted file; "" where none was given."""
    ocr_languages: str = ""
    """Tesseract's names of the languages of scans, such as "eng+deu"; "" where scans are not read."""
