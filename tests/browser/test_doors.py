"""The browser's doors: what is pasted and dropped, a login in another tab, blocked cookies, two uploads at once."""

import json
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE
from tests.browser.lab import OF_ONES_OWN, wait_for_result

ERROR = "[data-error]"
GIVE = """async ([name, on, texts, files]) => {
  const carried = new DataTransfer();
  for (const [kind, text] of Object.entries(texts)) carried.setData(kind, text);
  for (const bytes of files) carried.items.add(new File([new Uint8Array(bytes)], "a.jpg", { type: "image/jpeg" }));
  const node = document.querySelector(on);
  node.focus?.();
  const [Kind, holder] = name === "paste" ? [ClipboardEvent, "clipboardData"] : [DragEvent, "dataTransfer"];
  return node.dispatchEvent(new Kind(name, { [holder]: carried, bubbles: true, cancelable: true }));
}"""  # returns whether the browser goes on with its own way of doing it
WORD = {"text/plain": "giant panda", "text/html": "<b>giant panda</b>"}


def test_text_goes_into_fields_and_what_cannot_be_taken_is_told(visitor, photo):
    page = visitor().open()
    wait_for_result(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    bytes_ = list(photo)

    assert page.evaluate(GIVE, ["paste", "[data-target-chooser] input[name=target]", WORD, [bytes_]])
    assert page.evaluate(GIVE, ["drop", "[data-target-chooser] input[name=target]", WORD, []])
    assert page.locator(ERROR).inner_text() == ""
    for event, texts, files, words in [
        ("paste", WORD, [bytes_], "text beside the picture"),
        ("drop", {"text/uri-list": "https://example.org/"}, [], "no file in what you dropped"),
    ]:
        page.evaluate("document.activeElement.blur()")
        assert not page.evaluate(GIVE, [event, "body", texts, files])
        expect(page.locator(ERROR)).to_contain_text(words)
    assert sent == []


def test_a_folder_and_an_unreadable_file_are_told_and_of_two_pictures_the_first_is_taken(visitor, photo, tmp_path):
    page = visitor().open()
    wait_for_result(page)
    folder = tmp_path / "holiday"
    folder.mkdir()
    drop_paths(page, [folder])
    expect(page.locator(ERROR)).to_contain_text("A folder cannot be taken")

    gone = tmp_path / "gone.jpg"
    gone.write_bytes(photo)
    page.set_input_files("input[name=image]", [])
    page.evaluate(
        "File.prototype.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) })"
    )
    page.set_input_files("input[name=image]", gone)
    expect(page.locator(ERROR)).to_contain_text("cannot be read")
    expect(page.locator("[data-retry]")).to_be_hidden()
    page.reload()
    wait_for_result(page)

    files = [tmp_path / "one.jpg", tmp_path / "two.jpg"]
    for file in files:
        file.write_bytes(photo)
    drop_paths(page, [folder, *files])
    expect(page.locator(ERROR)).to_have_text("Gibbon takes one picture at a time; the first one was taken.")
    page.wait_for_url(OF_ONES_OWN)


def drop_paths(page, paths):
    """A real drag of these files and folders from the desktop."""
    devtools = page.context.new_cdp_session(page)
    carried = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": carried})


def test_after_a_login_in_another_tab_an_upload_still_works(visitor, settled, photo):
    me = visitor()
    page = me.open()
    wait_for_result(page)
    other = me.open("/admin/login/")
    other.fill("[name=username]", "admin")
    other.fill("[name=password]", settled.password)
    other.click("[type=submit]")
    other.wait_for_url("**/admin/")

    page.set_input_files("input[name=image]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.wait_for_url(OF_ONES_OWN)
    me.forgive("403")


@pytest.mark.walk
def test_where_cookies_are_blocked_that_is_the_reason_told(playwright, whole_browser, settled, photo, tmp_path):
    (tmp_path / "Default").mkdir()
    never = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(never))
    context = playwright.chromium.launch_persistent_context(tmp_path, **whole_browser)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(settled.url)
    page.set_input_files("input[name=image]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
    expect(page.locator(ERROR)).to_contain_text("Your browser blocks cookies")
    expect(page.locator("[data-retry]")).to_be_hidden()
    context.close()


def test_two_first_uploads_at_the_same_time_are_both_the_visitors(settled, photo):
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(settled.url + "/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    body = (
        b'--a-long-boundary\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
        + photo
        + b"\r\n--a-long-boundary--\r\n"
    )
    headers = {"Cookie": cookies, "X-CSRFToken": token, "Content-Type": "multipart/form-data; boundary=a-long-boundary"}

    def upload(_):
        request = urllib.request.Request(f"{settled.url}/api/v1/images", body, headers)
        return json.load(urllib.request.urlopen(request, timeout=60))["id"]

    with ThreadPoolExecutor(4) as pool:
        sent = set(pool.map(upload, range(4)))

    kept = json.load(opener.open(settled.url + "/api/v1/images"))
    assert {picture["id"] for picture in kept} == sent and len(sent) == 4


@pytest.mark.walk
def test_on_the_apis_page_a_visitor_can_try_an_upload_and_an_attack_out(visitor, photo):
    page = visitor().open("/api/v1/docs")
    assert page.title() and page.locator("html").get_attribute("lang") == "en"

    upload = page.locator("#operations-pictures-webapp_api_views_upload_image")
    upload.locator(".opblock-summary-control").click()
    upload.get_by_role("button", name="Try it out").click()
    upload.locator("input[type=file]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
    with page.expect_response("**/api/v1/images") as answer:
        upload.get_by_role("button", name="Execute").click()
    assert answer.value.status == 201

    attack = page.locator("#operations-jobs-webapp_api_views_start_job")
    attack.locator(".opblock-summary-control").click()
    attack.get_by_role("button", name="Try it out").click()
    with page.expect_response("**/api/v1/jobs") as answer:
        attack.get_by_role("button", name="Execute").click()
    assert answer.value.status == 202, "the example is a sample that is there"
