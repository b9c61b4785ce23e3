"""Who plays in the tests of the site: people with browsers, and a person with a token."""

import json
import secrets
from typing import Any

from django.test import Client, TestCase

CSRF = secrets.token_hex(16)  # 32 characters, as Django draws them; cookie and header must agree, that is all
PASSWORD = "a long enough one"


class Person:
    """A caller with cookies of their own; every request must pass the CSRF check, and what follows a commit happens."""

    def __init__(self, **defaults: Any) -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False, **defaults)
        self.client.cookies["csrftoken"] = CSRF
        self.headers: dict[str, str] = {"X-CSRFToken": CSRF}

    # --- Requests -------------------------------------------------------------------------------------------------

    def request(self, method: str, path: str, **options: Any) -> Any:
        headers = self.headers | options.pop("headers", {})
        with TestCase.captureOnCommitCallbacks(execute=True):
            return self.client.generic(method, path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.request("GET", path, **options)

    def delete(self, path: str) -> Any:
        return self.request("DELETE", path)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """JSON; bytes and text are sent as they are."""
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.request("POST", path, data=data, content_type="application/json", **options)

    def send_form(self, path: str, fields: Any, **options: Any) -> Any:
        """A multipart form: what a browser sends for a dictionary of texts and open files."""
        with TestCase.captureOnCommitCallbacks(execute=True):
            return self.client.post(path, fields, headers=self.headers | options.pop("headers", {}), **options)

    def send_raw_form(self, path: str, *parts: bytes) -> Any:
        """A multipart form whose parts (headers, empty line, content) were written by hand."""
        body = b"".join(b"--mark\r\n" + part + b"\r\n" for part in parts) + b"--mark--\r\n"
        return self.request("POST", path, data=body, content_type="multipart/form-data; boundary=mark")

    # --- What people do -------------------------------------------------------------------------------------------

    def upload(self, file: Any, **fields: str) -> Any:
        return self.send_form("/api/v1/images", {"image": file, **fields})

    def predict(self, image: str, **changes: Any) -> Any:
        order = {"kind": "predict", "image": image, "classifier": "imagenet-lite0"}
        return self.post("/api/v1/jobs", order | changes)

    def attack(self, image: Any, params: Any = None, **changes: Any) -> Any:
        order = {"kind": "attack", "image": image, "classifier": "imagenet-lite0", "attack": "fgsm"}
        return self.post("/api/v1/jobs", order | {"params": {"epsilon": 2} if params is None else params} | changes)

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={morsel.value}" for name, morsel in self.client.cookies.items())


class Programmer(Person):
    """A caller with a personal token and nothing else."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self.client.cookies.clear()
        self.headers = {"Authorization": f"Bearer {secret}"}


def sentence_of(response: Any) -> str:
    """The message of an answer in the API's one error shape."""
    error = response.json()["error"]
    assert set(error) <= {"code", "message", "field", "job"} and error["code"], error
    assert response["Content-Type"] == "application/json"
    assert len(error["message"]) > 10
    return error["message"]
