"""Bodies that are too large or too slow."""

import socket

import pytest

from impasto.studio.bounds import JSON_BYTES


def test_a_huge_json_is_refused_before_it_is_read(served):
    text = b'{"title": "' + b"x" * JSON_BYTES + b'"}'
    head = {"Content-Type": "application/json"}
    assert served.api.post("/jobs", content=text, headers=head).status_code == 413

    def pieces():
        yield from (text[start : start + 2**16] for start in range(0, len(text), 2**16))

    answer = served.api.post("/jobs", content=pieces(), headers=head)
    assert answer.status_code == 413
    assert "1,048,576 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["uploads", "jobs"])
def test_a_body_that_does_not_come_is_given_up(served, path, monkeypatch):
    bounds = served.app.middleware_stack
    while type(bounds).__name__ != "Bounds":
        bounds = bounds.app
    monkeypatch.setattr(bounds, "silence", 0.2)
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        head = f"POST /api/v1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
        connection.sendall(f"{head}Content-Type: image/png\r\n\r\nxyz".encode())
        connection.settimeout(20)
        answer = connection.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 408")
    assert served.app.state.service.uploading == 0
