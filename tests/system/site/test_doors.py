"""Checks 10 to 12, 15 to 18 and 27: who gets in where, and what is told to whom."""

import json
import time
import urllib.parse
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.support import hostile_files as files
from tests.support.people import Guest, exchange, form_of

pytestmark = pytest.mark.late
LEAKS = ("Traceback", "DJANGO", "urlpatterns", "webapp.", "settings", "/site-packages/", "SECRET_KEY", "sqlite")


@pytest.fixture
def attacked(alice: Guest) -> dict[str, Any]:
    """Alice's picture and her finished attack on it."""
    picture = alice.upload(files.saved(files.scene(), "PNG"))
    return {"picture": picture, "job": alice.wait(alice.attack(picture))}


def test_10_what_is_anothers_is_404(alice: Guest, bob: Guest, attacked: dict, note) -> None:
    picture, job = attacked["picture"], attacked["job"]
    reading = [
        picture["url"],
        f"/api/v1/images/{picture['id']}",
        f"/api/v1/jobs/{job['id']}",
        f"/api/v1/jobs/{job['result']['sweep_job']}",
        f"/lab/{job['id']}/",
        job["result"]["sign_url"],
        job["result"]["adversarial"]["image_url"],
    ]
    assert {alice.send("GET", path, None, {})[0] for path in reading} == {200}
    assert {bob.send("GET", path, None, {})[0] for path in reading} == {404}
    changing = [
        ("DELETE", f"/api/v1/images/{picture['id']}"),
        ("DELETE", f"/api/v1/jobs/{job['id']}"),
        ("POST", f"/api/v1/jobs/{job['id']}/points/1"),
        ("POST", f"/api/v1/jobs/{job['id']}/share"),
        ("DELETE", f"/api/v1/jobs/{job['id']}/share"),
    ]
    assert {bob.call(method, path)[0] for method, path in changing} == {404}
    near = [neighbour(path, picture["id"], job["id"]) for path in reading[1:3]]
    assert {bob.send("GET", path, None, {})[0] for path in near} == {404}
    note(f"{len(reading)} addresses to read, {len(changing)} to change, {len(near)} neighbouring ids: 404")


def test_11_sockets_are_for_our_own_pages(alice: Guest, bob: Guest, attacked: dict, note) -> None:
    job = attacked["job"]["id"]
    with alice.follow(job) as socket:
        assert json.loads(socket.recv())["id"] == job
    told = []
    for person, origin in ((alice, "https://evil.example"), (alice, None), (alice, "null"), (bob, bob.url)):
        with pytest.raises(InvalidStatus) as refused, person.follow(job, origin=origin):
            pass
        told.append(refused.value.response.status_code)
    note(f"foreign Origin, none, null, another's job: {told}")
    assert set(told) == {403}


@pytest.mark.alone
def test_12_epsilons_that_are_none_are_refused_in_a_tenth_of_a_second(alice: Guest, attacked: dict, note) -> None:
    before = len(alice.call("GET", "/api/v1/jobs")[1])
    start = {"kind": "attack", "image": attacked["picture"]["id"], "classifier": "imagenet-lite0", "attack": "fgsm"}
    wrong = ["NaN", "Infinity", "-Infinity", "-1", "33", "1e308", "2.5", '"2"', '""', "[1]", "true", "null", "{}"]
    bodies = [json.dumps(start | {"params": {}})[:-2] + f'{{"epsilon": {value}}}}}' for value in wrong]
    bodies += [json.dumps(start | {"params": {"epsilon": 2, "steps": 10**9}})]
    slowest = 0.0
    for body in bodies:
        begun = time.perf_counter()
        status, answer = alice.send("POST", "/api/v1/jobs", body.encode(), {"Content-Type": "application/json"})
        slowest = max(slowest, time.perf_counter() - begun)
        assert 400 <= status < 500, (body, status, answer)
        json.loads(answer, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert len(alice.call("GET", "/api/v1/jobs")[1]) == before
    note(f"{len(bodies)} orders: 4xx and no row, slowest {slowest * 1e3:.0f} ms")
    assert slowest < 0.1


def test_15_changes_need_the_pages_token(alice: Guest, live, note) -> None:
    body, headers = form_of(files.saved(files.scene(), "PNG"))
    cookie = {"Cookie": alice.headers["Cookie"]}
    token = {"X-CSRFToken": alice.headers["X-CSRFToken"]}
    tries = [
        cookie | headers,
        cookie | headers | {"X-CSRFToken": "a" * 32},
        cookie | headers | token | {"Origin": "https://evil.example"},
        cookie | headers | token | {"Origin": "null"},
    ]
    for path in ("/api/v1/images", "/upload/"):
        assert {send(live.url, "POST", path, body, sent)[0] for sent in tries} == {403}
    assert send(live.url, "POST", "/api/v1/images", body, cookie | headers | token | {"Origin": live.url})[0] == 201
    note("without token, with a wrong one, from a foreign Origin, from Origin null: 403")


def test_16_errors_tell_nothing_of_the_inside(live, note) -> None:
    secret = live.data / "secret.key"
    answers = [
        send(live.url, "GET", path, None, {}) for path in ("/nothing/", "/.env", "/admin/nothing/", "/api/v1/nothing")
    ]
    answers.append(send(live.url, "GET", "/", None, {"Host": "evil.example"}))
    answers.append(send(live.url, "GET", "/%ff", None, {}))
    assert [status for status, _ in answers[:4]] == [404, 404, 302, 404] and answers[4][0] == 400
    assert not any(leak in body for _, body in answers for leak in LEAKS)
    assert secret.stat().st_mode & 0o777 == 0o600 and len(secret.read_text()) >= 50
    note(f"{[status for status, _ in answers]}, nothing told; secret.key is {secret.stat().st_mode & 0o777:o}")


@pytest.mark.walk
def test_17_guessable_passwords_are_refused(live, note) -> None:
    for name, password in (
        ("admin", "admin"),
        ("admin", "gibbon"),
        ("root", "root"),
        ("test", "test"),
        ("gibbon", "gibbon"),
    ):
        assert not logs_in(live.url, name, password)
    assert logs_in(live.url, "admin", live.password)
    assert live.console.count(live.password) == 1
    note(f"refused; the first password has {len(live.password)} random characters and was printed once")


@pytest.mark.walk
def test_18_wrong_passwords_are_throttled_by_account_and_address(live, note) -> None:
    statuses = [login(live.url, "mallory", f"wrong{number}")[0] for number in range(20)]
    assert statuses[0] == 200 and statuses[-1] == 429, statuses
    assert int(login(live.url, "mallory", "again")[1]["retry-after"]) > 0
    assert logs_in(live.url, "admin", live.password)  # another account at the same address
    note(f"429 from try {statuses.index(429) + 1}; another account's right password still works")


def test_27_the_headers_are_the_best_there_are(live, alice: Guest, note) -> None:
    _status, headers, _body = exchange(live.url, "GET", "/", None, {})
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "permissions-policy" in headers and "server" not in headers
    note(policy)


# --- Helpers ------------------------------------------------------------------------------------------------------


def neighbour(path: str, *ids: str) -> str:
    """The same address with the next id."""
    for one in ids:
        path = path.replace(one, f"{one[:-1]}{(int(one[-1], 16) + 1) % 16:x}")
    return path


def send(url: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str]:
    """(status, text)."""
    status, _headers, text = exchange(url, method, path, body, headers)
    return status, text


def login(url: str, name: str, password: str) -> tuple[int, dict[str, str]]:
    """(status, headers) of a try at the admin's door; 302 is in."""
    _status, page, _text = exchange(url, "GET", "/admin/login/", None, {})
    cookie = page["set-cookie"].partition(";")[0]
    token = cookie.partition("=")[2]
    form = urllib.parse.urlencode({"username": name, "password": password, "csrfmiddlewaretoken": token})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    return exchange(url, "POST", "/admin/login/?next=/admin/", form.encode(), headers)[:2]


def logs_in(url: str, name: str, password: str) -> bool:
    return login(url, name, password)[0] == 302
