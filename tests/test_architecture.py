"""Who must never import torch, and who only cheap things; which scripts know which. Who else may know whom: the
contracts of pyproject.toml."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("attacks", "inference", "webapp")
HEAVY = {"torch", "torchvision", "timm", "onnx", "onnxruntime", "skimage", "scipy"}
# The decoders, processes of their own, find ink with SciPy and load it before their memory is limited.
MAY_LOAD = {"inference.images.child": {"scipy"}}
TORCH_FREE = [
    "attacks",
    "attacks.catalog",
    "attacks.controls",
    "inference",
    "inference.catalog.classifiers",
    "inference.catalog.own",
    "inference.catalog.conditions_words",
    "inference.catalog.errors",
    "inference.images",
    "inference.catalog.installation",
    "inference.images.child",
    "inference.catalog.labels",
    "inference.images.pixels",
    "inference.data.zip_pictures",
    "inference.__main__",
]
# All of webapp is the web process's, which never imports torch, but for what only workers import.
WORKERS_ONLY = {
    *("webapp.lab.company", "webapp.lab.partial", "webapp.lab.searching", "webapp.lab.work"),
    *("webapp.learn.work", "webapp.registry.loading", "webapp.promotion.work"),
    *("webapp.training.work", "webapp.training.preparing", "webapp.training.saving"),
    "webapp.training.masking_work",
}
STATIC = ROOT / "static"
# What a room of static/js may import besides itself.
MAY_KNOW = {
    "lib": set(),
    "lab": {"lib", "vendor"},
    "training": {"lib", "vendor"},
    "learn": {"lib", "vendor"},
    "site": {"lib"},
}
SCRIPT_IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*["']([^"']+)["']""")


def modules(package):
    """(module name, its syntax tree) of every file of a package."""
    for path in sorted((ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(tree, *, top_only=False):
    """The dotted names a module imports; with top_only, only what is imported when it is."""
    for node in _running(tree) if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _running(node):
    """The nodes that run on import: not the bodies of functions, not what is only for the type checker."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _running(child)


def test_nothing_uses_relative_imports():
    """Absolute names are what the walk above understands."""
    for package in OURS:
        for name, tree in modules(package):
            assert not any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree)), name


@pytest.mark.parametrize("module", TORCH_FREE)
def test_what_both_sides_read_is_torch_free(module):
    loaded = fresh(f"import {module}")
    assert not (HEAVY - MAY_LOAD.get(module, set())) & loaded


@pytest.mark.parametrize("module", ["attacks.catalog", "inference.catalog.classifiers", "inference.images"])
def test_what_the_web_reads_is_cheap(module):
    assert not {"numpy", "PIL"} & fresh(f"import {module}")


def fresh(statement):
    """The top-level modules a new interpreter has after a statement."""
    code = f"{statement}\nimport sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_web_side_never_reaches_torch():
    """Follows every import that runs on import, from all of webapp but what is for workers only."""
    trees = {name: tree for package in OURS for name, tree in modules(package)}
    web = {name for name in trees if name.startswith("webapp")} - WORKERS_ONLY
    assert len(web) > 10
    assert not heavy_trails(trees, web)
    for name in WORKERS_ONLY:
        assert heavy_trails(trees, {name}), f"{name} no longer needs torch: take it off the list"


def heavy_trails(trees, start):
    """How a heavy package is reached from these modules: "a -> b -> torch", one for each way found."""
    found, reached, todo = [], set(), [(name, name) for name in start]
    while todo:
        name, trail = todo.pop()
        if name in reached:
            continue
        reached.add(name)
        for target in imported(trees[name], top_only=True):
            if target.partition(".")[0] in HEAVY:
                found.append(f"{trail} -> {target}")
            todo += [(it, f"{trail} -> {it}") for it in with_parents(target) if it in trees]
    return found


def with_parents(name):
    """A module and the packages that are imported along with it."""
    parts = name.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


def test_a_room_of_scripts_knows_none_but_those_below_it():
    scripts = sorted((STATIC / "js").rglob("*.js"))
    assert {path.relative_to(STATIC / "js").parts[0] for path in scripts} == MAY_KNOW.keys()
    wrong, seen = [], 0
    for path in scripts:
        room = path.relative_to(STATIC / "js").parts[0]
        for target in SCRIPT_IMPORT.findall(path.read_text(encoding="utf-8")):
            seen += 1
            other = (
                (path.parent / target).resolve().relative_to(STATIC).as_posix().removeprefix("js/").partition("/")[0]
            )
            if other not in MAY_KNOW[room] | {room}:
                wrong.append(f"{path.relative_to(STATIC)}: {target}")
    assert not wrong
    assert seen > 80


def test_scripts_and_styles_say_first_what_they_are_for():
    ours = [path for kind in ("js", "css") for path in sorted((STATIC / kind).rglob("*.*"))]
    assert not [path.name for path in ours if not re.match(r"/\* [A-Z“ε].", path.read_text(encoding="utf-8"))]
    assert len(ours) > 50


def test_what_is_added_up_in_double_precision_is_fetched_first():
    """Apple's MPS has no float64, which nobody here would notice. Folding, and the lessons, are done on the CPU."""
    on_the_cpu = {ROOT / "inference/networks/fuse.py", *(ROOT / "inference/course").glob("*.py")}
    for package in ("attacks", "inference"):
        for path in {*(ROOT / package).rglob("*.py")} - on_the_cpu:
            lines = path.read_text(encoding="utf-8").splitlines()
            wrong = [line for line in lines if ".double()" in line.replace(".cpu().double()", "")]
            assert not wrong, (path, wrong)
