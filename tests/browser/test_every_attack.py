"""Every attack that is declared, walked through as a visitor: on a photo and a digit, away from the answer and towards
a class, explained; watched and stopped in the middle. A new attack is walked by itself.
"""

import re
import signal
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from attacks.catalog import ATTACKS
from attacks.options import OptionError
from attacks.record import AttackRecord
from inference.catalog.classifiers import CLASSIFIERS, card
from inference.catalog.preparations import limits_of
from tests.browser.lab import VERDICT, job, job_id, sweep, wait_for_result
from tests.browser.test_attacks import COLLECTED
from tests.support.people import wait_for

pytestmark = pytest.mark.walk

WIDTHS = (1280, 390)
SAMPLES = {"imagenet-lite0": "camera", "digits": "digit-3"}
# As much work as a walk has time for, and so much that there is time to stop it; of options that an attack has.
FEW = {"steps": 10, "binary_steps": 2, "queries": 100, "generations": 3, "candidates": 3}
MANY = {"steps": 600, "binary_steps": 1, "queries": 1500, "generations": 15, "targets": 1}
MANY_BOUNDARIES = {"steps": 50, "candidates": 100}  # DeepFool takes few steps, but each as long as there are candidates
FAR = "toaster"  # nobody's second guess of a photographer: it takes a while


def walked() -> Iterator[tuple[AttackRecord, str, int]]:
    """Each attack with each network that it takes and in both widths: with two networks, one of them in each."""
    for number, record in enumerate(ATTACKS.values()):
        taken = [network for network in SAMPLES if not refusal(record, network)]
        for place, width in enumerate(WIDTHS):
            yield record, taken[(number + place) % len(taken)], width


def refusal(record: AttackRecord, network: str) -> str:
    try:
        record.refuse_size(limits_of(card(network), CLASSIFIERS[network].levels))
    except OptionError as error:
        return error.template % error.values
    return ""


def some(record: AttackRecord, values: dict[str, int]) -> dict[str, int]:
    """Those of the values that are options of this attack."""
    return {option.name: values[option.name] for option in record.options if option.name in values}


def address(record: AttackRecord, network: str, **options: object) -> str:
    query = {"classifier": network, "attack": record.slug} | options
    return f"/lab/sample/{SAMPLES[network]}/?{urlencode(query)}"


@pytest.mark.parametrize(
    ("record", "network", "width"),
    [pytest.param(*one, id="-".join(map(str, (one[0].slug, *one[1:])))) for one in walked()],
)
def test_it_is_run_looked_through_explained_and_aimed(visitor, record: AttackRecord, network: str, width: int) -> None:
    page = visitor(width).open(address(record, network, **some(record, FEW)))
    is_shown(page, record, "away from what the network said")
    is_looked_through(page)
    is_explained(page, record)
    if record.targeted:
        aimed_at = page.locator("[data-target-chooser] [data-chips] button").nth(1)
        label = aimed_at.evaluate("button => button.firstChild.textContent")
        aimed_at.click()
        page.wait_for_url(re.compile(r"[?&]target="))
        is_shown(page, record, f"towards {label}")
        is_looked_through(page)


def is_shown(page: Page, record: AttackRecord, goal: str) -> None:
    """What the server says of the result, beside pictures and their figures; nothing is wider than the window."""
    expect(page.locator("[data-sub]")).to_contain_text(f"{record.name} {'step ' if record.path == 'ray' else ''}{goal}")
    if record.path == "ray":
        wait_for_result(page)
    frame = page.locator("figure[data-frame=a]")
    expect(frame).not_to_have_class(re.compile("waiting"))
    expect(frame.locator("canvas:visible, img:visible").first).to_be_visible()  # a change too large to draw is an image
    expect(page.locator("[data-says=after] b")).not_to_have_text("…")
    made = job(page)
    assert (made["status"], made["about"]["attack"]) == ("done", record.slug)
    words = made["result"]["words"]
    if record.path == "ray":
        words = sweep(page)["points"][record.budget_of(made["about"]["params"])]["words"]
    assert page.locator(VERDICT).text_content().startswith("".join(part["text"] for part in words["sentence"]))
    fits(page)


def is_looked_through(page: Page) -> None:
    """Of many steps: the chart, a slider through what was kept, the figures beside it."""
    section, trace = page.locator(".trace"), job(page)["result"]["trace"]
    if trace is None:
        expect(section).to_be_hidden()
        return
    expect(section.locator("[data-trace-sentence]")).to_have_text(trace["sentence"])
    section.get_by_label("Step", exact=True).focus()
    page.keyboard.press("End")
    last = trace["steps"][-1]["step"]
    expect(section.locator("[data-trace-step]")).to_have_text(re.compile(rf"^Step {last:,} of \d"))
    page.keyboard.press("Home")
    expect(section.locator("[data-trace-step]")).to_have_text(re.compile(r"^Step 0 of \d"))
    expect(section.locator(".chart canvas")).to_be_visible()


def is_explained(page: Page, record: AttackRecord) -> None:
    made_of = page.locator("[data-derivation]")
    expect(made_of.locator("[data-recipe]")).to_have_attribute("data-recipe", record.slug)
    expect(made_of.locator("math").first).to_be_visible()
    made_of.locator(".source > summary").click()
    expect(made_of.locator(".source .code").first).to_contain_text(f"def {record.function.partition(':')[2]}(")
    page.locator("figure[data-frame=a] .frame").click(position={"x": 90, "y": 90})
    expect(made_of.locator("[data-step=value] td").first).to_have_text(re.compile(r"^\d+$"))


def aims_at(page: Page, label: str) -> None:
    expect(page.locator("[data-chips] [aria-pressed=true]")).to_contain_text(label)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


STEP = r"/^Step \d+/"
LONG = [one for one in ATTACKS.values() if one.repeats and not refusal(one, "imagenet-lite0")]


@pytest.mark.parametrize(
    ("record", "width"), [pytest.param(one, WIDTHS[number % 2], id=one.slug) for number, one in enumerate(LONG)]
)
def test_it_is_foretold_watched_and_stopped_in_the_middle(visitor, record: AttackRecord, width: int) -> None:
    far = FAR if record.targeted else "away from"
    page = visitor(width).open(f"/lab/sample/camera/?target={FAR if record.targeted else ''}")
    wait_for_result(page)
    page.evaluate(COLLECTED)
    chooser = page.locator(".attack-chooser")
    chooser.locator(f"input[name=attack][value={record.slug}]").check()
    options = chooser.locator(f"[data-attack={record.slug}]")
    for name, value in some(record, MANY if record.targeted else MANY_BOUNDARIES).items():
        options.locator(f"[data-option={name}]").fill(str(value))
    expect(chooser.locator("[data-forecast]")).to_contain_text(re.compile(r"up to \d+ s"))
    fits(page)

    chooser.get_by_role("button", name="Attack", exact=True).click()
    page.wait_for_url(re.compile(rf"attack={record.slug}&"))
    expect(page.locator(VERDICT)).to_contain_text("done within about")
    bar = page.get_by_role("progressbar", name="Progress")
    page.wait_for_function("bar => bar.value > 0", arg=bar.element_handle())
    if record.threat_model.gradients and record.targeted:  # scores alone have no steps to show, DeepFool's are few
        page.wait_for_function(f"() => new Set(heard.filter((text) => {STEP}.test(text))).size > 1")
    fits(page)
    aims_at(page, far)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-error]")).to_contain_text("Stopped")
    aims_at(page, far)
    wait_for(lambda: job(page)["status"] == "cancelled", 30)
    fits(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_photograph_cannot_have_is_stopped_in_the_middle_on_a_digit(visitor, settled, width: int) -> None:
    """JSMA is over within a second or two: its worker stands still while the button is looked for."""
    page = visitor(width).open("/lab/sample/digit-4/?classifier=digits-hardened&target=0")
    wait_for_result(page)
    chooser = page.locator(".attack-chooser")
    chooser.locator("input[name=attack][value=jsma]").check()
    chooser.locator("[data-attack=jsma] [data-option=distortion]").fill("100")
    chooser.locator("[data-attack=jsma] [data-option=theta]").fill("0.01")
    before = job_id(page)
    settled.kill("worker", signal.SIGSTOP, everyone=True)
    chooser.get_by_role("button", name="Attack", exact=True).click()
    wait_for(lambda: job_id(page) != before, 10)
    with settled.standing_still("worker", lambda: job(page)["progress"]["done"] > 0):
        assert job(page)["status"] == "running"
        aims_at(page, "0")
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("[data-error]")).to_contain_text("Stopped")
    wait_for(lambda: job(page)["status"] == "cancelled", 10)
    aims_at(page, "0")
    fits(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_what_an_attack_cannot_take_is_told(visitor, width: int) -> None:
    refused = {record.slug: refusal(record, "imagenet-lite0") for record in ATTACKS.values()}
    me = visitor(width)
    page = me.open()
    wait_for_result(page)
    for slug, why in refused.items():
        radio = page.locator(f".attack-chooser input[value={slug}]")
        (expect(radio).to_be_disabled if why else expect(radio).to_be_enabled)()
    [slug] = filter(refused.get, refused)
    page.goto(me.url + address(ATTACKS[slug], "imagenet-lite0"))
    expect(page.locator("h1")).to_have_text(refused[slug])
    me.forgive("422")


def test_who_watches_sees_it_begin_again_after_kill_9_and_finish(visitor, settled) -> None:
    params = {"target": FAR, "binary_steps": 1, "steps": 100, "learning_rate": 0.01, "confidence": 20.0}
    page = visitor().open(f"/lab/sample/camera/?{urlencode({'attack': 'cw'} | params)}")
    page.wait_for_url(re.compile("attack=cw"))
    page.evaluate(COLLECTED)
    page.wait_for_function(f"() => heard.some((text) => {STEP}.test(text) && parseInt(text.slice(5)) > 10)")
    aims_at(page, FAR)
    settled.kill("worker", everyone=True)
    expect(page.locator(VERDICT)).to_contain_text(re.compile("under way|Waiting"))
    expect(page.locator("[data-file]")).to_be_visible(timeout=300_000)
    made = job(page)
    assert (made["status"], made["attempts"]) == ("done", 2) and made["result"]["verified"]
    steps = [int(found[1]) for text in page.evaluate("heard") if (found := re.match(r"Step (\d+)", text))]
    fell = [after for before, after in pairwise(steps) if after < before]
    assert fell and min(fell) <= 10, steps  # from the beginning, not from where it was
    said = "".join(part["text"] for part in made["result"]["words"]["sentence"])
    assert page.locator(VERDICT).text_content() == said
