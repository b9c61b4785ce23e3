"""The site below a path: a second web process of the running site, behind a proxy that has other things beside it."""

import re
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.browser.lab import bring, set_level, wait_for_result
from tests.support.live import wait_until
from tests.support.paths import ROOT
from tests.support.proxy import proxied

BELOW = "/gibbon"


@pytest.fixture(scope="module")
def port(settled):
    """Of a web process that shares everything with the running site but where it lies."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
        words = [sys.executable, "-m", "webapp.supervisor.web", str(listener.fileno())]
        settings = settled.environment | {"GIBBON_PATH": BELOW}
        web = subprocess.Popen(words, cwd=ROOT, env=settings, pass_fds=[listener.fileno()])
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{number}/healthz"), "it does not answer", within=60)
        yield number
    finally:
        web.terminate()
        web.wait(10)


def answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except OSError:
        return False


@pytest.mark.walk
@pytest.mark.parametrize("strip", [True, False], ids=["cut off", "handed on"])
def test_pages_scripts_uploads_and_sockets_stay_below_the_path(visitor, port, photo, settled, strip):
    with proxied(port, BELOW, strip=strip) as proxy:
        me = visitor()
        me.url = proxy.url + BELOW
        missing: list[str] = []
        sockets: list[str] = []
        page = me.open()
        page.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
        page.on("websocket", lambda live: sockets.append(live.url))
        page.reload()
        wait_for_result(page)
        bring(page, photo)
        set_level(page, 3)
        assert page.url.startswith(f"{me.url}/lab/")
        page.reload()
        wait_for_result(page)
        assert sockets and all(url.startswith(me.url.replace("http", "ws") + "/ws/jobs/") for url in sockets)
        for words in ("Training", "About", "My pictures", "Lab"):
            page.get_by_role("link", name=words, exact=True).first.click()
            page.wait_for_load_state("networkidle")
            assert page.url.startswith(f"{me.url}/")
        page.goto(f"{me.url}/admin/jobs/job/")
        assert page.url == f"{me.url}/admin/login/?next=/gibbon/admin/jobs/job/"
        page.fill("[name=username]", "admin")
        page.fill("[name=password]", settled.password)
        page.click("[type=submit]")
        page.wait_for_url(f"{me.url}/admin/jobs/job/")
        page.goto(f"{me.url}/api/v1/docs")
        page.wait_for_selector("#operations-pictures-webapp_api_views_upload_image")
        assert missing == [] and proxy.lost == []
        assert {cookie["path"] for cookie in me.context.cookies()} == {f"{BELOW}/"}
        markup = urllib.request.urlopen(f"{me.url}/").read().decode()
        assert not re.search(r'(?:href|src|action)="/(?!gibbon/)', markup)
