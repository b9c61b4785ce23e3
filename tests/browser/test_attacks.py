"""Another attack than one step: chosen with its options, shown for what it is, left again."""

import hashlib

import pytest
from playwright.sync_api import expect

from tests.browser.lab import VERDICT, job, shown, wait_for_result
from tests.support.people import wait_for


@pytest.mark.parametrize("width", [1280, 390])
def test_many_steps_are_chosen_shown_saved_and_left(visitor, width):
    page = visitor().open("/lab/with/digits/")
    page.set_viewport_size({"width": width, "height": 844})
    wait_for_result(page)
    before, address = page.locator(VERDICT).inner_text(), page.url
    chooser = page.locator(".attack-chooser")
    chooser.get_by_text("PGD", exact=True).click()

    chooser.get_by_role("spinbutton", name="Steps", exact=True).fill("0")
    chooser.get_by_role("button", name="Attack").click()
    expect(chooser.get_by_role("alert")).to_contain_text("Steps: ")
    assert page.url == address

    chooser.get_by_role("spinbutton", name="Strength ε", exact=True).fill("60")
    chooser.get_by_role("spinbutton", name="Steps", exact=True).fill("7")
    chooser.get_by_role("button", name="Attack").click()
    page.wait_for_url("**/lab/*-*/")
    expect(page.locator("[data-sub]")).to_contain_text("PGD away from what the network said")
    made = job(page)
    assert made["about"]["attack"] == "pgd" and made["about"]["params"] == {
        "epsilon": 60,
        "steps": 7,
        "restarts": 1,
        "target": None,
        "seed": 0,
    }
    expect(page.locator("[data-file]")).to_be_visible()
    for gone in (".level", ".curves", "[data-derivation]"):
        expect(page.locator(gone)).to_be_hidden()
    expect(page.locator("figure[data-frame=a] [data-picture]")).to_have_attribute(
        "src", made["result"]["adversarial"]["image_url"]
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_download() as taken:
        page.locator("[data-file]").click()
    assert hashlib.sha256(taken.value.path().read_bytes()).hexdigest() == made["result"]["adversarial"]["sha256"]

    page.reload()
    expect(page.locator("[data-sub]")).to_contain_text("PGD away")
    assert chooser.get_by_role("spinbutton", name="Steps", exact=True).input_value() == "7"
    page.go_back()
    wait_for_result(page)
    assert page.locator(VERDICT).inner_text() == before and shown(page, "breaks")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_long_attack_is_foretold_shows_how_far_it_is_and_can_be_stopped(visitor, width):
    page = visitor().open("/")
    page.set_viewport_size({"width": width, "height": 844})
    wait_for_result(page)
    chooser = page.locator(".attack-chooser")
    forecast = chooser.locator("[data-forecast]")
    chooser.get_by_text("PGD", exact=True).click()
    chooser.get_by_role("spinbutton", name="Steps", exact=True).fill("600")
    expect(forecast).to_contain_text("This takes about")
    chooser.get_by_role("spinbutton", name="Starts", exact=True).fill("20")
    expect(forecast).to_contain_text("Give smaller numbers")
    chooser.get_by_role("spinbutton", name="Starts", exact=True).fill("1")
    expect(forecast).to_contain_text("This takes about")

    chooser.get_by_role("button", name="Attack").click()
    page.wait_for_url("**/lab/*-*/")
    expect(page.locator(VERDICT)).to_contain_text("done in about")
    bar = page.get_by_role("progressbar", name="Progress")
    expect(bar).to_be_visible()
    page.wait_for_function("bar => bar.value > 0", arg=bar.element_handle())
    expect(forecast).to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-error]")).to_contain_text("Stopped")
    status = (
        "() => fetch(`/api/v1/jobs/${location.pathname.split('/')[2]}`).then((r) => r.json()).then((j) => j.status)"
    )
    wait_for(lambda: page.evaluate(status) == "cancelled", 10)
