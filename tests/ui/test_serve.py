"""How the server ends, with the signals and the sockets that it has in earnest."""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from typing import NamedTuple

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ui.serve import PageServer


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


async def cut_off(request: Request) -> Response:
    press_ctrl_c()
    await asyncio.Event().wait()
    raise AssertionError("nothing wakes it")


async def let_finish(request: Request) -> Response:
    press_ctrl_c()
    return Response("at the last moment")


async def press_again(request: Request) -> Response:
    press_ctrl_c()
    await asyncio.sleep(0)
    press_ctrl_c()
    return Response("at the last moment")


async def fail(request: Request) -> Response:
    press_ctrl_c()
    raise RuntimeError("the disk is full")


Answer = Callable[[Request], Awaitable[Response]]


class Served(NamedTuple):
    """What a client got, and how often the server told others to end."""

    reply: bytes
    endings: int


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Served]]:
    """Serve one request until Ctrl-C, which comes while it is answered."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener, closing(socket.socket()) as client:

        def serve(answer: Answer) -> Served:
            endings: list[str] = []
            client.connect(listener.getsockname())
            client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            server = PageServer(Starlette(routes=[Route("/", answer)]), [lambda: endings.append("ended")])
            with pytest.raises(KeyboardInterrupt):
                server.run(sockets=[listener])
            return Served(client.recv(10_000), len(endings))

        yield serve


@pytest.mark.parametrize("answer", [let_finish, press_again])
def test_ctrl_c_lets_an_answer_finish_and_says_nothing_however_often_it_is_pressed(
    serve: Callable[[Answer], Served], answer: Answer, capfd: pytest.CaptureFixture[str]
) -> None:
    served = serve(answer)

    assert served.reply.endswith(b"at the last moment")
    assert served.endings == 1
    assert capfd.readouterr() == ("", "")


def test_what_takes_too_long_after_ctrl_c_is_cut_off_without_a_word(
    serve: Callable[[Answer], Served], capfd: pytest.CaptureFixture[str]
) -> None:
    assert b"200 OK" not in serve(cut_off).reply
    assert capfd.readouterr() == ("", "")


def test_what_fails_after_ctrl_c_is_told(serve: Callable[[Answer], Served], capfd: pytest.CaptureFixture[str]) -> None:
    assert b"500 Internal Server Error" in serve(fail).reply
    assert "RuntimeError: the disk is full" in capfd.readouterr().err
