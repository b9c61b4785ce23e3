"""What the first visit sends, and that the second sends next to nothing."""

from benchmarks.first_visit import visit
from tests.browser.lab import wait_for_result

PICTURE = ("/images/", "/results/")  # the example's own, and its signs


def test_a_cold_visit_is_light_and_the_next_one_costs_next_to_nothing(visitor):
    me = visitor()
    page = me.context.new_page()
    sent = visit(page, f"{me.url}/", slow=False).sent
    thumbnails = {name: length for name, length in sent.items() if "/thumbnails/" in name}
    rest = sum(length for name, length in sent.items() if not any(part in name for part in PICTURE))
    assert len(thumbnails) >= 8 and max(thumbnails.values()) <= 5_000
    assert rest <= 250_000, rest
    assert not any("adversarial" in name for name in sent)  # drawn from picture and signs
    assert len([name for name in sent if "/images/" in name]) == 1
    wait_for_result(page)

    again = visit(me.context.new_page(), f"{me.url}/", slow=False).sent
    kept = [name for name in again if "/static/" in name or "/thumbnails/" in name or "/images/" in name]
    assert sum(again[name] for name in kept) == 0, {name: again[name] for name in kept}
