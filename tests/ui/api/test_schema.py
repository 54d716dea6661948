"""Whatever is sent to the API, within its description and beyond: the server does not fail, and replies as it says."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from serving import served

from index.library import Library
from rag.generators import ExtractiveGenerator

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


OPERATIONS = {
    ("/v1/answer", "POST"),
    ("/v1/chat/completions", "POST"),
    ("/v1/documents", "GET"),
    ("/v1/models", "GET"),
    ("/v1/models/{id}", "GET"),
    ("/v1/passages/{id}", "GET"),
    ("/v1/search", "POST"),
}
ANYTHING_GOES = {("/v1/documents", "GET"), ("/v1/models", "GET"), ("/v1/models/{id}", "GET")}
"""What takes nothing that could be wrong."""


@pytest.fixture(scope="module")
def schema(library: Library) -> Iterator[Any]:
    with served(library, ExtractiveGenerator()) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")


def test_every_operation_is_tried_below(schema: Any) -> None:
    found = [result.ok() for result in schema.get_all_operations()]

    assert {(operation.path, operation.method.upper()) for operation in found} == OPERATIONS


WITHIN = [(*operation, GenerationMode.POSITIVE) for operation in sorted(OPERATIONS)]
BEYOND = [(*operation, GenerationMode.NEGATIVE) for operation in sorted(OPERATIONS - ANYTHING_GOES)]


@pytest.mark.parametrize(("path", "method", "mode"), [*WITHIN, *BEYOND])
def test_no_request_makes_the_server_fail(schema: Any, path: str, method: str, mode: GenerationMode) -> None:
    @given(schema[path][method].as_strategy(generation_mode=mode))
    @settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def check(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    check()
