"""A client of the service, so that a laptop uses a workstation.

Example:
    >>> from impasto.client import Client  # doctest: +SKIP
    >>> with Client("http://workstation:7860", token) as client:  # doctest: +SKIP
    ...     content, style = client.upload("photo.jpg"), client.upload("painting.jpg")
    ...     job = client.submit(content.id, [style.id], recipe="draft")
    ...     client.save_result(client.wait(job.id).id, "out.png")
"""

from impasto.client.client import Client
from impasto.client.connection import Refused, Unauthorized, Unreachable

__all__ = ["Client", "Refused", "Unauthorized", "Unreachable"]
