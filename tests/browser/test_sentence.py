"""What the page says of every sample, with scripts and without."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.lab import VERDICT, origin, shown, wait_for_result


@pytest.mark.walk
def test_every_sample_is_told_alike_with_and_without_scripts(visitor):
    live_page, bare_page = visitor().open(), visitor(java_script_enabled=False).open()
    home = origin(live_page)
    for sample in (*samples_at(live_page, "/"), *samples_at(live_page, "/lab/with/digits/")[::3]):
        live_page.goto(f"{home}/lab/{sample['job']}/")
        wait_until_told(live_page)
        bare_page.goto(f"{home}/lab/{sample['job']}/")
        assert shown(bare_page, "verdict") == shown(live_page, "verdict")
        assert figures(bare_page) == figures(live_page)
        assert live_page.locator(VERDICT).count() == 1


def wait_until_told(page) -> None:
    """Until there is nothing more to come of the attack: its curves, or the budgets that were tried."""
    if page.locator(".level").is_visible():
        wait_for_result(page)
    else:
        expect(page.locator("[data-tried] ul .chip").first).to_be_visible()


def samples_at(page, path: str) -> list[dict]:
    page.goto(f"{origin(page)}{path}")
    return json.loads(page.locator("#lab-state").text_content())["samples"]


def figures(page) -> list[list[str]]:
    """Label, before and after of every row that says something."""
    rows = page.locator(".bars.pair tbody tr").all()
    cells = [[text.strip() for text in row.locator("th, [data-value]").all_text_contents()] for row in rows]
    return [row for row in cells if row[0]]
