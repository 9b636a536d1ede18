"""Receiving: a body is written to a nameless file as it comes, never held in memory."""

from typing import IO, TYPE_CHECKING
from urllib.parse import unquote

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

HEADER_BYTES = 8192
"""Of one part of a form at most."""

_EXAMPLE = "try: curl -F file=@photo.jpg, or curl --data-binary @photo.jpg with ?name=photo.jpg"


async def receive(request: Request, file: IO[bytes]) -> str:
    """Write the picture in a request's body to a file.

    Args:
        request: its body is the picture, or a form with a field `file`.
        file: written to from its start, and left there.

    Returns:
        The name that the form gives; empty if there is none.

    Raises:
        HTTPException: the form is damaged or holds no file (422), or the type is another (415).
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == b"multipart/form-data":
        name = await _receive_form(request, file, options.get(b"boundary", b""))
    elif kind in (b"", b"application/octet-stream") or kind.startswith(b"image/"):
        name = ""
        async for piece in request.stream():
            file.write(piece)
    else:
        raise HTTPException(415, f"expected a picture or a form, got {kind.decode()}; {_EXAMPLE}")
    file.seek(0)
    return name


async def _receive_form(request: Request, file: IO[bytes], boundary: bytes) -> str:
    form = _Form(file)
    try:
        parser = MultipartParser(boundary, form.callbacks)
        async for piece in request.stream():
            parser.write(piece)
        parser.finalize()
    except (MultipartParseError, ValueError) as error:
        raise HTTPException(422, f"the form is damaged; {_EXAMPLE}") from error
    if not form.whole:
        raise HTTPException(422, f"the form has no whole field `file`; {_EXAMPLE}")
    return form.name


class _Form:
    """Picks the field `file` out of a form."""

    def __init__(self, file: IO[bytes]) -> None:
        self.name, self.whole = "", False
        self._file, self._wanted = file, False
        self._field, self._value = b"", b""
        self.callbacks: MultipartCallbacks = {
            "on_part_begin": self._part_begins,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_ends,
            "on_part_data": self._data,
            "on_part_end": self._part_ends,
        }

    def _part_begins(self) -> None:
        self._wanted, self._field, self._value = False, b"", b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]
        self._check()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._check()

    def _check(self) -> None:
        if len(self._field) + len(self._value) > HEADER_BYTES:
            raise ValueError("a header is too long")

    def _header_ends(self) -> None:
        if self._field.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._wanted = options.get(b"name") == b"file" and not self.whole
            if self._wanted:
                self.name = unquote(options.get(b"filename", b"").decode("utf-8", "replace"))
        self._field, self._value = b"", b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._wanted:
            self._file.write(data[start:end])

    def _part_ends(self) -> None:
        self.whole = self.whole or self._wanted
