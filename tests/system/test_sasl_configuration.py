# SPDX-License-Identifier: BSD-2-Clause
"""The plugin acts only where the SASL configuration names it, and says no where it cannot act."""
import pytest

from lab.doors import GRANTED, with_sasl_options

# name: options of the SASL configuration
NOT_OURS = {
    "another plugin": {"auxprop_plugin": "sasldb"},
    "no plugin named": {"auxprop_plugin": None},
    "another name that begins alike": {"auxprop_plugin": "sendpass2"},
}


@pytest.mark.parametrize("configuration", NOT_OURS)
def test_no_password_passes_where_the_plugin_is_not_named(
        cyrus_door, mechanism, configuration, stack, credential):
    begin = stack.sendpassd.mark()
    with with_sasl_options(cyrus_door, **NOT_OURS[configuration]) as other:
        reply = other.attempt(mechanism, credential.login, credential.password)
    assert reply.code not in (0, GRANTED), reply
    assert not stack.sendpassd.events(begin, "auth"), "the plugin asked sendpassd"
    assert cyrus_door.attempt(mechanism, credential.login, credential.password).code == GRANTED


UNUSABLE = {
    "no such socket": {"sendpass_socket": "/nowhere/auth"},
    "relative path": {"sendpass_socket": "private/sendpass"},
    "no timeout": {"sendpass_timeout": "soon"},
    "timeout without end": {"sendpass_timeout": "1000d"},
}


@pytest.mark.parametrize("configuration", UNUSABLE)
def test_an_unusable_option_is_answered_by_try_later(cyrus_door, mechanism, configuration, credential):
    with with_sasl_options(cyrus_door, **UNUSABLE[configuration]) as other:
        reply = other.attempt(mechanism, credential.login, credential.password)
    assert reply.code == cyrus_door.unavailable, reply
