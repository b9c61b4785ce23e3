"""People in the admin: tokens, leaving with everything they brought, and being let in again."""

import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User

from tests.support.cast import PASSWORD, Person, Programmer
from tests.support.finished import finish
from tests.webapp.core.test_admin import act, allow, text_of
from webapp.jobs.models import Job
from webapp.lab.models import Attack
from webapp.pictures.models import Picture
from webapp.visitors.models import Token, Visitor


def test_a_token_is_shown_once_and_works(ada: Person) -> None:
    user = User.objects.get(username="ada")
    form = text_of(ada.get("/admin/visitors/token/add/"))
    assert f'<option value="{user.pk}" selected>ada' in form

    told = text_of(ada.send_form("/admin/visitors/token/add/", {"user": user.pk, "name": "notebook"}, follow=True))

    secret = re.search(r"gibbon_[\w-]{43}", told)
    assert secret
    assert Programmer(secret[0]).get("/api/v1/images").status_code == 200
    token = Token.objects.get()
    for address in ("/admin/visitors/token/", f"/admin/visitors/token/{token.pk}/change/", "/admin/"):
        page = text_of(ada.get(address))
        assert secret[0] not in page and token.digest not in page


def test_revoking_a_token(ada: Person, ted: Programmer, ted_token: Any) -> None:
    assert "1 token was revoked." in text_of(act(ada, "/admin/visitors/token/", "revoke", ted_token[0]))

    assert ted.get("/api/v1/images").status_code == 401
    revoked = Token.objects.get().revoked
    act(ada, "/admin/visitors/token/", "revoke", ted_token[0])
    assert Token.objects.get().revoked == revoked


def test_staff_may_issue_tokens_in_their_own_name_only(stan: Person, ted_token: Any) -> None:
    allow("stan", "add_token", "view_token")
    ted, own = ted_token[0].user, User.objects.get(username="stan")

    response = stan.send_form("/admin/visitors/token/add/", {"user": ted.pk, "name": "x"})
    assert response.status_code == 200 and Token.objects.count() == 1
    stan.send_form("/admin/visitors/token/add/", {"user": own.pk, "name": "x"})
    assert Token.objects.filter(user=own).count() == 1
    act(stan, "/admin/visitors/token/", "revoke", ted_token[0])
    assert Token.objects.get(user=ted).revoked is None


@pytest.mark.parametrize("door", ["visitors/visitor", "auth/user"])
def test_people_leave_with_everything_they_brought(
    ada: Person, ted: Programmer, attack: Attack, sample: Picture, media_files: Any, door: str
) -> None:
    finish(ted.attack(str(sample.pk)).json()["id"])
    visitor = Visitor.objects.get(user__username="ted")
    Picture.objects.filter(pk=attack.picture_id).update(visitor=visitor)
    Job.objects.filter(visitor__isnull=False).update(visitor=visitor)
    row = visitor if "visitor" in door else visitor.user
    assert len(media_files()) == 8

    told = text_of(act(ada, f"/admin/{door}/", "delete_selected", row, post="yes"))

    assert "Successfully deleted 1" in told
    assert not Visitor.objects.filter(pk=visitor.pk).exists()
    assert set(Job.objects.values_list("visitor", flat=True)) == {None}
    assert len(media_files()) == 3


def test_who_was_throttled_can_be_let_in_again(ada: Person) -> None:
    mallory = Person(REMOTE_ADDR="192.0.2.5")
    codes = [
        mallory.send_form("/admin/login/", {"username": "ada", "password": "wrong"}).status_code for _ in range(10)
    ]
    assert codes[-1] == 429
    assert "192.0.2.5" in text_of(ada.get("/admin/axes/accessattempt/"))

    act(ada, "/admin/axes/accessattempt/", "delete_selected", *AccessAttempt.objects.all(), post="yes")

    right = mallory.send_form("/admin/login/?next=/admin/", {"username": "ada", "password": PASSWORD})
    assert right.status_code == 302


def test_staff_who_left_are_out_at_once(ada: Person) -> None:
    assert ada.get("/admin/").status_code == 200

    User.objects.filter(username="ada").update(is_active=False)

    assert ada.get("/admin/").status_code == 302
