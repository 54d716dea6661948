"""What reading one file may take, and who else reads: the settings of `index.parse.reader`."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """Limits for each file, and how files are read."""

    seconds: float = 120.0
    """From the file's bytes to its text; ten times as long where scans are read."""
    memory_mib: int = 1_024
    """Address space of the process that reads, where the system keeps to it (Linux)."""
    max_file_mib: int = 512
    """A larger file is not read at all."""
    max_characters: int = 20_000_000
    """Of a document's text; all of Shakespeare has 5 million."""
    workers: int = min(4, max(1, (os.cpu_count() or 1) // 2))
    """Processes that read at the same time; embedding needs the rest of the machine."""
    ocr_languages: str = ""
    """Tesseract's names of the languages of scans, such as "eng+deu"; "": scans are not read."""

    @property
    def seconds_allowed(self) -> float:
        """The seconds one file may take."""
        return self.seconds * (10 if self.ocr_languages else 1)


READER_SETTINGS = ReaderSettings()
"""The limits where nobody sets others."""
