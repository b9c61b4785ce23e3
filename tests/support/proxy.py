"""A small reverse proxy: what lies below a path goes to a site, with or without the path; everything else is a 404.

It reads the head of a request, rewrites its first line and passes bytes on, so that WebSockets go through as well.
"""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NOT_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Proxy(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 128

    def __init__(self, port: int, below: str, *, strip: bool) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.port, self.below, self.strip = port, below, strip
        self.lost: list[str] = []  # asked for outside of the path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Passing(socketserver.BaseRequestHandler):
    server: Proxy

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = self.request.recv(65536)
            if not part:
                return
            head += part
        method, path, rest = head.split(b" ", 2)
        if not path.startswith(self.server.below.encode() + b"/"):
            self.server.lost.append(path.decode())
            self.request.sendall(NOT_HERE)
            return
        with socket.create_connection(("127.0.0.1", self.server.port)) as site:
            cut = path[len(self.server.below) :] if self.server.strip else path
            site.sendall(b" ".join([method, cut, one_request_only(rest)]))
            back = threading.Thread(target=pump, args=(site, self.request), daemon=True)
            back.start()
            pump(self.request, site)
            back.join()


def one_request_only(rest: bytes) -> bytes:
    """A connection carries one request, since only its first head is rewritten."""
    first, after = rest.split(b"\r\n", 1)
    upgrades = b"upgrade: websocket" in after.lower()
    kept = after if upgrades else after.replace(b"Connection: keep-alive\r\n", b"")
    return first + (b"\r\n" if upgrades else b"\r\nConnection: close\r\n") + kept


def pump(source: socket.socket, to: socket.socket) -> None:
    try:
        while part := source.recv(65536):
            to.sendall(part)
        to.shutdown(socket.SHUT_WR)
    except OSError:  # the other side has hung up
        return


@contextmanager
def proxied(port: int, below: str, *, strip: bool) -> Iterator[Proxy]:
    with Proxy(port, below, strip=strip) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()
