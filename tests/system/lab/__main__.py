# SPDX-License-Identifier: BSD-2-Clause
"""The lab by command, for ./quickstart: python3 tests/system/lab DIRECTORY BUILD COMMAND [SERVER]."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import sasl, wait  # noqa: E402
from lab.stack import Stack  # noqa: E402

SERVERS = ("slapd", "sendpassd", "postfix")


def prepare(stack):
    """Everything but running servers. Submission asks for STARTTLS before AUTH, as it should."""
    stack.prepare()
    stack.postfix.write_sasl_configuration("smtpd", sasl.configuration(stack.postfix.door_in_chroot))
    stack.postfix.add_service("submission", "smtpd_tls_security_level=encrypt", "smtpd_tls_auth_only=yes")


def main(directory, build, command, server=None):
    """Obey one command; server is one of SERVERS, or none for all of them when stopping."""
    stack = Stack(Path(directory), Path(build).resolve())
    if command == "prepare":
        prepare(stack)
    elif command == "start":
        getattr(stack, server).start()
    elif command == "stop":
        for name in (server,) if server else reversed(SERVERS):
            getattr(stack, name).stop()
    elif command == "message":
        print(wait.until(stack.postfix.messages, "a message in the mailbox")[0])
    elif command == "port":
        print(stack.postfix.services["submission"])
    else:
        sys.exit(f"unknown command {command}")


main(*sys.argv[1:])
