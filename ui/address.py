"""Where a server listens, by which names it may be called there, and whether a login is needed. Knows no page."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.types import ASGIApp

from index.errors import PinciteError
from ui.access import AccessError, AccessFile
from ui.guard import LOCAL_NAMES, Guard, Reach
from ui.limits import Limits
from ui.login import Login
from ui.sessions import Sessions
from ui.slowing import Slowing

HOST = "127.0.0.1"
PORTS_TRIED = 100


class PortError(PinciteError):
    """No port is free to serve the page on, or the address is not one of this machine's."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a person said about where to serve. Nothing said: this machine alone, without a login."""

    host: str = HOST
    names: tuple[str, ...] = ()
    """Names by which others call the server, such as that of a proxy before it."""
    login: bool = False
    """A login even on this machine alone, which others may use, too."""

    @property
    def is_local(self) -> bool:
        """Whether nobody on another machine can reach it directly."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def needs_login(self) -> bool:
        """Whether somebody else may reach it."""
        return self.login or bool(self.names) or not self.is_local

    @property
    def reach(self) -> Reach:
        """By what it may be called."""
        if self.is_local:
            return Reach(LOCAL_NAMES | {self.host, *self.names})
        own = socket.gethostname().lower()
        return Reach(LOCAL_NAMES | {self.host, own, f"{own}.local", *self.names}, takes_addresses=True)

    def url(self, port: int) -> str:
        """Return the address to open on this machine."""
        host = HOST if self.host in ("0.0.0.0", "::") else self.host
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def check_login(address: Address, file: AccessFile) -> None:
    """Refuse to serve where a login is needed and nobody can log in. Raises: AccessError."""
    if address.needs_login and file.load().is_empty:
        raise AccessError(
            "others could reach this server, and nobody can log in yet: pincite user add NAME makes a user,"
            " pincite token add NAME a token for a program"
        )


def protect(
    app: ASGIApp, address: Address, file: AccessFile, before_login: Callable[[ASGIApp], ASGIApp] = lambda app: app
) -> ASGIApp:
    """Return `app` behind all that keeps others out. `before_login` puts before the login what needs none."""
    known = Login(app, file, Sessions(), Slowing()) if address.needs_login else app
    return Guard(Limits(before_login(known)), address.reach)


def listen(port: int, host: str = HOST) -> socket.socket:
    """Return a listening socket on the first free port from `port` on. Raises: PortError."""
    end = min(port + PORTS_TRIED, 65536)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, end):
        listener = socket.socket(family)
        if os.name != "nt":  # There it would let two servers share a port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen()
        except socket.gaierror as error:
            listener.close()
            raise PortError(f"{host} is no address of this machine: give --host one, or 0.0.0.0 for all") from error
        except OSError:
            listener.close()
        else:
            return listener
    raise PortError(f"no port from {port} to {end - 1} is free: close another program or give --port another number")
