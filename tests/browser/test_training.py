"""An owner's work: start a training, watch it, stop it, promote what it made, roll back, break it."""

import io
import json
import re
import zipfile
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from skimage import data

from tests.browser.conftest import Visitor, keep_picture
from tests.browser.lab import get

LAB = "/lab/with/digits/"
QUICK = {"validation_share": "0.5", "batch_size": "256", "robust_pictures": "100"}
LEARNING = 180_000  # milliseconds: a training has the lowest priority on a busy machine
COMES_BACK = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"  # as Back does; here it is off
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.mark.alone
def test_an_owner_starts_a_training_and_everybody_watches_it(visitor, live):
    page = logged_in(visitor(), live.password)
    started(page, epochs="12")
    theirs = visitor(390).open(path(page))
    for seen in (page, theirs):
        until_epochs(seen, 1)
    assert theirs.locator(".acts button, .acts a").count() == 0
    page.get_by_role("button", name="Cancel").click()
    expect(theirs.locator("[data-sentence]")).to_contain_text("Cancelled")
    page.get_by_role("button", name="Resume").click()
    expect(theirs.locator("[data-sentence]")).not_to_contain_text("Cancelled")  # the class sees that it goes on
    page.get_by_role("button", name="Cancel").click()


def test_who_clicks_twice_starts_one_training_and_who_comes_back_reads_what_was_typed(visitor, live):
    page = logged_in(visitor(), live.password)
    before = started_so_far(page)
    page.locator("#id_epochs").fill("3")
    page.locator("#start").dblclick()
    page.wait_for_url("**/training/*-*/")
    assert started_so_far(page) == before + 1
    page.go_back()
    expect(page.locator("[data-summary]")).to_contain_text("LeNet-5 learns from MNIST: 3 epochs")
    page.go_forward()
    page.get_by_role("button", name="Cancel").dblclick()
    expect(page.locator("[data-sentence]")).to_contain_text("Cancelled")


def test_focus_and_orders_outlast_what_becomes_of_a_training(visitor, live):
    owner = visitor()
    page = logged_in(owner, live.password)
    started(page, epochs="30")
    until_epochs(page, 1)
    page.get_by_text("Loss as a table").click()
    table = page.locator("[data-live=loss] .scroll")
    table.focus()
    until_epochs(page, page.locator("[data-live=loss] tbody th").count() + 1)
    expect(table).to_be_focused()
    page.locator("#cancel").focus()
    another = owner.open(path(page))
    another.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    expect(page.locator("[data-live=acts]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#resume")).to_be_focused()
    sent = []
    page.route("**/resume/", lambda route: (sent.append(1), route.abort("aborted")))
    for _ in range(2):
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        page.evaluate(COMES_BACK)
    assert len(sent) == 2  # who comes back by Back is not taken for who clicks twice
    page.locator("#again").evaluate("(it) => it.remove()")  # as if another tab had changed what can be done
    page.evaluate(COMES_BACK)
    expect(page.locator("#again")).to_be_visible()


@pytest.mark.walk
@pytest.mark.alone
def test_an_owner_trains_promotes_rolls_back_and_breaks_a_network(visitor, live):
    owner = visitor()
    page = logged_in(owner, live.password)
    what_does_not_fit_is_said_in_place(page)
    started(page, epochs="12")
    until_epochs(page, 1)
    page.reload()
    until_epochs(page, 2)
    curves_and_tables_say_what_the_job_says(page)
    others_watch_and_cannot_steer(visitor, page)
    page.get_by_role("button", name="Stop early").click()
    version = until_done(page)
    the_end_says_what_the_card_says(page, version)
    for width, scheme in LOOKS:
        seen = visitor(width, scheme).open(path(page))
        expect(seen.locator(".chart canvas")).to_have_count(3)
        assert seen.evaluate("document.documentElement.scrollWidth") <= width
        keep_picture(seen, f"training-{width}-{scheme}", height=1560 if width == 1280 else None)
    without_scripts_the_same_figures_are_there(visitor, page)
    before = served(page)["identity"]
    it_is_promoted(owner, page)
    assert served(page)["identity"] == version["identity"]
    it_is_rolled_back(page)
    assert served(page)["identity"] == before
    it_is_broken(page, version)


@pytest.mark.walk
@pytest.mark.alone
def test_a_training_is_followed_on_a_phone_without_websockets(visitor, live):
    owner = visitor(390, "dark")
    owner.context.route_web_socket("**", lambda socket: socket.close())
    page = logged_in(owner, live.password)
    started(page, epochs="2", optimiser="adam", learning_rate="0.002")
    second = owner.open("/admin/training/trainingrun/add/?from=" + run_id(page))
    assert second.locator("#id_optimiser").input_value() == "adam"
    expect(second.locator("#id_momentum")).to_be_hidden()  # it makes no difference to Adam
    second.locator("#start").click()
    expect(second.locator("[data-sentence]")).to_contain_text("Next in line")
    second.get_by_role("button", name="Cancel").click()
    expect(second.locator("[data-sentence]")).to_contain_text("Cancelled")
    expect(second.get_by_role("button", name="Resume")).to_be_visible()
    version = until_done(page)
    the_end_says_what_the_card_says(page, version)
    listed = owner.open("/training/?dataset=mnist&status=cancelled")
    assert run_id(second) in listed.locator(".runs").inner_html()
    assert run_id(page) not in listed.locator(".runs").inner_html()


def test_own_pictures_become_a_dataset_with_a_report(visitor, live):
    page = logged_in(visitor(), live.password, "/admin/training/dataset/add/")
    page.get_by_label("Name", exact=True).fill("Walls and lawns")
    archive = {"name": "walls.zip", "mimeType": "application/zip", "buffer": zip_of_textures()}
    page.get_by_label("ZIP file").set_input_files(archive)
    page.get_by_role("button", name="Send it").click()
    page.wait_for_url("**/datasets/**")
    expect(page.locator(".counts tbody tr")).to_have_count(3)  # the page brings itself up to date
    assert page.locator(".counts tbody th").all_text_contents() == ["brick", "grass", "gravel"]
    expect(page.locator(".refused h2")).to_have_text("1 file was left out")
    page.get_by_text("Which").click()
    expect(page.locator(".refused details tbody th")).to_have_text("brick/page.jpg")
    for image in page.locator(".grid img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("(it) => it.naturalWidth") > 0
    page.get_by_role("link", name="Train on this").click()
    expect(page.locator("#id_dataset")).to_have_value(urlsplit(page.url).query.removeprefix("dataset="))
    expect(page.locator("#id_network")).to_have_value("tf_efficientnet_lite0")


# --- The chapters -------------------------------------------------------------------------------------------------


def logged_in(owner: Visitor, password: str, then: str = "/admin/training/trainingrun/add/") -> Page:
    page = owner.open(f"/admin/login/?next={then}")
    page.locator("#id_username").fill("admin")
    page.locator("#id_password").fill(password)
    page.locator("#login-form [type=submit]").click()
    page.wait_for_url(f"**{then}")
    return page


def what_does_not_fit_is_said_in_place(page: Page) -> None:
    page.locator("#id_epochs").fill("0")
    page.locator("#start").click()
    expect(page.locator(".row.errors")).to_have_count(1)
    assert page.locator("#id_epochs").get_attribute("aria-invalid") == "true"
    assert "1" in page.locator(".row.errors .errorlist").inner_text()


def started(page: Page, **values: str) -> None:
    """From the form to the live page; the summary above the button says what was chosen."""
    for name, value in (QUICK | values).items():
        field = page.locator(f"#id_{name}")
        field.select_option(value) if field.evaluate("(it) => it.tagName") == "SELECT" else field.fill(value)
    expect(page.locator("[data-summary]")).to_contain_text(f"LeNet-5 learns from MNIST: {values['epochs']} epochs")
    page.locator("#start").click()
    page.wait_for_url("**/training/*-*/")


def until_epochs(page: Page, count: int) -> None:
    """The page itself says so: its table grows, and a curve is drawn."""
    expect(page.locator("[data-live=loss] tbody th").nth(count - 1)).to_have_text(
        re.compile(rf"^{count}\b"), timeout=LEARNING
    )
    expect(page.locator("[data-chart=loss] canvas")).to_be_visible()


def curves_and_tables_say_what_the_job_says(page: Page) -> None:
    epochs = job_of(page)["result"]["epochs"]
    page.get_by_text("Error as a table").click()
    rows = page.locator("[data-live=error] tbody tr")
    first = rows.first.locator("td").all_text_contents()
    assert first == [percent(epochs[0]["training_error"]), percent(epochs[0]["validation_error"])]
    assert page.locator(".mistakes li").count() >= 1
    assert page.locator("[data-chart] canvas").count() == 3
    drawn = rows.count()
    expect(rows.nth(drawn)).to_be_visible(timeout=LEARNING)  # the next epoch comes, and what was opened stays open


def others_watch_and_cannot_steer(visitor, page: Page) -> None:
    """On a phone, where sockets are blocked: the page asks again and again."""
    other = visitor(390)
    other.context.route_web_socket("**", lambda socket: socket.close())
    theirs = other.open(path(page))
    until_epochs(theirs, 2)
    drawn = theirs.locator("[data-live=loss] tbody th").count()
    until_epochs(theirs, drawn + 1)
    assert theirs.locator(".acts button, .acts a").count() == 0
    assert '<noscript><meta http-equiv="refresh"' in theirs.request.get(theirs.url).text()


def until_done(page: Page) -> dict:
    """The version that the page says was made."""
    expect(page.get_by_role("link", name="Break it")).to_be_visible(timeout=LEARNING)
    expect(page.locator(".tested strong")).to_have_count(4)
    expect(page.locator("[data-sentence]")).to_contain_text(
        "of the first 1,000 test pictures; when they are attacked with PGD at"
    )
    return job_of(page)["result"]["version"]


def the_end_says_what_the_card_says(page: Page, version: dict) -> None:
    test = version["test"]
    assert page.locator(".tested strong").all_text_contents() == [
        percent(figure["accuracy"]) for figure in (test, test["fgsm"], test["pgd"], test["worst"])
    ]
    assert "of 10,000" in page.locator(".tested dd").first.inner_text()
    assert test["worst"]["protocol"]["text"] in page.locator(".tested dd").last.inner_text()
    cells = [int(text) for text in page.locator(".confusion td").all_text_contents()]
    assert cells == [count for row in test["confusion"] for count in row]
    verdict = job_of(page)["result"]["verdict"]
    expect(page.locator(".judgement h2")).to_have_text(verdict["title"])
    assert verdict["advice"] in page.locator(".judgement").inner_text()


def without_scripts_the_same_figures_are_there(visitor, page: Page) -> None:
    plain = visitor(java_script_enabled=False).open(path(page))
    rows = plain.locator("noscript table tbody tr")
    epochs = job_of(page)["result"]["epochs"]
    assert rows.count() == len(epochs)
    assert percent(epochs[-1]["validation_error"]) in rows.last.locator("td").all_text_contents()
    assert plain.locator(".tested strong").all_text_contents() == page.locator(".tested strong").all_text_contents()


def it_is_promoted(owner: Visitor, page: Page) -> None:
    """Three epochs are worse than what is shipped: the site asks first."""
    page.get_by_role("button", name="Promote").click()
    expect(page.locator("#against")).to_contain_text("worse than the live one")
    owner.forgive("409")
    page.get_by_role("button", name="Promote it all the same").click()
    page.wait_for_url("**/promotions/**")
    expect(page.locator("[data-sentence]")).to_contain_text("From now on")
    page.get_by_role("link", name="Back to the training").click()
    expect(page.locator(".acts .live")).to_be_visible()


def it_is_rolled_back(page: Page) -> None:
    page.get_by_role("button", name="Roll back to LeNet-5 on MNIST").click()
    page.wait_for_url("**/promotions/**")
    expect(page.locator("[data-sentence]")).to_contain_text("From now on")
    page.go_back()


def it_is_broken(page: Page, version: dict) -> None:
    page.get_by_role("link", name="Break it").click()
    page.wait_for_url(f"**{version['lab']}")
    expect(page.locator("[data-not-live]")).to_contain_text(version["identity"][:8])


# --- What is read -------------------------------------------------------------------------------------------------


def path(page: Page) -> str:
    return urlsplit(page.url).path


def run_id(page: Page) -> str:
    return path(page).split("/")[2]


def started_so_far(page: Page) -> int:
    text = page.request.get(urlsplit(page.url)._replace(path="/training/").geturl()).text()
    return len(set(re.findall(r"/training/([0-9a-f-]{36})/", text)))


def job_of(page: Page) -> dict:
    return get(page, f"/api/v1/jobs/{run_id(page)}")


def served(page: Page) -> dict:
    """What the lab for digits says of the version that answers there."""
    text = page.request.get(urlsplit(page.url)._replace(path=LAB).geturl()).text()
    return json.loads(re.search(r'<script id="lab-state"[^>]*>(.*?)</script>', text, re.DOTALL)[1])["classifier"]


def percent(value: float) -> str:
    """As the page says a share."""
    return f"{value:.0%}".replace("%", "\u202f%") if value in (0, 1) else f"{value * 100:.2f}\u202f%"


def zip_of_textures() -> bytes:
    """Three classes of photographs, and a page of HTML among them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for texture in ("brick", "grass", "gravel"):
            photograph = getattr(data, texture)()
            for number in range(6):
                picture = io.BytesIO()
                Image.fromarray(photograph[number * 60 : number * 60 + 128, :128]).convert("RGB").save(picture, "PNG")
                archive.writestr(f"{texture}/{number}.png", picture.getvalue())
        archive.writestr("brick/page.jpg", "<html>")
    return buffer.getvalue()
