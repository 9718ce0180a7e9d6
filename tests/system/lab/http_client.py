# SPDX-License-Identifier: BSD-2-Clause
"""HTTP on a unix socket or a TCP port of loopback."""
import http.client
import socket

TIMEOUT = 30.0


def connect(place):
    """A socket to a path, or to (host, port)."""
    family = socket.AF_INET if isinstance(place, tuple) else socket.AF_UNIX
    connected = socket.socket(family)
    connected.settimeout(TIMEOUT)
    connected.connect(place if isinstance(place, tuple) else str(place))
    return connected


def ask(place, path, method="GET", **headers):
    """One request on a connection of its own: status, headers, and body as text."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = connect(place)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


def ask_raw(place, data):
    """Whatever comes for these bytes, until the server closes."""
    with connect(place) as connected:
        received = b""
        try:
            connected.sendall(data)
            while more := connected.recv(65536):
                received += more
        except ConnectionError:  # closed with bytes of ours unread
            pass
        return received
