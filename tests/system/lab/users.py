# SPDX-License-Identifier: BSD-2-Clause
"""Doing something as another user."""
import os
import pwd
from contextlib import contextmanager


@contextmanager
def acting_as(user):
    """Within: connections are made as that user's."""
    os.seteuid(pwd.getpwnam(user).pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
