"""Access: who may ask, by which name, and from which page."""

import hashlib
import hmac
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from impasto.errors import InputError

SHORTEST = 16
"""Characters of a token at least."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may use the service.

    Raises:
        InputError: the token is too short, or has characters that no header can carry.
    """

    token: str = ""
    """Empty where none is needed."""
    names: tuple[str, ...] = ()
    """Host names by which the service is known, beside addresses and this machine's own name."""

    def __post_init__(self) -> None:
        if self.token and (len(self.token) < SHORTEST or not _is_plain(self.token)):
            raise InputError(
                f"expected a token of {SHORTEST} or more letters, digits and signs without "
                "spaces; make one with: openssl rand -hex 24"
            )

    @property
    def session(self) -> str:
        """What a browser's cookie holds: made of the token, which it does not tell."""
        return hmac.new(self.token.encode(), b"impasto session 1", hashlib.sha256).hexdigest()

    def knows_token(self, given: str) -> bool:
        """Compare a token in constant time."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode())

    def knows_session(self, given: str) -> bool:
        """Compare a cookie in constant time."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.session.encode())

    def knows_host(self, header: str) -> bool:
        """Tell whether a Host header names this service.

        Without a token, a page anywhere could give its own name to this address (DNS rebinding)
        and be let in by the browser; such a name is never a plain address. With a token the name
        does not matter, since the browser sends the cookie to the name it got it from.
        """
        name = host_name(header)
        if not name:
            return False
        known = ("localhost", socket.gethostname().lower(), *(n.lower() for n in self.names))
        return bool(self.token) or name in known or is_address(name)


def host_name(header: str) -> str:
    """Return the name in a Host header, without port; empty if there is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Tell whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a service that is bound to `host`."""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_same_origin(origin: str, host: str) -> bool:
    """Tell whether an Origin header is that of the service's own page."""
    try:
        return urlsplit(origin).netloc.lower() == host.lower() != ""
    except ValueError:
        return False


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
