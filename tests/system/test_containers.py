"""Dockerfile and compose.yaml hold against the site: no image is built here, but what they name is there and is taken.

The commands are parsed by whoever will run them, the settings read by the site, and the files that are copied into an
image are enough to start from.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import pytest
import uvicorn
import yaml
from django.conf import settings as site
from django.core.management import get_commands, load_command_class
from django.urls import resolve
from django.utils.module_loading import import_string

from tests.support.paths import ROOT
from tests.support.walks import first
from tests.system.test_deployment import documented
from webapp.core.queues import QUEUES
from webapp.settings import LOCAL_HOSTS

OTHERS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PYTHONUNBUFFERED"}  # boto3's, Python's
GIVEN = {"POSTGRES_PASSWORD": "s3cret"}


def stages() -> dict[str, list[tuple[str, str]]]:
    """The Dockerfile's stages, each with what it inherits from another: (instruction, its words)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        instruction, _, words = line.partition(" ")
        if instruction == "FROM":
            base, _, name = words.partition(" AS ")
            found[name] = list(found.get(base, []))
        elif line and instruction != "#":
            found[name].append((instruction, words))
    return found


def last(stage: str, instruction: str) -> str:
    return [words for name, words in stages()[stage] if name == instruction][-1]


def copied(stage: str) -> list[tuple[str, str]]:
    """(path in the project, path below the working folder)"""
    found = []
    for _name, words in (entry for entry in stages()[stage] if entry[0] == "COPY"):
        *sources, target = words.split()
        if sources[0].startswith("--from="):
            found += copied(sources[0].removeprefix("--from="))
        else:
            found += [(source, source if target == "./" else target) for source in sources]
    return found


def filled(part: Any) -> Any:
    """A part of compose.yaml with its variables filled, as in a shell that knows those of GIVEN only."""
    if isinstance(part, dict):
        return {key: filled(value) for key, value in part.items()}
    if isinstance(part, list):
        return [filled(value) for value in part]

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        assert name in GIVEN or kind == ":-", f"{name} has to be given"
        return GIVEN.get(name, default)

    return re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, part) if isinstance(part, str) else part


COMPOSE: dict[str, Any] = filled(yaml.safe_load((ROOT / "compose.yaml").read_text()))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def command(name: str) -> list[str]:
    """What a service runs: its own words or its image's."""
    return OURS[name].get("command") or json.loads(last(OURS[name]["build"]["target"], "CMD"))


# --- Images -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", first(["web", "worker"]))
def test_what_is_copied_is_enough_to_start_from(stage: str, tmp_path: Path) -> None:
    for source, target in copied(stage):
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, tmp_path / target)
    entrance = {"web": "webapp.asgi", "worker": "webapp.celery; import webapp.lab.work, webapp.training.work"}[stage]
    code = f"import django; django.setup(); import {entrance}; from django.utils.translation import gettext, override\n"
    code += "with override('zh-hans'): assert gettext('Steps') != 'Steps'\nprint(webapp.__file__)"
    environment = {"PATH": os.environ["PATH"], "GIBBON_DATA": str(tmp_path / "data")}
    environment["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "webapp" / "__init__.py")


@pytest.mark.parametrize(("stage", "wanted"), [("web", "requirements-web.txt"), ("worker", "requirements.txt")])
def test_packages_are_those_of_the_files_at_the_pinned_versions(stage: str, wanted: str) -> None:
    installs = [shlex.split(words) for name, words in stages()[stage] if name == "RUN" and words.startswith("pip ")]
    files = {source for source, _target in copied(stage)}
    for words in installs:
        named = {words[at + 1] for at, word in enumerate(words) if word in ("-c", "-r")}
        assert words[words.index("-c") + 1] == "constraints.txt" and named <= files
    assert installs[-1][-2:] == ["-r", wanted]


def test_nothing_that_is_copied_is_held_back() -> None:
    kept_away = {line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")}
    assert not kept_away & {source for stage in ("web", "worker") for source, _target in copied(stage)}


# --- Services -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_a_services_command_is_understood(name: str) -> None:
    program, *words = command(name)
    if program == "uvicorn":
        Path(site.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        with uvicorn.main.make_context("uvicorn", list(words)) as context:
            assert callable(import_string(context.params["app"].replace(":", ".")))
    else:
        assert (program, words[0]) == ("python", "manage.py") and (ROOT / "manage.py").exists()
        app = get_commands()[words[1]]
        load_command_class(app, words[1]).create_parser("manage.py", words[1]).parse_args(words[2:])
    assert " ".join([program, *words]) in (ROOT / "docs/production.md").read_text()


def test_every_queue_has_its_worker_and_only_workers_have_pytorch() -> None:
    workers = {name: command(name)[-1].split(",") for name in OURS if "worker" in command(name)}
    assert set(QUEUES) == {queue for queues in workers.values() for queue in queues}
    assert {name for name in OURS if OURS[name]["build"]["target"] == "worker"} == set(workers)
    assert {service["build"]["target"] for service in OURS.values()} < set(stages())
    assert [name for name, service in OURS.items() if "cpu_shares" in service] == ["train"]  # visitors come first


@pytest.mark.parametrize("name", first(OURS))
def test_a_services_settings_are_known_and_taken(name: str, tmp_path: Path) -> None:
    settings = {key: str(value) for key, value in OURS[name]["environment"].items()}
    assert set(settings) <= set(documented()) | OTHERS
    inherited = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    environment = inherited | settings | {"GIBBON_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", OURS)
def test_a_service_finds_database_broker_and_data(name: str) -> None:
    settings, keys = OURS[name]["environment"], SERVICES["database"]["environment"]
    database = environ.Env.db_url_config(settings["DATABASE_URL"])
    assert database["ENGINE"] == "django.db.backends.postgresql" and database["HOST"] == "database"
    told = {"USER": "POSTGRES_USER", "PASSWORD": "POSTGRES_PASSWORD", "NAME": "POSTGRES_DB"}
    assert {key: database[key] for key in told} == {key: keys[name] for key, name in told.items()}
    assert database["PORT"] == 5432 and SERVICES["database"]["image"].startswith("postgres:")
    broker = urlsplit(settings["REDIS_URL"])
    assert (broker.scheme, broker.hostname, broker.port) == ("redis", "broker", 6379)
    assert SERVICES["broker"]["image"].startswith("redis:")
    variables = dict(
        pair.split("=") for _name, words in stages()["packages"] if _name == "ENV" for pair in words.split()
    )
    assert set(variables) <= set(documented()) | OTHERS
    volume, _, folder = OURS[name]["volumes"][0].partition(":")
    assert folder == variables["GIBBON_DATA"] and volume in COMPOSE["volumes"]


def test_setup_ends_before_the_others_begin_and_waits_for_what_it_needs() -> None:
    for name, service in OURS.items():
        for needed, when in service["depends_on"].items():
            asked = {"service_healthy": "healthcheck", "service_completed_successfully": "command"}
            assert asked[when["condition"]] in SERVICES[needed]
        assert set(service["depends_on"]) == ({"database", "broker"} if name == "setup" else {"setup"})
    assert SERVICES["setup"]["restart"] == "no"


def test_the_port_is_one_and_the_same_and_answers_to_its_health() -> None:
    words = command("web")
    port = words[words.index("--port") + 1]
    assert words[words.index("--host") + 1] == "0.0.0.0" and last("web", "EXPOSE") == port
    assert SERVICES["web"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    address = urlsplit(re.search(r"http://[^']+", SERVICES["web"]["healthcheck"]["test"][-1]).group())
    assert str(address.port) == port and resolve(address.path)
    assert address.hostname in LOCAL_HOSTS  # whatever names the site is given
