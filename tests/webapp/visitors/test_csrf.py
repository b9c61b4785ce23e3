"""What changes something wants the page's token and comes from the page."""

import io
import re
from typing import Any

import pytest

from tests.support.cast import CSRF, PASSWORD, Person, sentence_of
from tests.support.finished import png
from webapp.jobs.models import Job
from webapp.lab.models import Attack
from webapp.pictures.models import Picture

CHANGES = [
    ("POST", "/api/v1/images"),
    ("POST", "/api/v1/jobs"),
    ("DELETE", "/api/v1/images/{picture}"),
    ("DELETE", "/api/v1/jobs/{job}"),
    ("POST", "/api/v1/jobs/{job}/points/3"),
    ("POST", "/api/v1/jobs/{job}/share"),
    ("DELETE", "/api/v1/jobs/{job}/share"),
    ("POST", "/upload/"),
    ("POST", "/pictures/{picture}/delete/"),
    ("POST", "/pictures/delete-all/"),
    ("POST", "/admin/login/"),
]


@pytest.mark.parametrize("wrong", ["no token", "another token", "a foreign Origin", "a null Origin", "no cookie"])
def test_a_change_without_the_pages_token_is_refused(alice: Person, attack: Attack, wrong: str) -> None:
    before = Job.objects.count()
    headers = {"X-CSRFToken": CSRF}
    if wrong == "no token":
        alice.headers = headers = {}
    elif wrong == "another token":
        headers = {"X-CSRFToken": CSRF[::-1]}
    elif wrong == "no cookie":
        del alice.client.cookies["csrftoken"]
    else:
        headers["Origin"] = "null" if wrong == "a null Origin" else "https://evil.example"

    for method, address in CHANGES:
        place = address.format(picture=attack.picture_id, job=attack.pk)
        response = alice.request(method, place, headers=headers)

        assert response.status_code == 403, (method, address)
        if address.startswith("/api/"):
            sentence_of(response)
        else:
            assert b"reload" in response.content
    assert Picture.objects.exists() and Job.objects.count() == before


def test_the_home_page_carries_a_token_that_works(sample: Picture) -> None:
    visitor = Person()
    visitor.client.cookies.clear()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', visitor.get("/").content.decode())
    assert found
    visitor.headers = {"X-CSRFToken": found[1], "Origin": "http://testserver"}

    assert visitor.upload(io.BytesIO(png())).status_code == 201


def test_an_old_token_is_renewed_where_the_page_asks(alice: Person) -> None:
    fresh = alice.get("/csrf.json")
    alice.headers = {"X-CSRFToken": fresh.json()["token"]}

    assert fresh["Cache-Control"] == "no-store"
    assert alice.upload(io.BytesIO(png())).status_code == 201


def test_whoever_sends_no_cookie_at_all_is_told_so() -> None:
    visitor = Person()
    visitor.client.cookies.clear()

    for place in ("/api/v1/images", "/upload/"):
        response = visitor.send_form(place, {"image": io.BytesIO(png())})

        assert response.status_code == 403
        assert "Your browser blocks cookies" in response.content.decode()


def test_reading_needs_no_token(alice: Person, attack: Attack) -> None:
    alice.headers = {"Origin": "https://evil.example"}

    response = alice.get(f"/api/v1/jobs/{attack.pk}")

    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response


def test_a_login_needs_a_token_too(ada: Person) -> None:
    ada.client.logout()
    ada.headers = {}
    fields: dict[str, Any] = {"username": "ada", "password": PASSWORD}

    assert ada.send_form("/admin/login/", fields).status_code == 403
