"""Small trainings for everybody, in a browser: one's own beside what is prepared, stopped, refused."""

import pytest
from playwright.sync_api import BrowserType, Page, expect

from tests.browser.conftest import Visitor

TEN = {"network": "small", "pictures": "200", "epochs": "3"}  # over in a moment
LENET = {"network": "lenet", "pictures": "200", "epochs": "100"}


def race(page: Page, **settings: str) -> None:
    for name, value in settings.items():
        page.locator(f"form.own [name={name}]").select_option(value)
    page.locator("form.own button").click()


def rows(page: Page) -> list[str]:
    return page.locator("[data-lanes] [data-name]").all_text_contents()


def over(page: Page) -> None:
    expect(page.locator("[data-stop]")).to_be_hidden()


@pytest.fixture
def page(visitor) -> Page:
    page = visitor().open("/learn/race/")
    page.locator("[data-race=zeros]").click()
    over(page)
    return page


def test_ones_own_training_joins_the_chart_and_the_table_has_every_point(page: Page):
    zeros = page.locator("[data-shown=units-2]")
    assert zeros.get_attribute("data-value") == "1" and zeros.text_content()
    race(page, **TEN, learning_rate="0.1")
    over(page)
    assert rows(page) == [
        "drawn by the layer’s width",
        "all zeros",
        "ten units, learning rate 0.1, 200 pictures, 3 epochs",
    ]
    own = float(page.locator("[data-shown=last-3]").get_attribute("data-value"))
    assert 0.1 < own < 0.9
    page.locator("details summary").click()
    expect(page.locator("[data-figures] tbody tr").last.locator("td").last).not_to_have_text("")
    assert page.locator("[data-figures] thead th").count() == 4
    for rate in ("0.0005", "0.002", "0.01", "0.05"):  # five at most: the oldest leave
        race(page, learning_rate=rate)
        over(page)
    assert len(rows(page)) == 5 and rows(page)[-1] == "ten units, 200 pictures, 3 epochs"
    assert page.locator("[data-trouble]").text_content() == ""


@pytest.mark.walk
def test_it_is_stopped_and_who_has_one_at_work_elsewhere_is_told(visitor, settled):
    me = visitor()
    first, second = me.open("/learn/race/"), me.open("/learn/race/")
    for page in (first, second):
        page.locator("[data-race=zeros]").click()
        over(page)
    with settled.standing_still("worker", lambda: True):
        race(first, **LENET, learning_rate="0.002")
        expect(first.locator("[data-waits]")).to_contain_text("200 pictures")
        race(second, **LENET, learning_rate="0.01")
        expect(second.locator("[data-trouble]")).to_have_text(
            "You have something like this at work already. Wait until it has ended, or stop it."
        )
        me.forgive("429")
        first.locator("[data-stop]").click()
    over(first)
    expect(first.locator("[data-waits]")).to_have_text("")
    second.locator("[data-race=zeros]").click()
    over(second)
    assert second.locator("[data-trouble]").text_content() == ""


@pytest.mark.walk
def test_leaving_the_page_stops_it(visitor):
    me = visitor()
    page = me.open("/learn/race/")
    page.locator("[data-race=zeros]").click()
    over(page)
    with page.expect_response("**/api/v1/computations") as answer:
        race(page, **LENET, learning_rate="0.01")
    job = answer.value.json()["id"]
    page.goto(f"{me.url}/about/")
    status = "() => fetch('%s').then((r) => r.json()).then((job) => job.status === 'cancelled')"
    page.wait_for_function(status % f"/api/v1/jobs/{job}")


@pytest.mark.walk
def test_who_comes_back_is_told_that_it_was_stopped_and_can_begin_another(
    browser_type: BrowserType, whole_browser, settled
):
    kept = ["--disable-back-forward-cache"]  # Playwright's own wish; browsers that people use keep pages for their Back
    with browser_type.launch(**whole_browser, ignore_default_args=kept) as browser:
        me = Visitor(browser.new_context(), settled.url)
        page = me.open("/learn/race/")
        page.locator("[data-race=zeros]").click()
        over(page)
        page.evaluate("window.isTheSame = true")
        race(page, **LENET, learning_rate="0.05")
        expect(page.locator("[data-waits]")).to_contain_text("200 pictures")
        page.goto(f"{me.url}/about/")
        page.evaluate("history.back()")
        expect(page.locator("[data-trouble]")).to_have_text("This was stopped before it had ended.")
        assert page.evaluate("isTheSame")
        race(page, **TEN, learning_rate="0.01")
        over(page)
        assert len(rows(page)) == 3 and page.locator("[data-trouble]").text_content() == ""
        assert me.wrong == []


@pytest.mark.walk
def test_what_a_page_left_before_it_was_told_of_it_makes_way_for_the_next(visitor):
    me = visitor()
    page = me.open("/learn/race/")
    page.locator("[data-race=zeros]").click()
    over(page)
    began: list[dict] = []
    page.route("**/api/v1/computations", lambda route: began.append(route.fetch().json()))  # no answer comes back
    race(page, **LENET, learning_rate="0.0005")
    page.wait_for_timeout(1000)
    page.goto(f"{me.url}/about/")
    (job,) = began
    assert job["status"] in ("queued", "running")
    page = me.open("/learn/race/")
    page.locator("[data-race=zeros]").click()
    over(page)
    race(page, **TEN, learning_rate="0.2")
    over(page)
    assert page.locator("[data-trouble]").text_content() == ""
    assert len(rows(page)) == 3
    me.forgive("429")
    status = "() => fetch('%s').then((r) => r.json()).then((job) => job.status === 'cancelled')"
    page.wait_for_function(status % f"/api/v1/jobs/{job['id']}")
