# SPDX-License-Identifier: BSD-2-Clause
"""pamtester with the real libpam, modules and a stack of ours, and accounts that only it sees."""
import os
import subprocess

SERVICE = "smtp"

# What pamtester prints for PAM's codes.
GRANTED = "pamtester: account management done."
DENIED = "pamtester: Authentication failure"
UNAVAILABLE = "pamtester: Authentication service cannot retrieve authentication info"

# Its own view of the files that libpam and pam_unix read; the machine's are not touched.
IN_PRIVATE = """\
mount --bind "$0/pam.d" /etc/pam.d
mount --bind "$0/passwd" /etc/passwd
mount --bind "$0/shadow" /etc/shadow
exec pamtester "$@"
"""


class PamHost:
    """module is pam_sendpass.so; environment what a host of it needs."""

    def __init__(self, directory, module, environment):
        self.directory = directory
        self.module = module
        self.environment = dict(environment)
        if "LD_PRELOAD" in environment:
            # AddressSanitizer looks for crypt() at the start, and pam_unix brings it later.
            self.environment["LD_PRELOAD"] += " libcrypt.so.1"
        (directory / "pam.d").mkdir(parents=True)
        (directory / "pam.d/other").write_text("auth required pam_deny.so\naccount required pam_deny.so\n")
        for name in ("passwd", "shadow"):
            (directory / name).write_text("")

    def add_account(self, login, password):
        """A user of pam_unix."""
        hashed = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True,
                                capture_output=True, check=True).stdout.strip()
        with open(self.directory / "passwd", "a", encoding="ascii") as passwd:
            passwd.write(f"{login}:x:4711:4711::/nonexistent:/bin/false\n")
        with open(self.directory / "shadow", "a", encoding="ascii") as shadow:
            shadow.write(f"{login}:{hashed}:20000:0:99999:7:::\n")

    def write_stack(self, text, socket):
        """The stack of SERVICE, with our module by its path and with that socket."""
        stack = text.replace("pam_sendpass.so", f"{self.module} socket={socket}")
        (self.directory / "pam.d" / SERVICE).write_text(stack)

    def login(self, login, password):
        """Authenticate, then the account; what pamtester says in the end."""
        run = subprocess.run(
            ["unshare", "-m", "sh", "-ec", IN_PRIVATE, self.directory, "-I", "rhost=192.0.2.7", SERVICE,
             login, "authenticate", "acct_mgmt"],
            input=f"{password}\n", text=True, capture_output=True, check=False, timeout=60,
            env=dict(os.environ, **self.environment))
        said = run.stdout if run.returncode == 0 else run.stderr.replace("Password: ", "")
        return said.strip().splitlines()[-1]
