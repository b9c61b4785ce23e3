"""Personal tokens: the API without a browser, for users who may come in, until revoked."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.support.cast import Person, Programmer, sentence_of
from tests.support.finished import finish, png
from webapp.jobs.models import Job
from webapp.pictures.models import Picture
from webapp.visitors.models import Token


def test_a_token_needs_neither_cookie_nor_csrf(ted: Programmer) -> None:
    picture = ted.upload(io.BytesIO(png())).json()

    job = ted.attack(picture["id"])

    assert job.status_code == 202
    assert ted.get(job.json()["url"]).status_code == 200
    assert [found["id"] for found in ted.get("/api/v1/images").json()] == [picture["id"]]
    assert ted.delete(f"/api/v1/images/{picture['id']}").status_code == 204
    assert not ted.client.cookies


def test_two_tokens_of_a_user_own_the_same(ted: Programmer, ted_token: tuple[Token, str]) -> None:
    ted.upload(io.BytesIO(png()))
    second = Token(user=ted_token[0].user, name="other script")
    other = Programmer(second.set_secret())
    second.save()

    assert len(other.get("/api/v1/images").json()) == 1


def test_its_use_is_noted(ted: Programmer, ted_token: tuple[Token, str]) -> None:
    assert ted_token[0].last_used is None
    ted.get("/api/v1/images")

    ted_token[0].refresh_from_db()
    assert ted_token[0].last_used is not None


def test_a_wrong_token_is_refused_not_ignored(alice: Person, picture: dict[str, Any]) -> None:
    for secret in ("", "gibbon_wrong", "é", "x" * 5000, "a b", "gibbon_" + "A" * 43):
        alice.headers = alice.headers | {"Authorization": f"Bearer {secret}"}

        for response in (alice.get("/api/v1/images"), alice.predict(picture["id"]), alice.get("/api/v1/attacks")):
            assert response.status_code == 401, secret[:20]
            sentence_of(response)
    assert not Job.objects.exists()


def test_the_scheme_may_be_written_in_any_case(ted_token: tuple[Token, str]) -> None:
    ted = Programmer(ted_token[1])
    ted.headers = {"Authorization": f"bearer {ted_token[1]}"}
    assert ted.get("/api/v1/images").status_code == 200

    ted.headers = {"Authorization": f"Basic {ted_token[1]}"}
    refused = ted.upload(io.BytesIO(png()))
    assert refused.status_code == 401 and "use Bearer" in sentence_of(refused)


def test_a_revoked_token_is_refused(ted: Programmer, ted_token: tuple[Token, str]) -> None:
    assert ted.get("/api/v1/images").status_code == 200

    Token.objects.update(revoked=timezone.now())

    assert ted.get("/api/v1/images").status_code == 401


def test_the_token_of_a_user_who_may_not_come_in_is_refused(ted: Programmer) -> None:
    assert ted.get("/api/v1/images").status_code == 200

    User.objects.filter(username="ted").update(is_active=False)

    assert ted.get("/api/v1/images").status_code == 401


def test_a_token_opens_neither_the_admin_nor_the_pages(ted: Programmer) -> None:
    User.objects.filter(username="ted").update(is_staff=True, is_superuser=True)
    ted.upload(io.BytesIO(png()))
    picture = Picture.objects.get()

    assert ted.get("/admin/").status_code == 302
    assert ted.get(f"/lab/picture/{picture.pk}/").status_code == 404


def test_what_the_api_names_is_fetched_with_the_same_token(ted: Programmer, alice: Person) -> None:
    """A program has its pictures; nobody else's token has, nor a wrong one."""
    image = ted.upload(io.BytesIO(png())).json()
    job = finish(ted.attack(image["id"]).json()["id"])
    result = ted.get(f"/api/v1/jobs/{job.pk}").json()["result"]
    named = [image["url"], image["thumbnail"], result["adversarial"]["image_url"], result["sign_url"]]
    for address in named:
        assert ted.get(address).status_code == 200 and "public" not in ted.get(address)["Cache-Control"]
        assert alice.get(address).status_code == 404
    token = Token(user=User.objects.create_user("uma"), name="hers")
    stranger, wrong = Programmer(token.set_secret()), Programmer("gibbon_wrong")
    token.save()
    assert {stranger.get(address).status_code for address in named} == {404}
    assert {wrong.get(address).status_code for address in named} == {401}


def test_only_a_digest_is_kept(ted_token: tuple[Token, str]) -> None:
    token, secret = ted_token

    assert len(secret) > 40 and secret.startswith("gibbon_")
    assert secret not in str(Token.objects.values().get())
    assert len(token.digest) == 64


def test_the_command_issues_a_token_that_works(capsys: Any) -> None:
    User.objects.create_user("tess")

    call_command("token", "tess", "notebook")

    secret = capsys.readouterr().out.strip()
    assert Programmer(secret).get("/api/v1/images").status_code == 200
    assert Token.objects.get().name == "notebook"


def test_the_command_knows_only_users() -> None:
    with pytest.raises(CommandError, match="no user called nobody") as refusal:
        call_command("token", "nobody", "x")
    assert refusal.value.returncode == 2
    assert not Token.objects.exists()


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_the_command_takes_no_name_that_the_admin_would_not(name: str) -> None:
    User.objects.create_user("tess")
    with pytest.raises(CommandError, match=r"^name: ") as refusal:
        call_command("token", "tess", name)
    assert refusal.value.returncode == 2 and not Token.objects.exists()
