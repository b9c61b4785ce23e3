"""What every answer carries, whatever it is, and what the cookies allow."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site

from tests.support.cast import CSRF, PASSWORD, Person
from webapp.lab import views
from webapp.lab.models import Attack
from webapp.pictures.models import Picture
from webapp.visitors.models import Visitor

PROMISED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PLACES = {
    "a page": "/about/",
    "the lab": "/",
    "an own page": "/lab/{job}/",
    "my pictures": "/pictures/",
    "JSON": "/api/v1/jobs/{job}",
    "a picture": "/images/{picture}.png",
    "a result": "/results/{job}/sign.png",
    "a redirect": "/admin/",
    "a login": "/admin/login/",
    "the API's document": "/api/v1/openapi.json",
    "the API's page": "/api/v1/docs",
    "the words": "/jsi18n/",
    "health": "/healthz",
    "readiness": "/readyz",
    "metrics": "/metrics",
    "a static file": "/static/headers.css",
    "an unknown page": "/nothing",
    "an unknown call": "/api/v1/nothing",
    "a wrong method": "/upload/",
}


def assert_promised(response: Any) -> None:
    for name, value in PROMISED.items():
        assert response.get(name) == value, name
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy
    for directive in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert directive in policy
    assert "geolocation=()" in response["Permissions-Policy"]
    assert "Server" not in response


@pytest.fixture
def stylesheet() -> Any:
    file = Path(site.STATIC_ROOT) / "headers.css"
    file.write_text("/* */")
    yield file
    file.unlink()


@pytest.mark.parametrize("place", PLACES)
def test_every_answer_carries_the_headers(stylesheet: Path, alice: Person, attack: Attack, place: str) -> None:
    response = alice.get(PLACES[place].format(job=attack.pk, picture=attack.picture_id))
    response.close()  # a static file is an open one

    assert response.status_code < 500 or place == "readiness"
    assert_promised(response)
    if place != "a static file":
        assert "no-cache" in response["Cache-Control"] or "no-store" in response["Cache-Control"]


def test_refusals_and_failures_carry_them_too(
    alice: Person, picture: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_promised(alice.get("/about/", headers={"Host": "evil.example"}))
    assert_promised(alice.attack(picture["id"], {"epsilon": 99}))
    assert_promised(alice.post("/upload/", headers={"X-CSRFToken": ""}))
    monkeypatch.setattr(views, "gallery", lambda: 1 / 0)
    failure = alice.get("/")
    assert failure.status_code == 500
    assert_promised(failure)


def test_with_https_everything_stays_on_https(alice: Person, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True

    assert alice.get("/about/")["Location"] == "https://testserver/about/"
    assert alice.get("/healthz").status_code == 200
    secure = alice.get("/about/", secure=True)
    assert secure["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*(?:\ssrc=|type=\"application/json\"))", re.I
)


def test_no_page_holds_inline_scripts_or_styles(alice: Person, attack: Attack, sample: Picture) -> None:
    for page in ("/", f"/lab/{attack.pk}/", "/pictures/", "/about/", "/nothing", "/api/v1/docs"):
        found = INLINE.search(alice.get(page).content.decode())

        assert not found, (page, found)


def test_the_pattern_finds_what_the_policy_would_block() -> None:
    for bad in ("<style>", '<p style="x">', '<a onclick="x">', "<script>x</script>", '<a href="javascript:x">'):
        assert INLINE.search(bad)
    assert not INLINE.search('<script src="/a.js" type="module"></script><script id="s" type="application/json">')


# --- Cookies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("https", [False, True])
def test_the_visitors_cookie_is_signed_long_lived_and_out_of_reach(settings: Any, sample: Picture, https: bool) -> None:
    settings.HTTPS = settings.CSRF_COOKIE_SECURE = settings.SESSION_COOKIE_SECURE = https
    visitor = Person()
    cookie = visitor.get("/").cookies["visitor"]
    assert not Visitor.objects.exists()  # looking leaves no trace here

    visitor.predict(str(sample.pk))

    assert visitor.client.cookies["visitor"] is cookie or visitor.client.cookies["visitor"].value == cookie.value
    assert Visitor.objects.count() == 1
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and bool(cookie["secure"]) == https
    assert cookie["max-age"] >= 365 * 24 * 3600 and not cookie["domain"]
    assert cookie.value.count(":") == 2


def test_the_cookie_is_set_once(alice: Person, picture: dict[str, Any]) -> None:
    assert "visitor" not in alice.get("/api/v1/images").cookies
    assert "visitor" not in alice.predict(picture["id"]).cookies


def test_a_tokens_owner_gets_no_cookie(ted: Person, sample: Picture) -> None:
    assert ted.predict(str(sample.pk)).status_code == 202
    assert not ted.client.cookies


def test_the_session_and_the_token_are_out_of_reach(sample: Picture, ada: Person) -> None:
    ada.client.logout()
    ada.client.cookies["csrftoken"] = CSRF
    response = ada.send_form("/admin/login/?next=/admin/", {"username": "ada", "password": PASSWORD})
    session = response.cookies["sessionid"]
    assert session["httponly"] and session["samesite"] == "Lax"

    fresh = Person()
    fresh.client.cookies.clear()
    token = fresh.get("/").cookies["csrftoken"]
    assert token["httponly"] and token["samesite"] == "Lax"
