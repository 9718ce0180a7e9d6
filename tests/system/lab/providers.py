# SPDX-License-Identifier: BSD-2-Clause
"""Two slapds that fetch from each other, set up by the files of examples/openldap as docs/guide-several-hosts.md says."""
import signal

from . import ports, wait
from .entries import SOURCE, SUFFIX
from .process import Process
from .slapd_config import SlapdConfig

EXAMPLES = SOURCE / "examples/openldap"
TLS = """\
dn: cn=config
changetype: modify
replace: olcTLSCertificateFile
olcTLSCertificateFile: {certificate}
-
replace: olcTLSCertificateKeyFile
olcTLSCertificateKeyFile: {key}
"""


class Provider(SlapdConfig):
    """One of them, on ldapi and on a port of loopback with StartTLS."""

    def __init__(self, directory, entries):
        super().__init__(directory, entries)
        self.address = f"ldap://{ports.HOST}:{self.port}"
        self.process = Process(["slapd", "-F", str(directory / "config"), "-d", self.LOG_LEVEL,
                                "-h", f"{self.uri} {self.address}"], directory / "slapd.log", directory / "pid")

    def start_again(self):
        """After kill()."""
        self.process.start(self.root().can_bind)

    def kill(self):
        """Without a word to anybody."""
        self.process.signal(signal.SIGKILL)
        self.process.wait()

    def csns(self):
        """How far it is with the changes of each."""
        [found] = [entry for entry in self.root().search(SUFFIX, "(objectClass=*)", "contextCSN")
                   if entry.dn == SUFFIX] or [None]
        return found and sorted(found.attributes.get("contextCSN", []))


class Providers:
    """The pair; the second one begins empty, and fetches everything."""

    def __init__(self, directory, certificate):
        self.certificate = certificate
        self.first = Provider(directory / "provider-1", ("example.ldif", "replicator.ldif"))
        self.second = Provider(directory / "provider-2", ())
        self.both = (self.first, self.second)
        self.addresses = [provider.address for provider in self.both]

    def _example(self):
        text = (EXAMPLES / "providers.ldif").read_text()
        for name, new in (("ldap://ldap1.example.org", self.first.address),
                          ("ldap://ldap2.example.org", self.second.address),
                          ("/etc/ssl/certs/ca-certificates.crt", str(self.certificate.certificate)),
                          ("credentials=SECRET", f"credentials={self.first.password('replicator')}")):
            assert name in text
            text = text.replace(name, new)
        return text

    def start(self):
        """Start both, and wait until they have the same."""
        for provider in self.both:
            provider.prepare()
            provider.start()
            root = provider.root()
            root.modify(TLS.format(certificate=self.certificate.certificate, key=self.certificate.key))
            root.modify((EXAMPLES / "replica.ldif").read_text())
            root.modify(self._example())
        self.agree()

    def agree(self):
        """Wait until both have the same changes."""
        wait.until(lambda: self.first.csns() == self.second.csns() != [], "both providers to have the same")

    def stop(self):
        """Stop both, frozen or not."""
        for provider in self.both:
            provider.stop()
