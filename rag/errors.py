"""Errors of the way from a question to an answer; they belong to the tree in `index.errors`.

PinciteError
├── QuestionError            the question cannot be asked as it is
├── SettingsError            a setting cannot be read
├── DownloadError            a model cannot be downloaded
├── EvaluationError          an evaluation set cannot be read
├── RerankerError            a reranker cannot be opened or asked
└── GeneratorError           a generator cannot write
    ├── ModelError           a model file cannot be loaded
    └── ContextOverflow      the prompt does not fit the model's context
"""

from index.errors import PinciteError


class QuestionError(PinciteError):
    """The question cannot be asked as it is: empty, or far too long."""


class SettingsError(PinciteError):
    """A setting cannot be read."""


class DownloadError(PinciteError):
    """A model cannot be downloaded."""


class EvaluationError(PinciteError):
    """An evaluation set, or a file of questions, cannot be read as it is."""


class RerankerError(PinciteError):
    """A reranker cannot be opened or asked."""


class GeneratorError(PinciteError):
    """A generator cannot write."""


class ModelError(GeneratorError):
    """A model file cannot be loaded."""


class ContextOverflow(GeneratorError):
    """The prompt does not fit the model's context."""
