"""The port the site listens on, and the addresses by which others in the room reach it."""

import errno
import ipaddress
import socket

import psutil

BACKLOG = 2048
INNER = ("docker", "br-", "veth", "virbr", "cni", "podman", "lxc", "lo")  # bridges that lead nowhere a phone could be


class CannotListen(ValueError):
    """The address cannot be used; the sentence says why."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket the supervisor keeps: while the web process is replaced, callers wait in its backlog."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        listener = socket.socket(family, kind)
    except OSError as error:
        raise CannotListen(f"HOST={host} is not an address of this machine ({error.strerror or error}).") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotListen(why(error, host, port)) from error
    return listener


def why(error: OSError, host: str, port: int) -> str:
    """What the system's refusal means for the person who started us."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program. Choose another one: PORT={port + 1} ./run"
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has. Choose one above 1023: PORT=8000 ./run"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST={host} is not an address of this machine."
    return f"Cannot listen on {host}, port {port}: {error.strerror}."


def lan_hosts(host: str) -> list[str]:
    """The addresses beyond this machine that HOST makes us answer to, as URLs spell them; the likeliest first."""
    if host in ("localhost", ""):
        return []
    address = ipaddress.ip_address(socket.getaddrinfo(host, None)[0][4][0])
    if address.is_loopback:
        return []
    if not address.is_unspecified:
        return [written(str(address))]
    found = interface_addresses(with_v6=address.version == 6)
    first = outgoing_address()
    return [written(text) for text in sorted(found, key=lambda text: text != first)]


def interface_addresses(*, with_v6: bool) -> list[str]:
    """Addresses of the interfaces that are up, without loopback, link-local ones and inner bridges."""
    families = {socket.AF_INET, socket.AF_INET6} if with_v6 else {socket.AF_INET}
    states = psutil.net_if_stats()
    addresses = [
        ipaddress.ip_address(entry.address.partition("%")[0])
        for name, entries in psutil.net_if_addrs().items()
        if name in states and states[name].isup and not name.startswith(INNER)
        for entry in entries
        if entry.family in families
    ]
    return [str(address) for address in addresses if not (address.is_loopback or address.is_link_local)]


def outgoing_address() -> str | None:
    """The address this machine would speak from; connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address reserved for documentation
        except OSError:
            return None
        return str(probe.getsockname()[0])


def written(address: str) -> str:
    """An address as URLs and the Host header spell it."""
    return f"[{address}]" if ":" in address else address


def url(host: str, port: int, below: str = "") -> str:
    """The address for a browser; `below` is the path the site lies at, if it has not its address alone."""
    return f"http://{host}{below}/" if port == 80 else f"http://{host}:{port}{below}/"
