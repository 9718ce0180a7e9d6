# SPDX-License-Identifier: BSD-2-Clause
"""What the other end of a unix socket has not read yet."""
import fcntl
import struct
import termios

from . import wait


def wait_until_none(connected):
    """Wait until the other end has read everything that was sent to it."""
    def sent_and_unread():
        return struct.unpack("i", fcntl.ioctl(connected, termios.TIOCOUTQ, bytes(4)))[0]
    wait.until(lambda: sent_and_unread() == 0, "the other end to read")
