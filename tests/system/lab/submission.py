# SPDX-License-Identifier: BSD-2-Clause
"""Sending mail through a door, step by step."""
from .doors import GRANTED
from .smtp_client import to_bytes

RECIPIENT = "somebody@example.net"


def login(door, credential, **options):
    """A session that has logged in."""
    session = door.connect(**options)
    reply = session.auth("PLAIN", credential.login, credential.password)
    assert reply.code == GRANTED, reply
    return session


def mail(session, sender, *recipients):
    """MAIL and RCPTs; the reply to the last."""
    reply = session.command(f"MAIL FROM:<{sender}>")
    for recipient in recipients or (RECIPIENT,):
        if reply.code == 250:
            reply = session.command(f"RCPT TO:<{recipient}>")
    return reply


def send(session, sender, *recipients):
    """A whole message; the last reply."""
    reply = mail(session, sender, *recipients)
    if reply.code == 250:
        reply = session.command("DATA")
    if reply.code == 354:
        reply = session.command("Subject: policy\r\n\r\nHello.\r\n.")
    return reply


def send_lines(session, sender, *lines):
    """A whole message of those lines, which may be bytes; the reply to its end."""
    reply = mail(session, sender)
    if reply.code == 250:
        reply = session.command("DATA")
    if reply.code == 354:
        reply = session.command(b"\r\n".join(to_bytes(line) for line in (*lines, ".")))
    return reply


def send_and_reset(session, sender, *recipients):
    """As send(), and the session can send again whatever came of it."""
    reply = send(session, sender, *recipients)
    session.command("RSET")
    return reply
