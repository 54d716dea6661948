"""The port of the page."""

import socket
from contextlib import closing

import pytest

from ui.place import PortError, listen


def test_a_taken_port_is_passed_over() -> None:
    with listen(17860) as first, listen(first.getsockname()[1]) as second:
        assert first.getsockname()[0] == second.getsockname()[0] == "127.0.0.1"
        assert second.getsockname()[1] > first.getsockname()[1]


def test_where_no_port_is_free_the_error_says_what_to_do() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 65535))
        taken.listen()
        with pytest.raises(PortError, match=r"no port from 65535 to 65535 is free: .* --port another number"):
            listen(65535)
