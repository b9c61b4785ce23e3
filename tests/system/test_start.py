"""What ./run says before anything runs: help, and a sentence for everything that is in the way."""

import fcntl
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from tests.support.paths import ROOT
from webapp.supervisor import broker, network, site


def start(tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """The supervisor, which here is expected to refuse."""
    environment = {**os.environ, "GIBBON_DATA": str(tmp_path), "PORT": "0", **settings}
    command = [sys.executable, "-m", "webapp.supervisor"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("program", ["run", "test"])
def test_help_comes_without_installing_anything(program, tmp_path):
    environment = {**os.environ, "GIBBON_VENV": str(tmp_path / "venv")}
    done = subprocess.run([ROOT / program, "--help"], env=environment, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0
    assert f"Usage: ./{program}" in done.stdout
    assert not (tmp_path / "venv").exists()


def test_an_unknown_argument_is_refused():
    done = subprocess.run([ROOT / "run", "--port=1"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "environment variables" in done.stderr


@pytest.mark.parametrize("program", ["run", "test"])
def test_without_a_new_enough_python_a_sentence_says_what_to_install(program, tmp_path):
    for tool in ("sh", "dirname", "cat", "env"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # what `sys.exit(sys.version_info < (3, 11))` means for an old one
    old.chmod(0o755)
    environment = {"PATH": str(tmp_path), "GIBBON_VENV": str(tmp_path / "venv")}
    done = subprocess.run([ROOT / program], env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "Python 3.11 or newer" in done.stderr


def test_a_port_in_use_is_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = start(tmp_path, PORT=str(port))
    assert done.returncode == 2
    assert done.stdout.strip() == (
        f"Port {port} on 127.0.0.1 is in use by another program. Choose another one: PORT={port + 1} ./run"
    )


@pytest.mark.parametrize("port", ["banana", "-1", "70000", "8000.5", "²"])
def test_a_port_that_is_none_is_a_sentence(tmp_path, port):
    done = start(tmp_path, PORT=port)
    assert (done.returncode, done.stderr) == (2, "")
    assert f"PORT={port} is not a port" in done.stdout


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_a_sentence(tmp_path, host):
    done = start(tmp_path, HOST=host)
    assert (done.returncode, done.stderr) == (2, "")
    assert f"HOST={host} is not an address of this machine" in done.stdout


def test_a_setting_that_cannot_be_used_is_a_sentence_before_anything_starts(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "broker.url").touch()  # as a full disk may have left it: no setting of anybody's
    done = start(tmp_path, GIBBON_JOBS_PER_MINUTE="many")
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith("GIBBON_JOBS_PER_MINUTE=many cannot be used") and done.stdout.count("\n") == 1


def test_a_missing_broker_program_is_a_sentence(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    command = [sys.executable, "-m", "webapp.supervisor"]
    environment |= {"GIBBON_DATA": str(tmp_path), "PORT": "0", "GIBBON_BROKER": "/nowhere/valkey"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (2, "GIBBON_BROKER=/nowhere/valkey is not a program.\n")


def test_a_second_start_in_the_same_folder_is_a_sentence(tmp_path):
    (tmp_path / "run").mkdir()
    with (tmp_path / "run" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (tmp_path / "run" / "services.json").write_text('{"supervisor": 123, "url": "http://127.0.0.1:8000/"}')
        done = start(tmp_path)
    assert (done.returncode, done.stderr) == (2, "")
    assert "already runs" in done.stdout and "process 123, http://127.0.0.1:8000/" in done.stdout


def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    done = start(tmp_path / "file" / "data")
    assert (done.returncode, done.stderr) == (2, "")
    assert "cannot be written" in done.stdout


# --- The broker's socket ----------------------------------------------------------------------------------------------


def test_the_socket_lies_in_the_data_folder_for_its_owner_alone(tmp_path):
    assert broker.socket_path(tmp_path) == tmp_path / "valkey.sock"
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["long" * 40, "my pictures", "50%", "what?"])
def test_a_path_too_long_or_too_odd_for_a_socket_is_replaced_by_a_short_private_one(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    path = broker.socket_path(folder)
    assert len(os.fsencode(path)) <= broker.LONGEST and broker.PLAIN.fullmatch(str(path))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert broker.socket_path(folder) == path  # the next start finds it again
    path.parent.chmod(0o755)  # and does not trust one that others may enter
    other = broker.socket_path(folder)
    assert other != path
    path.parent.rmdir()
    other.parent.rmdir()


# --- The addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_alone_adds_no_host(host):
    assert network.lan_hosts(host) == []


def test_every_address_means_those_of_the_real_interfaces_the_outgoing_one_first(monkeypatch):
    address = namedtuple("address", "family address")
    state = namedtuple("state", "isup")
    interfaces = {
        "lo": [address(socket.AF_INET, "127.0.0.1")],
        "eth1": [address(socket.AF_INET, "10.0.0.5"), address(socket.AF_INET, "169.254.3.3")],
        "wlan0": [address(socket.AF_INET, "192.168.1.20"), address(socket.AF_INET6, "2001:db8::7")],
        "docker0": [address(socket.AF_INET, "172.17.0.1")],
        "eth9": [address(socket.AF_INET, "10.9.9.9")],
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: interfaces)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: state(name != "eth9") for name in interfaces})
    monkeypatch.setattr(network, "outgoing_address", lambda: "192.168.1.20")
    assert network.lan_hosts("0.0.0.0") == ["192.168.1.20", "10.0.0.5"]
    assert network.lan_hosts("::") == ["192.168.1.20", "10.0.0.5", "[2001:db8::7]"]
    assert network.lan_hosts("10.0.0.5") == ["10.0.0.5"]


def test_the_address_is_written_as_a_browser_takes_it():
    assert network.url("127.0.0.1", 8000) == "http://127.0.0.1:8000/"
    assert network.url(network.written("2001:db8::7"), 80) == "http://[2001:db8::7]/"


# --- The second start -------------------------------------------------------------------------------------------------


def test_setup_is_due_after_a_change_of_whatever_it_makes_rows_of():
    """A dataset's record stood in no stamp: its row came with the repair, twenty seconds after the start."""
    from attacks.records import linf
    from inference.catalog import classifiers, course, datasets

    made_of = {Path(module.__file__) for module in (linf, classifiers, course, datasets)}
    assert made_of <= set(site.declared_files())


def test_setup_is_waited_for_until_it_has_seen_everything_once(tmp_path):
    environment = {"GIBBON_DATA": str(tmp_path)}
    assert not site.is_settled(tmp_path, environment)
    (tmp_path / site.STAMP).write_text(site.fingerprint(environment))
    assert not site.is_settled(tmp_path, environment)  # there is no database
    (tmp_path / "db.sqlite3").touch()
    assert site.is_settled(tmp_path, environment)
    assert not site.is_settled(tmp_path, {**environment, "DATABASE_URL": "postgres://elsewhere/gibbon"})
    (tmp_path / "db.sqlite3").unlink()
    assert not site.is_settled(tmp_path, environment)
    seen = {path.relative_to(ROOT).as_posix() for path in site.declared_files()}
    assert {"attacks/records/linf.py", "inference/catalog/datasets.py"} <= seen  # a sample's attack, a dataset's row
