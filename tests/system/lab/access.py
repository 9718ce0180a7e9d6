# SPDX-License-Identifier: BSD-2-Clause
"""Doing things to a directory as somebody, and seeing what it lets them do."""
from functools import cache

import ldap
import ldap.dn

from .access_table import DAVE, IDENTITIES

OPERATIONS = {"add": ldap.MOD_ADD, "replace": ldap.MOD_REPLACE, "delete": ldap.MOD_DELETE}
# strong auth required is what slapd says to anonymous writers
REFUSALS = (ldap.INSUFFICIENT_ACCESS, ldap.STRONG_AUTH_REQUIRED)


class Server:
    """One of the servers, with a connection of each identity."""

    def __init__(self, server, openldap):
        self.server = server
        self.openldap = openldap

    @cache
    def as_(self, identity):
        """The connection of one of IDENTITIES, or of the directory's root."""
        connection = ldap.initialize(self.server.uri)
        connection.set_option(ldap.OPT_REFERRALS, 0)
        if identity == "root":
            connection.sasl_external_bind_s()
        elif IDENTITIES[identity]:
            dn = IDENTITIES[identity]
            connection.simple_bind_s(dn, self.server.password(ldap.dn.str2dn(dn)[0][0][1]))
        return connection

    def create(self, dn, owners=DAVE, attributes=None, by="root"):
        """Add a credential."""
        values = {"sendpassHash": "x", **(attributes or {}), "objectClass": "sendpassCredential",
                  "sendpassId": ldap.dn.str2dn(dn)[0][0][1], "owner": owners}
        self.as_(by).add_s(dn, [
            (name, [each.encode() for each in ([value] if isinstance(value, str) else value)])
            for name, value in values.items()])

    def remove(self, dn):
        """Delete an entry if it is there."""
        try:
            self.as_("root").delete_s(dn)
        except ldap.NO_SUCH_OBJECT:
            pass

    def change(self, dn, changes, by):
        """Change an entry."""
        self.as_(by).modify_s(dn, [
            (OPERATIONS[operation], name, None if value is None else [value.encode()])
            for operation, name, value in changes])

    def sees(self, identity, base, attributes=None, search_filter="(objectClass=*)", scope=ldap.SCOPE_BASE):
        """What that identity finds: {dn: {attribute: values}}."""
        try:
            found = self.as_(identity).search_s(base, scope, search_filter, attributes)
        except (ldap.NO_SUCH_OBJECT, *REFUSALS):
            return {}
        return {dn: entry for dn, entry in found if dn is not None}


def may(action):
    """Whether the server lets it be done."""
    try:
        action()
    except REFUSALS:
        return False
    return True
