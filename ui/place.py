"""What a person wants to see: a sentence in its document, and the others that the same answer cites there."""

from dataclasses import dataclass

from index.types import Span

NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document."""

    document: int
    clicked: Span = NOWHERE
    """Empty where the document was opened, and no sentence of it."""
    cited: tuple[Span, ...] = ()
    """All that the answer cites of the document; the clicked one may be among them."""

    @property
    def others(self) -> tuple[Span, ...]:
        """What is cited apart from the clicked sentence and without overlap with it, in order."""
        apart = {span for span in self.cited if span.end <= self.clicked.start or self.clicked.end <= span.start}
        return tuple(sorted(span for span in apart if span.start < span.end))

    @property
    def spans(self) -> tuple[Span, ...]:
        """The clicked sentence, then the others."""
        return (self.clicked, *self.others)
