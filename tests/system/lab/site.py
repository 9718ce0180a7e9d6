# SPDX-License-Identifier: BSD-2-Clause
"""A directory of its own with a sendpassd and a tool that use it."""
from .auth_client import AuthClient
from .slapd import CREDENTIALS, PEOPLE
from .tool import Tool


class Site:
    """server is a Slapd or a Ds389; settings are section_key=value, beside those of the stack."""

    def __init__(self, stack, name, server, **settings):
        self.server = server
        self.daemon = stack.daemon(name, server=server)
        self.auth = self.daemon.directory / "auth"
        settings = {
            "ldap_uri": server.uri, "ldap_bind_secret_file": server.secret_file("verifier"),
            "admin_bind_secret_file": server.secret_file("sendpass-admin"), "argon2_memory": 8, "argon2_passes": 1,
            "policy_throttle_address": 0, "policy_throttle_login": 0, **settings}
        self.daemon.settings.update({tuple(name.split("_", 1)): value for name, value in settings.items()})
        self.tool = Tool(stack.build / "sendpass", self.daemon.configuration, CREDENTIALS,
                         stack.sanitizer.program_environment(), server.followers.settle)

    def start(self):
        """Start the directory and sendpassd."""
        self.server.prepare()
        self.server.start()
        self.daemon.configure()
        self.daemon.start()

    def stop(self):
        """Stop both."""
        self.daemon.stop()
        self.server.stop()

    def as_person(self, name, *arguments):
        """Run the tool as a person of the example directory."""
        return self.tool.run(*arguments, stdin=self.server.password(name) + "\n",
                             options=["-D", f"uid={name},{PEOPLE}"])

    def attempt(self, credential):
        """Log in once; the reason in the log."""
        begin = self.daemon.mark()
        with AuthClient(self.auth) as client:
            answer = client.plain(credential.login, credential.password)
        reason = self.daemon.wait_for(begin, "auth").fields["reason"]
        assert (answer == "OK") == (reason == "ok")
        return reason
