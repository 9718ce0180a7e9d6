# SPDX-License-Identifier: BSD-2-Clause
"""Owners whom the directory's own ways disable, and that app passwords and mailbox passwords leave each other be."""
import pytest

from lab import ds389
from lab.entries import EVERYBODY, SOURCE
from lab.ldap import Ldap
from lab.owner_states import FILTERS, MODULES, OVERLAYS, POLICY, RULES
from lab.site import Site
from lab.slapd import PEOPLE, Slapd

DAVE = f"uid=dave,{PEOPLE}"


@pytest.fixture(scope="module")
def openldap(stack, lab_directory):
    """OpenLDAP with the ppolicy overlay and the schemas of POSIX accounts and Active Directory."""
    server = Slapd(lab_directory / "states-openldap", stack.certificate, EVERYBODY, modules=MODULES, rules=RULES,
                   overlays=OVERLAYS)
    site = Site(stack, "states-with-openldap", server)
    site.start()
    server.root().modify(POLICY)
    # the classes that have all the attributes
    server.root().modify(f"dn: {DAVE}\nchangetype: modify\nadd: objectClass\nobjectClass: extensibleObject\n")
    yield site
    site.stop()


@pytest.fixture(scope="module")
def ds(stack, lab_directory):
    """389 Directory Server."""
    if not ds389.is_there():
        pytest.skip("no 389 Directory Server: install 389-ds-base")
    site = Site(stack, "states-with-389ds", ds389.Ds389(lab_directory / "states-389ds", EVERYBODY))
    site.start()
    yield site
    site.stop()


@pytest.fixture(params=("openldap", "ds"))
def site(request):
    """Each directory server in turn."""
    return request.getfixturevalue(request.param)


def _use(site, active_filter):
    site.daemon.stop()
    site.daemon.configure(directory_owner_active_filter=active_filter)
    site.daemon.start()


def _set(site, attribute, value):
    site.server.root().replace(DAVE, attribute, None if value is None else str(value))


def _filters():
    for name in FILTERS:
        by_bits = name == "userAccountControl"
        yield pytest.param(name, marks=pytest.mark.live_only("a replica does not judge bits") if by_bits else ())


@pytest.mark.parametrize("name", _filters())
def test_the_filters_of_the_manual_tell_active_owners(request, name):
    tried = FILTERS[name]()
    assert f"\n    owner_active_filter = {tried.text}\n" in (SOURCE / "docs/directory.md").read_text()
    site = request.getfixturevalue("ds" if tried.server == "389ds" else "openldap")
    _use(site, tried.text)
    credential = site.tool.issue("dave")
    try:
        for value, reason in [*((value, "ok") for value in tried.active),
                              *((value, "owner_inactive") for value in tried.inactive)]:
            _set(site, tried.attribute, value)
            assert site.attempt(credential) == reason, value
    finally:
        _set(site, tried.attribute, None)
    assert site.attempt(credential) == "ok"


@pytest.mark.live_only("a replica refuses such filters")
@pytest.mark.parametrize("active_filter", ["(!(shadowExpire<=%d))", "(!(sn=x))"],
                         ids=["an ordering that the schema lacks", "an attribute that the verifier may not read"])
def test_what_the_server_cannot_tell_is_nobody(openldap, active_filter):
    _use(openldap, active_filter)
    assert openldap.attempt(openldap.tool.issue("dave")) == "owner_inactive"


def _binds(site, password):
    return Ldap(site.server.uri, DAVE, password).can_bind()


def test_the_mailbox_password_and_app_passwords_leave_each_other_be(site):
    _use(site, "(objectClass=*)")
    credential, other = site.tool.issue("dave"), site.tool.issue("dave")
    _set(site, "userPassword", "another mailbox password")
    assert site.attempt(credential) == "ok"
    assert not _binds(site, credential.password)
    site.tool.revoke(other)
    assert _binds(site, "another mailbox password")
    assert site.attempt(other) == "revoked"
    assert site.attempt(credential._replace(password="another mailbox password")) != "ok"


def _lockout(site):
    found = site.server.root().search(DAVE, "(objectClass=*)", "pwdFailureTime", "pwdAccountLockedTime")
    return {name: len(values) for name, values in found[0].attributes.items()}


def test_app_passwords_do_not_burn_the_lockout_counter(openldap):
    _use(openldap, "(objectClass=*)")
    credential = openldap.tool.issue("dave")
    wrong = credential.password[:-1] + ("a" if credential.password[-1] != "a" else "b")
    others = openldap.tool.issue("bob")._replace(login="dave")
    for attempt in (credential._replace(password=wrong), others, credential._replace(password="mailbox")):
        for _ in range(4):
            assert openldap.attempt(attempt) != "ok"
    assert openldap.attempt(credential) == "ok"
    assert _lockout(openldap) == {}


def test_a_mailbox_locked_for_guessing_keeps_its_app_passwords_unless_the_filter_says_so(openldap):
    credential = openldap.tool.issue("dave")
    try:
        _use(openldap, FILTERS["ppolicy, for good"]().text)
        for _ in range(3):
            assert not _binds(openldap, "a guess")
        assert _lockout(openldap)["pwdAccountLockedTime"] == 1
        assert openldap.attempt(credential) == "ok"
        assert openldap.attempt(credential._replace(password="x")) != "ok"
        assert _lockout(openldap)["pwdAccountLockedTime"] == 1
        _use(openldap, FILTERS["ppolicy, at all"]().text)
        assert openldap.attempt(credential) == "owner_inactive"
    finally:
        _set(openldap, "pwdAccountLockedTime", None)
    assert openldap.attempt(credential) == "ok"
