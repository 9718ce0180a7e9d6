# SPDX-License-Identifier: BSD-2-Clause
"""examples/openldap/replica.ldif lets the verifier, and nobody else, follow the whole directory."""
import pytest

from lab.entries import SOURCE
from lab.slapd import CREDENTIALS, DEPARTMENTS, PEOPLE, SUFFIX
from lab.slapd_config import SlapdConfig

# fewer entries than there are: only who has no limit is given them all
LIMIT = """\
dn: olcDatabase={1}mdb,cn=config
changetype: modify
replace: olcSizeLimit
olcSizeLimit: 3
"""


@pytest.fixture(scope="module", name="server")
def _server(lab_directory):
    slapd = SlapdConfig(lab_directory / "replica-examples", ("example.ldif",))
    slapd.prepare()
    try:
        slapd.start()
        slapd.root().modify((SOURCE / "examples/openldap/replica.ldif").read_text())
        slapd.root().modify(LIMIT)
        yield slapd
    finally:
        slapd.stop()


def test_the_verifier_is_sent_everything_by_content_sync(server):
    verifier = server.as_service("verifier")
    verifier.options += ["-E", "!sync=ro"]
    found = {entry.dn for entry in verifier.search(SUFFIX, "(objectClass=*)", "objectClass")}
    assert {SUFFIX, CREDENTIALS, DEPARTMENTS, PEOPLE, f"uid=alice,{PEOPLE}"} <= found


def test_the_verifier_alone_sees_how_far_the_server_is(server):
    def csns(account):
        return [entry.attributes for entry in account.search(SUFFIX, "(objectClass=*)", "contextCSN", "entryUUID")
                if entry.dn == SUFFIX]
    [seen] = csns(server.as_service("verifier"))
    assert {"contextCSN", "entryUUID"} <= set(seen)
    assert not [attributes for attributes in csns(server.as_person("alice")) if attributes]
