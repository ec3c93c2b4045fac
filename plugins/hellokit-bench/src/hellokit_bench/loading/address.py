"""Addresses: where HTTP requests go, which is this machine unless somebody says otherwise."""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import attrs

from hellokit_bench.errors import AddressError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT = "%/:=&?~#+!$,;'@()*[]"
_PORTS = {"http": 80, "https": 443}


@attrs.frozen
class Address:
    """Where requests go.

    Attributes:
        url: the address as it was given.
        scheme: `http` or `https`.
        host: the name or number of the machine.
        port: the port there.
        path: what is asked for, with its query; `{name}` in it is whom to greet.
        numbers: the numbers of the machine, each of which may answer.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str
    numbers: tuple[str, ...]

    def head(self, name: str, headers: Sequence[str] = ()) -> bytes:
        """Return the bytes of a request.

        Args:
            name: whom to greet.
            headers: lines such as `Accept: text/plain`, beside or instead of the usual ones.
        """
        greeted = quote(name, safe="", errors="surrogateescape")
        path = quote(self.path.replace("{name}", greeted), safe=_KEPT, errors="surrogateescape")
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port != _PORTS[self.scheme]:
            host = f"{host}:{self.port}"
        given = {line.partition(":")[0].lower() for line in headers}
        usual = {"Host": host, "User-Agent": "hellokit-load", "Accept": "*/*"}
        own = [f"{key}: {value}" for key, value in usual.items() if key.lower() not in given]
        return "\r\n".join([f"GET {path} HTTP/1.1", *own, *headers, "", ""]).encode()


def is_address(text: str) -> bool:
    """Tell an address from the name of a backend.

    >>> is_address("http://127.0.0.1:8000/"), is_address("cached+plain")
    (True, False)
    """
    return "://" in text


def find(url: str, *, allow_remote: bool = False) -> Address:
    """Return an address, when it is known where that is.

    Args:
        url: such as `http://127.0.0.1:8000/greet?name={name}`.
        allow_remote: whether it may be another machine.

    Raises:
        UsageError: if it is no address.
        AddressError: if it is not found, or is another machine and may not be.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise _refused(url) from None
    if not parts.hostname or "@" in parts.netloc:
        raise _refused(url)
    numbers = _numbers(url, parts.hostname, port)
    strangers = [number for number in numbers if not _is_loopback(number)]
    if strangers and not allow_remote:
        raise AddressError(
            f"{parts.hostname!r} ({', '.join(strangers)}) is not this machine: a load can "
            "bring a service down, so ask who runs it, then pass --allow-remote"
        )
    path = parts.path or "/"
    path = f"{path}?{parts.query}" if parts.query else path
    return Address(url, parts.scheme, parts.hostname, port, path, numbers)


def _refused(url: str) -> UsageError:
    return UsageError(
        f"{url!r} cannot be asked: use one like http://127.0.0.1:8000/greet?name={{name}}, "
        "http or https, and --header for a password"
    )


def _numbers(url: str, host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressError(
            f"{host!r} is not found ({error}): see to the name in {url!r}, or give its number"
        ) from error
    return tuple(dict.fromkeys(str(where[0]) for *_, where in found))


def _is_loopback(number: str) -> bool:
    found = ip_address(number)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_loopback
