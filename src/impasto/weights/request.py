"""Ask for a file over HTTP, by the standard library; the only module that touches the network.

Addresses are https, or http on this machine (for tests and local mirrors); redirects obey the same
rule. Proxies are those of the environment (HTTPS_PROXY, NO_PROXY).
"""

import http.client
import ipaddress
import urllib.error
import urllib.request
from http.client import HTTPMessage
from typing import IO
from urllib.parse import urlsplit


class Cut(Exception):
    """The connection broke before the end; what came is kept, and another attempt may go on."""


class Unusable(Exception):
    """An address that does not give the file, whatever the number of attempts."""


def opened(address: str, headers: dict[str, str], timeout: float) -> http.client.HTTPResponse:
    """Open a connection; redirects are followed.

    Args:
        address: of the file.
        headers: beside our own.
        timeout: seconds without an answer.

    Raises:
        Cut: it may work another time.
        Unusable: it will not.
    """
    request = urllib.request.Request(
        address, headers={"User-Agent": "impasto", "Accept-Encoding": "identity", **headers}
    )
    opener = urllib.request.build_opener(_Redirects())
    try:
        response: http.client.HTTPResponse = opener.open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code >= 500 or error.code in (408, 429):
            raise Cut(f"HTTP {error.code} {error.reason}") from error
        if error.code != 416 or "Range" not in headers:
            raise Unusable(f"HTTP {error.code} {error.reason}") from error
        return opened(address, {}, timeout)  # nothing is left to send: begin again
    except (OSError, http.client.HTTPException) as error:
        raise Cut(worded(error)) from error
    return response


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        check_scheme(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def check_scheme(address: str) -> None:
    """Raise Unusable for an address that is neither https nor on this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return
    raise Unusable(f"only https addresses are allowed, got {address}")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def worded(error: Exception) -> str:
    """Say in a few words why a connection broke."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return "the server does not answer in time"
    return (reason.strerror if isinstance(reason, OSError) else "") or str(reason) or repr(reason)
