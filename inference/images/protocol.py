"""The bytes between the web process and its decoders; standard library only, both sides import it.

Child to parent, once: READY. Request: preparation, length, the file. Answer: lengths of a JSON object and of a PNG,
then both; the object holds width and height, or the code and params of a BadImage.
"""

import json
import struct
from typing import BinaryIO

READY = b"\x06"
REQUEST = struct.Struct(">16sQ")
ANSWER = struct.Struct(">II")
MAX_ANSWER = 8 * 2**20  # bytes; the largest canonical PNG has 1.8 MB


def send_request(pipe: BinaryIO, data: bytes, preparation: str) -> None:
    """Write one picture and what it is for."""
    pipe.write(REQUEST.pack(preparation.encode(), len(data)))
    pipe.write(data)
    pipe.flush()


def read_request(pipe: BinaryIO) -> tuple[bytes, str] | None:
    """The next (file, preparation); None when the parent is gone."""
    head = pipe.read(REQUEST.size)
    if len(head) < REQUEST.size:
        return None
    preparation, length = REQUEST.unpack(head)
    data = pipe.read(length)
    return (data, preparation.rstrip(b"\0").decode()) if len(data) == length else None


def send_answer(pipe: BinaryIO, facts: dict, png: bytes = b"") -> None:
    """Write the facts and, if there is one, the picture."""
    text = json.dumps(facts).encode()
    pipe.write(ANSWER.pack(len(text), len(png)) + text + png)
    pipe.flush()


def read_answer(pipe: BinaryIO) -> tuple[dict, bytes]:
    """(facts, PNG); EOFError if the child ends before it has answered."""
    text_length, png_length = ANSWER.unpack(_exactly(pipe, ANSWER.size))
    if text_length + png_length > MAX_ANSWER:
        raise EOFError("The decoder answers nonsense.")
    return json.loads(_exactly(pipe, text_length)), _exactly(pipe, png_length)


def _exactly(pipe: BinaryIO, count: int) -> bytes:
    data = pipe.read(count)
    if len(data) < count:
        raise EOFError("The decoder ended in mid-answer.")
    return data
