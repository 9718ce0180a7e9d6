# SPDX-License-Identifier: BSD-2-Clause
"""Waiting until sendpassd's replica has all that a slapd has: a test changes something, and expects its effect."""
import ldap
import lmdb

from . import wait
from .entries import SOURCE, SUFFIX

MODULES = "moduleload syncprov"
RULES = f"include {SOURCE}/examples/openldap/replica.conf"
CONTENTS = ("credentials", "owners")
PASSING = f"sendpassId=0000passing0,ou=sendpass,{SUFFIX}"
PASSING_VALUES = [("objectClass", b"sendpassCredential"), ("sendpassId", b"0000passing0"), ("sendpassHash", b"none"),
                  ("owner", SUFFIX.encode())]


def _context_csns(connection):
    [(_, found)] = connection.search_s(SUFFIX, ldap.SCOPE_BASE, attrlist=["contextCSN"])
    return [value.decode() for value in found.get("contextCSN", [])]


def _change_both(uri):
    """A change of ours in each content, after those of the test: {content: its CSN at each server}. sendpassd stores
    how far it is with an entry's change, and without one only once a second."""
    connection = ldap.initialize(uri)
    connection.sasl_external_bind_s()
    try:
        connection.add_s(PASSING, PASSING_VALUES)
        connection.delete_s(PASSING)
        credentials = _context_csns(connection)
        connection.modify_s(SUFFIX, [(ldap.MOD_REPLACE, "description", b"changed")])
        return dict(zip(CONTENTS, (credentials, _context_csns(connection))))
    finally:
        connection.unbind_s()


def _meta(path):
    """What a replica's file says about each content: {name: value}."""
    with lmdb.open(str(path), subdir=False, readonly=True, max_dbs=8) as environment:
        table = environment.open_db(b"meta", create=False)
        with environment.begin(table) as transaction:
            return {key.decode(): value.decode(errors="replace") for key, value in transaction.cursor()}


def _covers(position, csn):
    """Whether a content that stands there has the change, and is not being made anew."""
    refreshed, _, seen = position.rpartition("\n")
    server = csn.split("#")[2]
    mine = [each for each in seen.partition("csn=")[2].split(";") if each.split("#")[2:3] == [server]]
    return not refreshed.endswith("\n0") and bool(mine) and mine[0] >= csn


def has(path, csns):
    """Whether the replica's file has these changes, {content: CSNs}."""
    try:
        meta = _meta(path)
    except lmdb.Error:  # not made yet
        return False
    return all(f"{content} contact" in meta and all(_covers(meta[f"{content} cookie"], csn) for csn in csns[content])
               for content in CONTENTS)


class Followers:
    """Those who follow one slapd."""

    def __init__(self, server):
        self.server = server
        self.daemons = []

    def settle(self):
        """Wait until all that run have what the server has, if it answers."""
        daemons = [daemon for daemon in self.daemons if daemon.process.is_awake()]
        if not daemons or not self.server.process.is_awake():
            return
        csns = _change_both(self.server.uri)
        for daemon in daemons:
            wait.until(lambda daemon=daemon: has(daemon.replica, csns), f"the replica of {daemon.directory.name}")
