"""Server-sent events, as the HTML standard writes them. Knows nothing of what they tell."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse

from index.errors import PinciteError
from ui.api.failures import failure, status_of

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""No proxy keeps an event back (nginx does, unless told)."""


STREAMED: dict[str, dict[str, str]] = {"text/event-stream": {}}
"""How OpenAPI describes a reply of events."""


def event(body: Mapping[str, Any] | str, name: str = "") -> str:
    """Return one event; its data is one line, since JSON writes a line break as two characters."""
    data = body if isinstance(body, str) else json.dumps(body)
    return f"event: {name}\ndata: {data}\n\n" if name else f"data: {data}\n\n"


async def event_stream(events: AsyncGenerator[str, None], failure_event: str = "error") -> StreamingResponse:
    """Return a response that streams `events`.

    What fails before the first of them is raised; what fails later is an event of the name `failure_event`.
    """
    first = await anext(events)
    return StreamingResponse(_all(first, events, failure_event), media_type="text/event-stream", headers=HEADERS)


async def _all(first: str, events: AsyncGenerator[str, None], failure_event: str) -> AsyncIterator[str]:
    async with aclosing(events):
        yield first
        try:
            async for item in events:
                yield item
        except PinciteError as error:
            yield event(failure(status_of(error), str(error)).model_dump(), failure_event)
