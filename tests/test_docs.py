"""What README and docs name is there: files, links, modules; and the figures of README are those of the cards."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from attacks.catalog import ATTACKS
from inference.catalog.classifiers import CARDS
from inference.catalog.networks import NETWORKS
from tests.support.paths import ROOT

PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")])
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
OURS = ("attacks", "benchmarks", "docs", "inference", "locale", "static", "templates", "tests", "webapp")
COUNTS = {
    "eleven": "十一",
    "twelve": "十二",
    "thirteen": "十三",
    "fourteen": "十四",
    "fifteen": "十五",
    "sixteen": "十六",
}
FIRST = 11  # what the first of these stands for


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The names that a page's headings have as addresses."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
        if not link.startswith("http"):
            name, _, anchor = link.partition("#")
            aim = (page.parent / name).resolve() if name else page
            assert aim.exists(), link
            assert not anchor or anchor in anchors(aim), link


@each_page
def test_every_file_and_module_that_is_named_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(rf"`((?:{'|'.join(OURS)})/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"python -m ((?:inference|benchmarks|tests|webapp)[\w.]*)", text):
        assert find_spec(name), name


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readmes_count_attacks_lessons_and_networks(name: str) -> None:
    from webapp.learn.lessons import NAMES

    text = (ROOT / name).read_text(encoding="utf-8")
    attacks, lessons = list(COUNTS.items())[len(ATTACKS) - FIRST], list(COUNTS.items())[len(NAMES) - FIRST]
    wanted = {
        "README.md": (f"among {attacks[0]} attacks", f"course of {lessons[0]} lessons", r"and a network \(([^)]+)\)"),
        "README.zh.md": (f"从{attacks[1]}种攻击中", f"共{lessons[1]}课", "和一个网络（([^）]+)）"),
    }[name]
    assert wanted[0] in text and wanted[1] in text
    [networks] = re.findall(wanted[2], text)
    assert len(re.split("[,、]", networks)) == len(NETWORKS)


def test_the_figures_of_the_readme_are_those_of_the_cards() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for slug in ("digits", "digits-plain", "digits-hardened", "signs", "signs-hardened"):
        [row] = re.findall(rf"^\| `{slug}`.*$", text, re.MULTILINE)
        test = json.loads((CARDS / f"{slug}.json").read_text(encoding="utf-8"))["test"]
        told = re.findall(r"([\d,]+) of ([\d,]+)", row)
        wanted = [(f"{one['right']:,}", f"{one['of']:,}") for one in (test, test["fgsm"], test["pgd"], test["worst"])]
        assert told == wanted, slug
