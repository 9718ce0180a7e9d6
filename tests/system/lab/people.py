# SPDX-License-Identifier: BSD-2-Clause
"""People who come and go in the example directory."""
import itertools

from .slapd import PEOPLE

_numbers = itertools.count(1)


class Person:
    """An active person with a login of their own."""

    def __init__(self, root):
        self.root = root
        self.login = f"person{next(_numbers)}"
        self.mail = f"{self.login}@example.org"
        self.dn = f"uid={self.login},{PEOPLE}"
        root.modify(f"dn: {self.dn}\nchangetype: add\nobjectClass: inetOrgPerson\n"
                    f"uid: {self.login}\ncn: {self.login}\nsn: Test\nmail: {self.mail}\n")

    def disable(self):
        """Make owner_active_filter miss them."""
        self.root.replace(self.dn, "employeeType", "disabled")

    def enable(self):
        """Undo disable()."""
        self.root.replace(self.dn, "employeeType", None)

    def delete(self):
        """Delete their entry."""
        self.root.delete(self.dn)
