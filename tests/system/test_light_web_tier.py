"""The web tier starts without PyTorch: proved in an environment where it is not even installed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.finished import png
from tests.support.paths import ROOT

HEAVY = ("torch", "torchvision", "timm", "skimage", "safetensors")
FOR_DECODERS = ("numpy", "scipy")  # in processes of their own; the web process does not import them


@pytest.fixture(scope="session")
def web_python() -> Path:
    """The interpreter of an environment made from requirements-web.txt alone; `./test` makes it beforehand."""
    folder = Path(os.environ.get("GIBBON_WEB_VENV") or ROOT / ".venv-web").resolve()
    install = ["webapp/supervisor/install.py", str(folder), "-c", "constraints.txt", "requirements-web.txt"]
    subprocess.run([sys.executable, *install], cwd=ROOT, check=True, capture_output=True)
    return folder / "bin/python"


def run_in(python: Path, script: str, data: Path, *arguments: str) -> dict[str, Any]:
    """What a script prints as JSON, run with its own database and the tests' broker."""
    (data / "static").mkdir(parents=True)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "GIBBON_TEST_HOME": str(data),
        "REDIS_URL": os.environ["REDIS_URL"],
        "DJANGO_SETTINGS_MODULE": "tests.pytest_settings",
        "LOG_LEVEL": "ERROR",
    }
    command = [str(python), "-W", "error", "-c", script, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_environment_has_no_pytorch(web_python: Path, tmp_path: Path) -> None:
    script = "import importlib.util as u, json, sys; print(json.dumps([n for n in sys.argv[1:] if u.find_spec(n)]))"

    assert run_in(web_python, script, tmp_path, *HEAVY) == []


def test_an_upload_a_form_an_admin_page_and_a_socket_without_pytorch(
    web_python: Path, tmp_path: Path, broker: Any
) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(png(64, 48))

    found = run_in(web_python, (ROOT / "tests/support/visit.py").read_text(), tmp_path / "data", str(picture))

    assert found["answers"] == {
        "home": 200,
        "upload": 201,
        "form": 302,
        "lab": 200,
        "pictures": 200,
        "about": 200,
        "login": 302,
        "admin": 200,
        "workers": 200,
        "openapi": 200,
    }
    assert (found["picture"], found["said"]) == ([64, 48], "queued")
    assert not set(found["modules"]) & {*HEAVY, *FOR_DECODERS}
    assert "PIL" not in found["modules"]  # decoding is the children's work
    assert "django" in found["modules"]


def test_even_where_pytorch_is_installed_the_web_process_does_not_import_it(tmp_path: Path) -> None:
    script = "import json, sys, webapp.asgi; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"

    found = run_in(Path(sys.executable), script, tmp_path)

    assert "channels" in found and "celery" in found
    assert not set(found) & {*HEAVY, *FOR_DECODERS, "PIL"}
