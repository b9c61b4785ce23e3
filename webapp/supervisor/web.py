"""The web process: uvicorn on the socket that the supervisor listens on, whose number is the only argument."""

import socket
import sys

import uvicorn

CONNECTIONS = 4000  # at once, open WebSockets included; beyond it uvicorn answers 503
SOCKET_MESSAGE = 65_536  # bytes; browsers send us next to nothing over a WebSocket


def main(descriptor: int) -> None:
    """Serve until SIGTERM."""
    from webapp.asgi import application  # may wait for setup, and uvicorn, once begun, would not hear of an end

    config = uvicorn.Config(
        application,
        ws="auto",
        ws_max_size=SOCKET_MESSAGE,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the site reads X-Forwarded-For itself, and only when told to
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
