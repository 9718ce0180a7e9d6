# SPDX-License-Identifier: BSD-2-Clause
"""A port in front of slapd's, on which answers come as on a bad network, and StartTLS as from a bad neighbour."""
import socket
import struct
import threading

from . import ports

RESET, BLACK_HOLE, TRICKLE = "reset", "black hole", "a byte at a time"
ILLS = (RESET, BLACK_HOLE, TRICKLE)
SECONDS_A_BYTE = 1.0
EXTENDED_REQUEST = 0x77  # RFC 4511, appendix B
EXTENDED_RESPONSE = bytes((0x30, 12, 2, 1, 1, 0x78, 7, 10, 1, 0, 4, 0, 4, 0))  # to message 1; its code is the tenth byte


class BadNetwork:
    """Hands on to a port of loopback. With starttls_code, StartTLS is answered with that in place of the server.
    `said` is what clients said."""

    def __init__(self, target, starttls_code=None):
        self.target = target
        self.starttls_code = starttls_code
        self.ill, self.spare = None, None
        self.said = b""
        self.listener = socket.create_server((ports.HOST, 0))
        self.port = self.listener.getsockname()[1]
        self.over = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def fall_ill(self, ill, spare=lambda _: 0):
        """Have connections whose next answer comes from now on suffer one of ILLS, for good. spare() is told the
        answer, and how many bytes of it get through it says."""
        self.ill, self.spare = ill, spare

    def heal(self):
        """All is well with the connections that are not ill yet."""
        self.ill = None

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, socket.create_connection((ports.HOST, self.target)) as server:
            answers = threading.Thread(target=self._hand_on_answers, args=(server, client), daemon=True)
            answers.start()
            try:
                while data := client.recv(65536):
                    self.said += data
                    if self.starttls_code is not None and data[5:6] == bytes([EXTENDED_REQUEST]):
                        client.sendall(EXTENDED_RESPONSE[:9] + bytes([self.starttls_code]) + EXTENDED_RESPONSE[10:])
                    else:
                        server.sendall(data)
            except OSError:
                pass
            _shut(server)
            answers.join()

    def _hand_on_answers(self, server, client):
        try:
            while data := server.recv(65536):
                ill, spare = self.ill, self.spare
                if ill is None:
                    client.sendall(data)
                    continue
                spared = spare(data)
                client.sendall(data[:spared])
                self._suffer(ill, client, data[spared:])
                return
        except OSError:
            pass
        finally:
            _shut(client)

    def _suffer(self, ill, client, data):
        if ill == RESET:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        elif ill == BLACK_HOLE:
            self.over.wait()
        for byte in data if ill == TRICKLE else b"":
            client.sendall(bytes([byte]))
            if self.over.wait(SECONDS_A_BYTE):
                return


def first_message(data):
    """How long the first LDAP message of an answer is: its SEQUENCE, with a length of one byte or more."""
    more = data[1] & 0x7f if data[1] & 0x80 else 0
    return 2 + more + (int.from_bytes(data[2:2 + more], "big") if more else data[1])


def _shut(connected):
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
