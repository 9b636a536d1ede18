"""Who gets in: tokens, cookies, hosts, origins; and the headers of every answer."""

import pytest

from impasto.errors import InputError
from impasto.studio.access import Access, host_name, is_loopback, is_same_origin
from impasto.studio.guard import COOKIE, local_path
from impasto.studio.server import Place, address


@pytest.fixture
def guarded(serving, token, monkeypatch):
    monkeypatch.setattr("impasto.studio.guard.PENALTY", 0.0)
    monkeypatch.setattr("impasto.studio.login.PENALTY", 0.0)
    with serving(access=Access(token=token)) as served:
        yield served


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_without_the_token_nothing_is_told(guarded, token):
    paths = ["/jobs", "/jobs/0123456789abcdef", "/uploads", "/metrics", "/openapi.json", "/x"]
    for path in paths:
        for head in ({}, bearer(token + "x"), bearer(token[:-1]), {"Authorization": token}):
            answer = guarded.api.get(path, headers=head)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"
    assert guarded.api.post("/uploads", content=b"x").status_code == 401
    assert guarded.api.get("/jobs", headers=bearer("tökén-of-many-letters".encode())).is_error
    assert guarded.api.get("/jobs", headers=bearer(token)).status_code == 200


def test_health_and_readiness_need_no_token(guarded):
    assert guarded.api.get("/health").status_code == 200
    assert guarded.api.get("/ready").status_code == 503


def test_a_token_in_the_address_becomes_a_cookie_once(guarded, token):
    answer = guarded.http.get("/", params={"token": token, "job": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?job=1")
    cookie = answer.headers["set-cookie"]
    assert token not in cookie
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert guarded.http.get("/").status_code == 200  # httpx keeps cookies
    guarded.api.cookies.set(COOKIE, guarded.access.session)
    assert guarded.api.get("/jobs").status_code == 200
    guarded.api.cookies.set(COOKIE, token)
    assert guarded.api.get("/jobs").status_code == 401


def test_the_page_asks_for_the_token(guarded, token):
    answer = guarded.http.get("/", params={"job": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2F%3Fjob%3D1")
    assert guarded.http.get("/", params={"token": "wrong"}).headers["location"].startswith("/login")
    assert 'type="password"' in guarded.http.get("/login").text
    wrong = guarded.http.post("/login", data={"token": "wrong"})
    assert wrong.status_code == 401
    assert "not the token" in wrong.text
    right = guarded.http.post("/login", params={"next": "/?job=1"}, data={"token": token})
    assert (right.status_code, right.headers["location"]) == (303, "/?job=1")
    assert guarded.http.get("/").status_code == 200


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_a_login_leads_to_no_other_site(guarded, token, path):
    answer = guarded.http.post("/login", params={"next": path}, data={"token": token})
    assert answer.headers["location"].startswith("/")
    assert not answer.headers["location"].startswith(("//", "/\\"))
    assert local_path(path)[1] not in "/\\"


def test_a_name_that_was_rebound_is_refused(served):
    for host in ("evil.example", "evil.example:7860", "127.0.0.1.evil.example", ""):
        answer = served.api.get("/jobs", headers={"Host": host})
        assert answer.status_code == 400
    for host in ("localhost", "127.0.0.1:1", "[::1]:7860", "192.168.1.7"):
        assert served.api.get("/jobs", headers={"Host": host}).status_code == 200


def test_a_name_of_its_own_is_known(serving):
    with serving(access=Access(names=("Studio.lan",))) as served:
        assert served.api.get("/jobs", headers={"Host": "studio.lan:80"}).status_code == 200
        assert served.api.get("/jobs", headers={"Host": "other.lan"}).status_code == 400


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 404),
        ({}, 404),
    ],
)
def test_another_sites_page_changes_nothing(served, head, status):
    assert served.api.delete("/jobs/0123456789abcdef", headers=head).status_code == status
    own = {"Origin": served.url}
    assert served.api.delete("/jobs/0123456789abcdef", headers=own).status_code == 404


def test_a_cookie_is_no_help_to_another_site(guarded):
    guarded.api.cookies.set(COOKIE, guarded.access.session)
    head = {"Origin": "https://evil.example"}
    assert guarded.api.post("/jobs", json={}, headers=head).status_code == 403


def test_every_answer_has_its_headers(served):
    for path in ("/", "/login", "/api/v1/jobs", "/api/v1/nothing", "/api/v1/health"):
        answer = served.http.get(path, headers={"Origin": "https://evil.example"})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers
    assert served.api.get("/jobs").headers["cache-control"] == "no-store"
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert served.api.request("OPTIONS", "/jobs", headers=preflight).status_code == 405


def test_a_page_is_mounted_behind_the_guard(serving, token):
    def page(app, jobs):
        app.add_api_route("/", lambda: {"jobs": jobs.jobs().total})

    with serving(access=Access(token=token), page=page) as served:
        assert served.http.get("/").status_code == 303
        assert served.http.get("/", headers=bearer(token)).json() == {"jobs": 0}


@pytest.mark.parametrize("token", ["short", "with a space in between", "ünïcode-of-many-letters"])
def test_a_bad_token_is_refused_at_the_start(token):
    with pytest.raises(InputError, match="openssl rand"):
        Access(token=token)


def test_other_networks_need_a_token_or_a_word():
    for host in ("0.0.0.0", "192.168.1.7", "::", "workstation"):
        with pytest.raises(InputError, match="--insecure"):
            Place(host).check("", insecure=False)
        Place(host).check("a token", insecure=False)
        Place(host).check("", insecure=True)
    for host in ("127.0.0.1", "localhost", "::1", "127.8.9.1"):
        Place(host).check("", insecure=False)
        assert is_loopback(host)


def test_a_taken_port_gives_way_only_if_it_may():
    with Place(port=0).listen() as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port}: address already in use"):
            Place(port=port, exactly=True).listen()
        with Place(port=port).listen() as other:
            assert port < other.getsockname()[1] <= port + 20
            assert address("0.0.0.0", other) == f"http://127.0.0.1:{other.getsockname()[1]}/"
    with pytest.raises(InputError, match="cannot listen at 192"):
        Place("192.0.2.1").listen()


def test_hosts_and_origins_are_read_as_browsers_write_them():
    assert host_name("Localhost.:80") == "localhost"
    assert host_name("[::1]:80") == "::1"
    assert host_name("[::1") == host_name("") == ""
    assert is_same_origin("https://A.example:8", "a.example:8")
    assert not is_same_origin("https://a.example", "a.example:8")
    assert not is_same_origin("null", "")
