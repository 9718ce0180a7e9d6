# SPDX-License-Identifier: BSD-2-Clause
"""The owner_active_filters of docs/directory.md, and what makes an owner match them or not."""
import time
from typing import NamedTuple

DAY_S = 86400
PERMANENT = "000001010000Z"
NEVER = 9223372036854775807


class Filter(NamedTuple):
    """attribute is what it looks at; active and inactive are values of it, None for no value."""

    text: str
    attribute: str
    active: tuple
    inactive: tuple
    server: str = "openldap"


def days(offset):
    """Some days from today, as shadowExpire counts."""
    return int(time.time()) // DAY_S + offset


def file_time(offset_s):
    """Some seconds from now, as Active Directory counts."""
    return (int(time.time()) + offset_s + 11644473600) * 10_000_000


def generalized(offset_s):
    """Some seconds from now."""
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + offset_s))


# Values are made when a test runs, in case it runs at midnight.
FILTERS = {
    "mark": lambda: Filter(
        "(!(employeeType=disabled))", "employeeType", (None, "staff"), ("disabled",)),
    "ppolicy, for good": lambda: Filter(
        f"(!(pwdAccountLockedTime={PERMANENT}))", "pwdAccountLockedTime", (None, generalized(-9)), (PERMANENT,)),
    "ppolicy, at all": lambda: Filter(
        "(!(pwdAccountLockedTime=*))", "pwdAccountLockedTime", (None,), (PERMANENT, generalized(-9))),
    "shadowExpire": lambda: Filter(
        "(|(shadowExpire=-1)(!(|(shadowExpire=%d)(shadowExpire:integerOrderingMatch:=%d))))", "shadowExpire",
        (None, -1, days(1), days(400)), (1, days(-1), days(0))),
    "userAccountControl": lambda: Filter(
        "(!(userAccountControl:1.2.840.113556.1.4.803:=2))", "userAccountControl", (None, 512, 66048), (2, 514, 66050)),
    "accountExpires": lambda: Filter(
        "(|(!(accountExpires=*))(accountExpires=0)(accountExpires>=%f))", "accountExpires",
        (None, 0, NEVER, file_time(3600)), (1, file_time(-3600))),
    "nsAccountLock": lambda: Filter(
        "(!(nsAccountLock=true))", "nsAccountLock", (None, "false"), ("true",), "389ds"),
}

# What those filters take of slapd; Active Directory's attributes with its syntax and matching rules.
MODULES = """\
include /etc/ldap/schema/nis.schema
moduleload ppolicy
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
	SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.159 NAME 'accountExpires' EQUALITY integerMatch
	ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
"""
RULES = """\
access to dn.children="ou=people,dc=example,dc=org"
	attrs=pwdAccountLockedTime,shadowExpire,userAccountControl,accountExpires
	by dn.exact="cn=verifier,ou=services,dc=example,dc=org" read
	by * none
"""
POLICY = """\
dn: cn=policy,dc=example,dc=org
changetype: add
objectClass: organizationalRole
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 3
pwdLockoutDuration: 3600
"""
OVERLAYS = """\
overlay ppolicy
ppolicy_default cn=policy,dc=example,dc=org
"""
