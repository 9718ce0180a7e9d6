# SPDX-License-Identifier: BSD-2-Clause
"""Who may do what: what the rules in examples/ promise, as tables. + yes, - no, o with OpenLDAP alone.

The credential in question is dave's. Carol is his manager, and the manager of the department of sales. Alice has
credentials of her own and nothing to do with his.
"""
from .slapd import CREDENTIALS, DEPARTMENTS, PEOPLE, SERVICES

IDENTITIES = {
    "owner": f"uid=dave,{PEOPLE}",
    "manager": f"uid=carol,{PEOPLE}",
    "another": f"uid=alice,{PEOPLE}",
    "helpdesk": f"uid=erin,{PEOPLE}",
    "auditor": f"uid=frank,{PEOPLE}",
    "verifier": f"cn=verifier,{SERVICES}",
    "admin": f"cn=sendpass-admin,{SERVICES}",
    "anonymous": "",
}
DAVE, ALICE = IDENTITIES["owner"], IDENTITIES["another"]
BOB = f"uid=bob,{PEOPLE}"
SALES = f"cn=sales,{DEPARTMENTS}"
ACCOUNTING = f"cn=accounting,{DEPARTMENTS}"
HIS = f"sendpassId=da7e0000,{CREDENTIALS}"
HERS = f"sendpassId=a11ce000,{CREDENTIALS}"
DEPARTMENTS_OWN = f"sendpassId=5a1e5000,{CREDENTIALS}"

PAST, SOON, LATER = "20250101000000Z", "20260101000000Z", "20990101000000Z"
NARROW = {"sendpassNetwork": "192.0.2.0/24", "sendpassExpires": SOON}
REVOKED = {"sendpassRevoked": PAST, "sendpassRevokedReason": "stolen"}

USAGE = {"sendpassLastUsed": PAST, "sendpassLastAddress": "192.0.2.1", "sendpassLastService": "smtp"}
# One value of each attribute
VALUES = {
    "owner": DAVE, "sendpassHash": "x", "sendpassLabel": "x", "sendpassLogin": "x", "sendpassService": "smtp",
    "sendpassNetwork": "192.0.2.0/24", "sendpassSender": "*", "sendpassRate": "9/1h", "sendpassRequireTLS": "TRUE",
    "sendpassNotBefore": PAST, "sendpassExpires": PAST, "sendpassSuspended": "TRUE", "sendpassRevoked": PAST,
    "sendpassRevokedReason": "x", "sendpassReplaces": "0ld00000", "sendpassImported": "FALSE", **USAGE,
}

# what: (whose, attributes beside the required ones, who)
ISSUES = {
    #                                        owner manager another helpdesk auditor verifier admin anonymous
    "a credential of his own":    (DAVE, {},                                    "o o - - - - + -"),
    "a narrow one": (DAVE, {**NARROW, "sendpassService": "smtp", "sendpassNotBefore": PAST,
                            "sendpassRequireTLS": "TRUE", "sendpassRate": "9/1h", "sendpassLabel": "x",
                            "sendpassReplaces": "0ld00000"},                    "o o - - - - + -"),
    "one for sales":              (SALES, {},                                   "- o - - - - + -"),
    "one for accounting":         (ACCOUNTING, {},                              "- - - - - - + -"),
    "one for bob":                (BOB, {},                                     "- - - - - - + -"),
    "one for him and bob":        ((DAVE, BOB), {},                             "- - - - - - + -"),
    "one for him and a set that holds all": ((DAVE, f"cn=x] | user | [x,{PEOPLE}"), {}, "- - - - - - + -"),
    "with a login of choice":     (DAVE, {"sendpassLogin": "bob"},              "- - - - - - + -"),
    "with a sender of choice":    (DAVE, {"sendpassSender": "*"},               "- - - - - - + -"),
    "with a hash made elsewhere": (DAVE, {"sendpassImported": "TRUE"},          "- - - - - - + -"),
    "with forged time of use":    (DAVE, {"sendpassLastUsed": PAST},            "- - - - - - - -"),
    "with forged place of use":   (DAVE, {"sendpassLastAddress": "192.0.2.1"},  "- - - - - - - -"),
    "with forged service":        (DAVE, {"sendpassLastService": "smtp"},       "- - - - - - - -"),
}

# what: (attributes it has, change, who); a change is (add, replace or delete, attribute, value)
CHANGES = {
    #                                        owner manager another helpdesk auditor verifier admin anonymous
    "label":             ({}, [("replace", "sendpassLabel", "y")],              "+ o - - - - + -"),
    "suspend":           ({}, [("replace", "sendpassSuspended", "TRUE")],       "+ o - + - - + -"),
    "resume":            ({"sendpassSuspended": "TRUE"},
                          [("delete", "sendpassSuspended", None)],              "+ o - + - - + -"),
    "revoke":            ({}, [("add", "sendpassRevoked", PAST)],               "+ o - + - - + -"),
    "revoke, with reason": ({}, [("add", "sendpassRevoked", PAST),
                                 ("add", "sendpassRevokedReason", "x")],        "+ o - + - - + -"),
    "date a revocation anew": (REVOKED, [("replace", "sendpassRevoked", LATER)], "- - - - - - + -"),
    "revive":            (REVOKED, [("delete", "sendpassRevoked", None)],       "- - - - - - + -"),
    "revive, by value":  (REVOKED, [("delete", "sendpassRevoked", PAST)],       "- - - - - - + -"),
    "forget the reason": (REVOKED, [("delete", "sendpassRevokedReason", None)], "- - - - - - + -"),
    "set an end":        ({}, [("add", "sendpassExpires", SOON)],               "+ o - - - - + -"),
    "put the end off":   (NARROW, [("replace", "sendpassExpires", LATER)],      "- - - - - - + -"),
    "bring it forward":  (NARROW, [("replace", "sendpassExpires", PAST)],       "- - - - - - + -"),
    "remove the end":    (NARROW, [("delete", "sendpassExpires", None)],        "- - - - - - + -"),
    "set a beginning":   ({}, [("add", "sendpassNotBefore", SOON)],             "+ o - - - - + -"),
    "demand TLS":        ({}, [("add", "sendpassRequireTLS", "TRUE")],          "+ o - - - - + -"),
    "no longer demand TLS": ({"sendpassRequireTLS": "TRUE"},
                             [("replace", "sendpassRequireTLS", "FALSE")],      "- - - - - - + -"),
    "set a rate":        ({}, [("add", "sendpassRate", "9/1h")],                "+ o - - - - + -"),
    "remove the rate":   ({"sendpassRate": "9/1h"},
                          [("delete", "sendpassRate", None)],                   "- - - - - - + -"),
    "name networks":     ({}, [("add", "sendpassNetwork", "192.0.2.0/24")],     "+ o - - - - + -"),
    "name a service":    ({}, [("add", "sendpassService", "smtp")],             "+ o - - - - + -"),
    "add a network":     (NARROW, [("add", "sendpassNetwork", "0.0.0.0/0")],    "- - - - - - + -"),
    "remove the networks": (NARROW, [("delete", "sendpassNetwork", None)],      "- - - - - - + -"),
    "add a service":     ({"sendpassService": "smtp"},
                          [("add", "sendpassService", "sieve")],                "- - - - - - + -"),
    "add a sender":      ({}, [("add", "sendpassSender", "*")],                 "- - - - - - + -"),
    "add a login":       ({}, [("add", "sendpassLogin", "bob")],                "- - - - - - + -"),
    "call it imported":  ({}, [("add", "sendpassImported", "TRUE")],            "- - - - - - + -"),
    "say what it replaces": ({}, [("add", "sendpassReplaces", "0ld00000")],     "+ o - - - - + -"),
    "replace the hash":  ({}, [("replace", "sendpassHash", "y")],               "- - - - - - + -"),
    "give it away":      ({}, [("replace", "owner", BOB)],                      "- - - - - - + -"),
    "share it":          ({}, [("add", "owner", BOB)],                          "- - - - - - + -"),
    "take part in it":   ({}, [("add", "owner", ALICE)],                        "- - - - - - + -"),
    "write time of use":  ({}, [("replace", "sendpassLastUsed", SOON)],         "- - - - - + - -"),
    "write place of use": ({}, [("replace", "sendpassLastAddress", "192.0.2.7")], "- - - - - + - -"),
    "write service used": ({}, [("replace", "sendpassLastService", "smtp")],    "- - - - - + - -"),
}

# Entries that are nobody's to change by our rules.
OTHER_CHANGES = {
    "mailbox address":    (DAVE, ("replace", "mail", "x@example.org")),
    "manager":            (DAVE, ("replace", "manager", ALICE)),
    "department's head":  (SALES, ("replace", "manager", ALICE)),
    "department's member": (SALES, ("add", "member", ALICE)),
    "help desk's member": ("cn=helpdesk,ou=groups,dc=example,dc=org", ("add", "member", ALICE)),
    "mailbox password":   (BOB, ("replace", "userPassword", "x")),
    "telephone number":   (BOB, ("replace", "telephoneNumber", "x")),
    "description":        (BOB, ("replace", "description", "x")),
    "container":          (CREDENTIALS, ("add", "description", "x")),
}

# what: (of which entry, attribute, who)
VIEWS = {
    #                                        owner manager another helpdesk auditor verifier admin anonymous
    "hash":          (HIS, "sendpassHash",                                      "- - - - - + - -"),
    "id":            (HIS, "sendpassId",                                        "+ o - + + + + -"),
    "owner":         (HIS, "owner",                                             "+ o - + + + + -"),
    "label":         (HIS, "sendpassLabel",                                     "+ o - + + + + -"),
    "login":         (HIS, "sendpassLogin",                                     "+ o - + + + + -"),
    "network":       (HIS, "sendpassNetwork",                                   "+ o - + + + + -"),
    "end":           (HIS, "sendpassExpires",                                   "+ o - + + + + -"),
    "suspended":     (HIS, "sendpassSuspended",                                 "+ o - + + + + -"),
    "revoked":       (HIS, "sendpassRevoked",                                   "+ o - + + + + -"),
    "time of use":   (HIS, "sendpassLastUsed",                                  "+ o - + + + + -"),
    "time it was made": (HIS, "createTimestamp",                                "+ o - + + + + -"),
    "department's":  (DEPARTMENTS_OWN, "sendpassLabel",                         "- + - + + + + -"),
    "department's hash": (DEPARTMENTS_OWN, "sendpassHash",                      "- - - - - + - -"),
    "alice's":       (HERS, "sendpassLabel",                                    "- - + + + + + -"),
    "alice's hash":  (HERS, "sendpassHash",                                     "- - - - - + - -"),
    "his address":   (DAVE, "mail",                                             "+ o - + + + + -"),
    "his login":     (DAVE, "uid",                                              "+ o - + + + + -"),
    "his surname":   (DAVE, "sn",                                               "o - - - - - - -"),
    "his mailbox password": (DAVE, "userPassword",                              "- - - - - - - -"),
    "department's address": (SALES, "mail",                                     "- + - + + + + -"),
    "verifier's password": (IDENTITIES["verifier"], "userPassword",             "- - - - - - - -"),
    "admin's password": (IDENTITIES["admin"], "userPassword",                   "- - - - - - - -"),
}


def expected(cells, openldap):
    """A row's cells as {identity: whether it may}."""
    return {identity: cell == "+" or (cell == "o" and openldap)
            for identity, cell in zip(IDENTITIES, cells.split(), strict=True)}
