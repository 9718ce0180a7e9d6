# SPDX-License-Identifier: BSD-2-Clause
"""Two sendpass-milters beside a sendpassd with a policy door, and services of Postfix that hand them their messages."""
import itertools
import signal

from . import wait
from .doors import Door
from .sendpassd import Sendpassd

ID_HEADER = "X-Sendpass-Id"
USER = "daemon"
# The last two as docs/restrictions.md has them; without the first, Postfix would mend the headers of a local client.
OPTIONS = ("local_header_rewrite_clients=", "smtpd_sasl_path=policy", "milter_default_action=tempfail",
           "smtpd_milters=unix:private/sendpass-{}")
# service: the milter it has, and its other options
SERVICES = {
    "plain": ("milter", ()),
    "warned": ("warner", ()),
    "no-macros": ("milter", ("milter_mail_macros=", "milter_end_of_header_macros=")),
    "open": ("milter", ("mynetworks=127.0.0.0/8", "smtpd_relay_restrictions=permit_mynetworks,reject")),
}

_numbers = itertools.count(1)


class MilterStack:
    """milter is a process that refuses and adds ids, warner one that does neither; policy is the PolicyStack
    that they ask."""

    def __init__(self, policy):
        self.policy = policy
        self.postfix = policy.stack.postfix
        self.program = policy.stack.build / "sendpass-milter"
        self.milter = self._process("milter", action="reject", id_header=ID_HEADER)
        self.warner = self._process("warner", action="warn")

    def _process(self, name, **settings):
        stack = self.policy.stack
        settings = {
            "socket": f"{self.policy.queue}/private/sendpass-{name} 0660 postfix postfix",
            "policy_socket": str(self.policy.policy_of_milter),
            "timeout": "2s",
            "user": USER,
            **settings,
        }
        return Sendpassd(self.program, stack.directory / name,
                         {("daemon", "user"): "nobody", **{("milter", key): settings[key] for key in settings}},
                         stack.sanitizer.program_environment())

    def start(self):
        """Start the milters and add the services to Postfix."""
        for process in (self.milter, self.warner):
            process.configure()
            process.start()
        for name, (milter, options) in SERVICES.items():
            self.postfix.add_service(f"milter-{name}", *(each.format(milter) for each in OPTIONS), *options)
        self.postfix.reload()

    def stop(self):
        """Stop both milters, of which each takes libmilter's five seconds; their exit statuses."""
        both = (self.milter, self.warner)
        for process in both:
            process.process.signal(signal.SIGTERM)
        return [process.stop() for process in both]

    def door(self, name="plain"):
        """The service of that name."""
        return Door(name, self.postfix.services[f"milter-{name}"], 454, self.postfix)

    def delivered(self, text):
        """Wait for the message that holds the text; its headers, unfolded, as a list of lines."""
        message = wait.until(lambda: [each for each in self.postfix.messages() if text in each], text)[0]
        return message.partition("\n\n")[0].replace("\n ", " ").replace("\n\t", " ").splitlines()


def unique():
    """A word that no other message has."""
    return f"message-{next(_numbers)}-of-the-milter"
