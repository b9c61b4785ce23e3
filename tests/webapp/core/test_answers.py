"""Whatever is asked, the answer is a sentence in the caller's shape: no traceback, no settings, no addresses."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.test import AsyncRequestFactory, RequestFactory

from tests.support.cast import Person, sentence_of
from webapp.core.middleware import without_nul
from webapp.core.uploads import strict_uploads
from webapp.lab import views

LEAKS = (b"Traceback", b"webapp", b"SECRET", b"urlpatterns", b"DEBUG", b"site-packages", b"swordfish")
POST_ONLY = ["/upload/", "/pictures/delete-all/", "/pictures/00000000-0000-4000-8000-000000000000/delete/"]
NOT_THIS_WAY = [
    ("DELETE", "/api/v1/images"),
    ("PUT", "/api/v1/jobs"),
    ("GET", "/api/v1/jobs/00000000-0000-4000-8000-000000000000/points/3"),
    ("GET", "/api/v1/jobs/00000000-0000-4000-8000-000000000000/share"),
    ("POST", "/api/v1/attacks"),
    ("PATCH", "/api/v1/images/00000000-0000-4000-8000-000000000000"),
]


def assert_nothing_leaks(response: Any) -> None:
    for leak in LEAKS:
        assert leak not in response.content, leak


@pytest.mark.parametrize(
    "address", ["/nothing", "/admin.php", "/.env", "/s/none/", "/%C3%28", "/%00", "/datasets/%00/", "/static/none.css"]
)
def test_an_unknown_page_is_a_page_with_a_sentence(alice: Person, address: str) -> None:
    response = alice.get(address)

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")
    assert_nothing_leaks(response)


@pytest.mark.parametrize(
    "address", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/jobs", "/api/v1/jobs/x/y/z", "/api/v1/versions/%00"]
)
def test_an_unknown_address_of_the_api_is_json(alice: Person, address: str) -> None:
    response = alice.get(address)

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
    sentence_of(response)
    assert_nothing_leaks(response)


@pytest.mark.parametrize("address", POST_ONLY)
def test_looking_changes_nothing(alice: Person, address: str) -> None:
    response = alice.get(address)

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert b"<h1>" in response.content


@pytest.mark.parametrize(("method", "address"), NOT_THIS_WAY)
def test_a_method_the_api_does_not_serve(alice: Person, method: str, address: str) -> None:
    response = alice.request(method, address)

    assert response.status_code == 405
    assert response["Allow"]
    sentence_of(response)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "a b", "localhost:x", "[::1"])
@pytest.mark.parametrize("address", ["/about/", "/api/v1/attacks", "/healthz"])
def test_a_host_that_is_not_ours_is_refused(alice: Person, settings: Any, host: str, address: str) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
    assert alice.get(address, headers={"Host": "localhost:8000"}).status_code == 200

    response = alice.get(address, headers={"Host": host})

    assert response.status_code == 400
    assert_nothing_leaks(response)
    if address.startswith("/api/"):
        sentence_of(response)


def test_a_page_that_fails_says_so_and_nothing_else(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(views, "gallery", fail)
    response = alice.get("/")

    assert response.status_code == 500
    assert b"on our side" in response.content
    assert_nothing_leaks(response)


def test_an_api_call_that_fails_says_so_and_nothing_else(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("webapp.api.views.attacks", fail)
    response = alice.get("/api/v1/attacks")

    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal"
    assert_nothing_leaks(response)


@pytest.mark.parametrize("word", ["/api/v1/images", "/upload/", "/admin/login/"])
def test_a_body_that_claims_to_be_something_else(alice: Person, word: str) -> None:
    for kind in (
        "multipart/form-data; boundary=" + "x" * 300,
        "multipart/form-data; boundary=é",
        "multipart/form-data",
    ):
        response = alice.request("POST", word, data=b"--x\r\n\r\n\r\n--x--", content_type=kind)

        assert 400 <= response.status_code < 500, kind
        assert_nothing_leaks(response)


@pytest.mark.parametrize("charset", ["hex", "idna", "latin-1"])
def test_a_form_with_files_is_read_as_utf_8_alone(charset: str) -> None:
    """Through a request of ASGI, as the site has them: those of Django's test client fail before at its address."""
    form = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xc3\xa4..\r\n--x--\r\n'
    kind = f"multipart/form-data; charset={charset}; boundary=x"
    request = AsyncRequestFactory().generic("POST", "/upload/", form, content_type=kind)
    with pytest.raises(MultiPartParserError, match="UTF-8"):
        strict_uploads(lambda request: HttpResponse(request.POST["a"]))(request)


@pytest.mark.parametrize(("value", "status"), [(r'"\000aaaaaaaaaaaaaaaa"', 404), ("aaaaaaaaaaaaaaaaa", 200)])
def test_a_cookie_that_no_database_stores_opens_nothing(value: str, status: int) -> None:
    """A quoted one may hold any byte, written in octal; PostgreSQL was asked for a session of that name."""
    request = RequestFactory().get("/about/", headers={"cookie": f"sessionid={value}"})
    assert without_nul(lambda request: HttpResponse())(request).status_code == status
