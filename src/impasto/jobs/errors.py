"""Errors of the jobs, so that a service can answer each in its own way.

InputError
├── NotFound        no such job, upload or recipe (404)
├── Conflict        the job is not in a state for this (409)
└── LimitError      too much of something; may be tried again after a while
    ├── TooLarge    the upload has too many bytes or pixels (413); waiting does not help
    ├── QueueFull   too many jobs wait (429)
    ├── TooManyJobs this client has too many that have not ended (429)
    └── DiskFull    no room that could be made (507)
"""

from impasto.errors import InputError


class NotFound(InputError):
    """There is no such thing."""


class Conflict(InputError):
    """Not while the job is as it is."""


class LimitError(InputError):
    """A limit was reached.

    Attributes:
        retry_after: seconds after which another try may succeed; None if none will.
    """

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooLarge(LimitError):
    """An upload has too many bytes or pixels."""


class QueueFull(LimitError):
    """Too many jobs wait."""


class TooManyJobs(LimitError):
    """A client has too many jobs that have not ended."""


class DiskFull(LimitError):
    """The quota is used up by what may not be removed."""
