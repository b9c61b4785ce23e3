"""What is promised to whoever runs a site: documented settings, clean checks, a secret of its own."""

import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from tests.support.paths import ROOT
from tests.support.walks import first
from webapp.core.body_cap import FORM_OVERHEAD
from webapp.settings import generated_secret

READERS = (
    r"env\.\w+\(\s*\"([A-Z_]+)\"",
    r"environ(?:ment)?\.(?:get|pop)\(\s*\"([A-Z_]+)\"",
    r"environ\[\"([A-Z_]+)\"\]",
    r"\$\{([A-Z_]+):-",
)
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "LANGUAGE"}  # Django's own, and the system's
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$", re.M)


def code() -> list[Path]:
    folders = [path for name in ("webapp", "inference", "attacks") for path in (ROOT / name).rglob("*.py")]
    return [*folders, ROOT / "manage.py", ROOT / "run", ROOT / "test", ROOT / "webapp/supervisor/python.sh"]


def names_read() -> set[str]:
    """Every environment variable that the product reads."""
    texts = [path.read_text() for path in code()]
    return {name for text in texts for reader in READERS for name in re.findall(reader, text)} - NOT_OURS


def documented() -> dict[str, str]:
    """Names and defaults as docs/settings.md tells them."""
    return {name: default for name, default, _words in ROW.findall((ROOT / "docs/settings.md").read_text())}


def test_every_setting_is_documented_and_no_other() -> None:
    found = names_read()

    assert {"SECRET_KEY", "GIBBON_DATA", "GIBBON_DEVICE", "HOST", "GIBBON_VENV", "GIBBON_BROKER"} <= found
    assert found == set(documented())


def test_the_documented_numbers_are_the_real_defaults() -> None:
    source = (ROOT / "webapp/settings.py").read_text()
    numbers = dict(re.findall(r"env\.(?:whole|number)\(\"([A-Z_]+)\", default=([\d_.]+)[,)]", source))

    assert len(numbers) > 12
    told = documented()
    assert {name: float(told[name].strip("`").replace(",", "")) for name in numbers} == {
        name: float(default) for name, default in numbers.items()
    }


def test_the_documented_proxy_lets_through_what_the_site_takes() -> None:
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", (ROOT / "docs/production.md").read_text())
    assert int(megabytes) * 2**20 >= settings.DATASET_BYTES + FORM_OVERHEAD


# --- Production ---------------------------------------------------------------------------------------------------


def documented_environment(data: Path) -> dict[str, str]:
    """The variables that docs/production.md exports, with something in place of each secret."""
    text = (ROOT / "docs/production.md").read_text()
    exported = dict(re.findall(r"^export (\w+)=(\S+)", text, re.M))
    values = {name: value.replace("…", "5ecretW0rd_" * 6) for name, value in exported.items()}
    return values | {"GIBBON_DATA": str(data)}


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A management command with these variables and none of the tests'."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *words],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_deployment_check_is_clean_with_the_documented_settings(tmp_path: Path) -> None:
    environment = documented_environment(tmp_path)
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "GIBBON_HTTPS", "DATABASE_URL", "REDIS_URL"} <= set(environment)

    done = manage("check", "--deploy", "--fail-level", "WARNING", **environment)

    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_the_deployment_check_finds_what_is_wrong(settings: Any) -> None:
    """So that a clean one means something: plain HTTP and a short secret are told."""
    settings.SECRET_KEY = "short"

    with pytest.raises(SystemCheckError) as found:
        call_command("check", deploy=True, fail_level="WARNING")

    assert "security.W009" in str(found.value) and "security.W016" in str(found.value)


@pytest.mark.parametrize(
    ("name", "value"),
    first(
        [
            ("GIBBON_HTTPS", "ture"),  # taken for false once
            ("REDIS_URL", "127.0.0.1:6379"),
            ("GIBBON_JOBS_PER_MINUTE", "many"),
            ("GIBBON_PICTURE_DAYS", ""),
            ("GIBBON_STORAGE", "bucket"),
            ("GIBBON_PICTURE_DAYS", "7 days"),
            ("GIBBON_PICTURE_DAYS", "-1"),
            ("GIBBON_KEEPER_SECONDS", "0"),
            ("GIBBON_JOB_HEARTBEAT_SECONDS", "12"),
            ("DATABASE_URL", "gibbon"),
            ("LOG_LEVEL", "loud"),
        ]
    ),
)
def test_a_wrong_setting_stops_the_start_and_is_named(tmp_path: Path, name: str, value: str) -> None:
    done = manage("check", **{"GIBBON_DATA": str(tmp_path), name: value})

    assert done.returncode == 2
    [sentence] = done.stderr.splitlines()
    assert name in sentence


# --- The secret ---------------------------------------------------------------------------------------------------


def test_each_installation_draws_a_secret_only_its_owner_can_read(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        one, other = tmp_path / "one/secret.key", tmp_path / "other/secret.key"
        secrets = {generated_secret(one), generated_secret(other)}
    finally:
        os.umask(old)

    assert len(secrets) == 2 and all(len(secret) >= 50 for secret in secrets)
    assert generated_secret(one) in secrets
    assert stat.S_IMODE(one.stat().st_mode) == 0o600
    assert [path.name for path in one.parent.iterdir()] == ["secret.key"]


def test_processes_that_start_together_agree_on_it(tmp_path: Path) -> None:
    code = "import sys; from webapp.settings import SECRET_KEY; print(SECRET_KEY)"
    environment = {"PATH": os.environ["PATH"], "GIBBON_DATA": str(tmp_path)}

    def start() -> str:
        return subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout

    with ThreadPoolExecutor() as pool:
        printed = list(pool.map(lambda _: start(), range(4)))

    assert len(set(printed)) == 1 and len(printed[0]) > 50
