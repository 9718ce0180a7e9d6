# SPDX-License-Identifier: BSD-2-Clause
"""PAM services that are not the host's, with our module."""
import shutil

from .private_view import command_prefix


class PamServices:
    """directory/services is seen as /etc/pam.d by commands that start with `prefix`."""

    def __init__(self, directory, module):
        self.services = directory / "services"
        self.module = directory / module.name
        self.built = module
        self.prefix = command_prefix(pam_services=self.services)

    def prepare(self):
        """Make the directory; who asks for a service that is not there gets in nowhere."""
        self.services.mkdir(parents=True)
        shutil.copy(self.built, self.module)
        self._write("other", "pam_deny.so")

    def add(self, name, socket):
        """A service that asks sendpassd's auth door at `socket`, and nobody else."""
        self._write(name, f"{self.module} socket={socket}")

    def _write(self, name, module):
        (self.services / name).write_text(f"auth required {module}\naccount required {module}\n")
