"""Wrong passwords: throttled by account and address together, for a while, and never for ever."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings as site
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from tests.support.cast import PASSWORD, Person

LOGIN = "/admin/login/?next=/admin/"


@pytest.fixture(autouse=True)
def ada_the_admin() -> None:
    User.objects.create_superuser("ada", password=PASSWORD)
    User.objects.create_superuser("eve", password=PASSWORD)


def log_in(person: Person, password: str = PASSWORD, name: str = "ada", **options: Any) -> Any:
    return person.send_form(LOGIN, {"username": name, "password": password}, **options)


def guess(person: Person, times: int = 9, name: str = "ada", **options: Any) -> list[int]:
    """The answers' codes to so many wrong passwords."""
    return [log_in(person, f"wrong {number}", name, **options).status_code for number in range(times)]


def test_twenty_wrong_passwords_are_throttled() -> None:
    codes = guess(Person(), 20)

    assert codes[:7] == [200] * 7
    assert set(codes[7:]) == {429}


def test_the_refusal_says_how_long_to_wait() -> None:
    mallory = Person()
    guess(mallory, 10)

    response = log_in(mallory, "wrong")

    assert response.status_code == 429
    assert int(response["Retry-After"]) == 15 * 60
    assert b"15 minutes" in response.content
    assert b"ada" not in response.content


def test_meanwhile_the_right_password_is_refused_at_that_place_only() -> None:
    here, elsewhere = Person(), Person(REMOTE_ADDR="192.0.2.7")
    guess(here)

    assert log_in(here).status_code == 429
    assert log_in(Person()).status_code == 429  # another browser at the same address
    assert log_in(elsewhere).status_code == 302
    assert elsewhere.get("/admin/").status_code == 200
    assert log_in(here, name="eve").status_code == 302  # another account at the same address


def test_after_a_while_it_works_again() -> None:
    assert site.AXES_COOLOFF_TIME * 60 == 15
    ada = Person()
    guess(ada)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert log_in(ada).status_code == 429

    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))

    assert log_in(ada).status_code == 302


def test_trying_on_does_not_make_it_longer() -> None:
    ada = Person()
    guess(ada)
    last = AccessAttempt.objects.get().attempt_time
    guess(ada)

    assert AccessAttempt.objects.get().attempt_time == last


def test_a_made_up_forwarded_address_does_not_help() -> None:
    mallory = Person()

    codes = [
        log_in(mallory, "wrong", headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code for number in range(9)
    ]

    assert codes[-1] == 429


def test_another_address_of_the_same_ipv6_network_does_not_help() -> None:
    codes = [log_in(Person(REMOTE_ADDR=f"2001:db8:0:7::{number + 1}"), "wrong").status_code for number in range(9)]

    assert codes[-1] == 429
    assert log_in(Person(REMOTE_ADDR="2001:db8:0:8::1")).status_code == 302


def test_another_user_agent_does_not_help() -> None:
    mallory = Person()

    codes = [log_in(mallory, "wrong", headers={"User-Agent": f"agent {number}"}).status_code for number in range(9)]

    assert codes[-1] == 429


@pytest.mark.parametrize("name", ["nobody", "a\0b", "x" * 400, "", "ada "])
def test_an_account_that_is_none_is_refused_alike(name: str) -> None:
    codes = guess(Person(), 10, name)

    assert set(codes) <= {200, 429}
    assert log_in(Person(REMOTE_ADDR="192.0.2.9")).status_code == 302


def test_guessable_passwords_open_nothing_and_the_printed_one_does(capsys: Any) -> None:
    User.objects.all().delete()
    call_command("setup")
    generated = capsys.readouterr().out.split("password ")[1].split()[0]

    for name, password in (
        ("admin", "admin"),
        ("admin", "password"),
        ("admin", ""),
        ("root", "root"),
        ("admin", "Admin"),
    ):
        assert log_in(Person(), password, name).status_code == 200
    assert len(generated) >= 16
    assert log_in(Person(), generated, "admin").status_code == 302


def test_passwords_are_not_kept_with_the_attempts() -> None:
    log_in(Person(), "my secret guess")

    assert "my secret guess" not in str(AccessAttempt.objects.values().get())
