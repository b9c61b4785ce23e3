"""How often each of a visitor's requests asks the database; what is asked ten times a second has to stay cheap."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Person
from tests.support.finished import finish
from webapp.lab.models import Attack


def test_a_visitor_s_requests_ask_the_database_no_more_often_than_is_said_here(alice: Person, attack: Attack) -> None:
    image, sweep = str(attack.picture_id), attack.current_sweep()
    assert sweep
    finish(sweep.pk)
    prediction = finish(alice.predict(image).json()["id"])

    def asked(send: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert send().status_code in (200, 202)
        return len(queries)

    counts = {
        "start a prediction": asked(lambda: alice.predict(image)),
        "start an attack": asked(lambda: alice.attack(image)),
        "prediction": asked(lambda: alice.get(f"/api/v1/jobs/{prediction.pk}")),
        "attack": asked(lambda: alice.get(f"/api/v1/jobs/{attack.pk}")),
        "sweep": asked(lambda: alice.get(f"/api/v1/jobs/{sweep.pk}")),
        "page": asked(lambda: alice.get(f"/lab/{attack.pk}/")),
    }

    most = {"start a prediction": 10, "start an attack": 19, "prediction": 3, "attack": 4, "sweep": 4, "page": 11}
    assert {what: count for what, count in counts.items() if count > most[what]} == {}
