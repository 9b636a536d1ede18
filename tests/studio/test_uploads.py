"""Pictures handed in by HTTP: what is taken, what is refused, and in which words."""

import httpx


def problem(answer: httpx.Response, status: int) -> str:
    """Check that an answer is a problem; return its sentence."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    return answer.json()["detail"]


def test_a_form_and_a_body_give_the_same_upload(served, picture):
    form = served.api.post("/uploads", files={"file": ("a b.jpg", picture(), "image/jpeg")})
    body = served.api.post("/uploads", content=picture(), params={"name": "other.png"})
    assert form.status_code == body.status_code == 201
    assert form.json() == body.json()
    found = form.json()
    assert (found["name"], found["kind"]) == ("a b.jpg", "png")  # by its content
    assert (found["width"], found["height"], found["bytes"]) == (32, 24, len(picture()))
    assert form.headers["location"] == f"/api/v1/uploads/{found['id']}"
    assert served.api.get(f"/uploads/{found['id']}").json() == found
    assert served.api.get("/uploads").json()["items"] == [found]


def test_the_picture_comes_back_as_it_was(served, picture):
    answer = served.api.get(f"/uploads/{served.uploaded()}/picture")
    assert answer.content == picture()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_other_fields_of_a_form_are_passed_over(served, picture):
    files = [("other", ("x", b"x" * 100)), ("file", ("a.png", picture())), ("file", ("b", b"b"))]
    assert served.api.post("/uploads", files=files).json()["bytes"] == len(picture())


def test_what_is_no_picture_is_refused(served):
    answer = served.api.post("/uploads", files={"file": ("photo.jpg", b"<html>hello</html>")})
    assert "photo.jpg" in problem(answer, 422)
    assert problem(served.api.post("/uploads", content=b""), 422)
    assert served.api.get("/uploads").json()["items"] == []


def test_a_form_without_a_file_is_refused(served, picture):
    lacking = served.api.post("/uploads", files={"picture": ("a.png", picture())})
    assert "no whole field `file`" in problem(lacking, 422)
    head = {"Content-Type": "multipart/form-data; boundary=b"}
    cut = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + picture()
    assert "no whole field" in problem(served.api.post("/uploads", content=cut, headers=head), 422)
    damaged = served.api.post("/uploads", content=b"nothing of it", headers=head)
    assert "damaged" in problem(damaged, 422)
    long = b"--b\r\nX: " + b"x" * 9000 + b"\r\n\r\n"
    assert "damaged" in problem(served.api.post("/uploads", content=long, headers=head), 422)


def test_another_type_is_refused(served):
    assert "application/json" in problem(served.api.post("/uploads", json={}), 415)


def test_too_many_bytes_are_refused_said_or_not(serving):
    with serving(upload_bytes=10_000) as served:
        data = b"\x89PNG\r\n\x1a\n" + bytes(200_000)
        assert "10,000 bytes" not in problem(served.api.post("/uploads", content=data), 413)

        def pieces():
            for start in range(0, len(data), 1000):
                yield data[start : start + 1000]

        assert "allowed" in problem(served.api.post("/uploads", content=pieces()), 413)
        within_form = data[:20_000]  # fits the request's limit, not the upload's
        assert "10,000 bytes" in problem(served.api.post("/uploads", content=within_form), 413)
        assert list(served.jobs.home.incoming.rglob("*.*")) == list(
            served.jobs.home.incoming.glob("*.lock")
        )


def test_too_many_pixels_are_refused(serving, picture):
    with serving(pixels=700) as served:
        assert "700 pixels" in problem(served.api.post("/uploads", content=picture()), 413)


def test_names_are_only_shown(served, picture):
    named = {"name": "../../etc/pass\0wd\n.png"}
    problem(served.api.post("/uploads", content=picture(), params=named), 422)
    path = {"name": "../../etc/passwd"}
    answer = served.api.post("/uploads", content=picture(), params=path)
    assert answer.json()["name"] == "passwd"


def test_too_many_uploads_at_once_are_put_off(served, picture, monkeypatch):
    monkeypatch.setattr("impasto.studio.api.uploads.UPLOADING", 0)
    answer = served.api.post("/uploads", content=picture())
    assert "try again" in problem(answer, 429)
    assert answer.headers["retry-after"] == "5"
