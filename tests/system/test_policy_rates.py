# SPDX-License-Identifier: BSD-2-Clause
"""How much an app password sends."""

import pytest

from lab import wait
from lab.submission import RECIPIENT, login, mail, send, send_and_reset


def test_a_rate_of_messages_is_exact_and_survives_a_restart(both, policy, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "3/1h")
    with login(both, credential) as session:
        assert send(session, person.mail, RECIPIENT, "other@example.net").code == 250
        assert send(session, person.mail).code == 250
    policy.restart()
    begin = policy.daemon.mark()
    with login(both, credential) as session:
        assert send(session, person.mail).code == 250
        for _ in range(3):
            reply = send_and_reset(session, person.mail)
            assert reply.code == 450 and "4.7.1" in reply.text and "sent too much" in reply.text
    policy.daemon.wait_for(begin, "policy", reason="rate_limited", result="denied", id=credential.id)


def test_a_rate_survives_a_kill_once_it_is_written(policy, stack, person):
    """That a later one is being written shows that the writing of the first is done."""
    credential, later = (stack.tool.issue(person.login, "--rate", "1/1h") for _ in range(2))
    for each in (credential, later):
        with login(policy.door("cyrus"), each) as session:
            assert send(session, person.mail).code == 250
        wait.until(lambda each=each: each.id.encode() in (policy.state / "rates.lmdb").read_bytes(),
                   "the counter in the file")
    policy.daemon.process.signal(9)
    policy.daemon.process.wait()
    policy.daemon.start()
    with login(policy.door("cyrus"), credential) as session:
        assert send(session, person.mail).code == 450


def test_a_rate_of_recipients_counts_each_once(both, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "recipients=4/1h")
    with login(both, credential) as session:
        assert send(session, person.mail, "a@example.net", "b@example.net", "c@example.net").code == 250
        assert mail(session, person.mail, "d@example.net").code == 250
        assert session.command("RCPT TO:<e@example.net>").code == 450
        assert session.command("DATA").code == 354
        assert session.command(".").code == 250
        assert send_and_reset(session, person.mail, "f@example.net").code == 450


@pytest.mark.parametrize("stage", ("rcpt", "data", "end"))
def test_rates_are_held_at_each_stage_alone(stage, policy, stack, person):
    messages = stack.tool.issue(person.login, "--rate", "2/1h")
    with login(policy.door(stage), messages) as session:
        codes = [send_and_reset(session, person.mail, "a@example.net", "b@example.net").code for _ in range(3)]
        assert codes == [250, 250, 450]
    recipients = stack.tool.issue(person.login, "--rate", "recipients=3/1h")
    with login(policy.door(stage), recipients) as session:
        assert send_and_reset(session, person.mail, "a@example.net", "b@example.net").code == 250
        assert send_and_reset(session, person.mail, "c@example.net", "d@example.net").code == 450


def test_a_full_rate_is_told_at_mail(policy, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "1/1h")
    with login(policy.door("cyrus"), credential) as session:
        assert send(session, person.mail).code == 250
    with login(policy.door("mail"), credential) as session:
        assert session.command(f"MAIL FROM:<{person.mail}>").code == 450


def test_the_default_rate_holds_unless_the_credential_has_its_own(policy, stack, person):
    policy.reload(policy_default_rate="1/1h recipients=5/1d")
    plain, own = stack.tool.issue(person.login), stack.tool.issue(person.login, "--rate", "2/1h")
    with login(policy.door("cyrus"), plain) as session:
        assert [send_and_reset(session, person.mail).code for _ in range(2)] == [250, 450]
    with login(policy.door("cyrus"), own) as session:
        assert [send_and_reset(session, person.mail).code for _ in range(3)] == [250, 250, 450]


def test_a_rate_comes_free_again(policy, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "1/2s")
    with login(policy.door("cyrus"), credential) as session:
        assert send_and_reset(session, person.mail).code == 250
        assert send_and_reset(session, person.mail).code == 450
        wait.until(lambda: send_and_reset(session, person.mail).code == 250, "the rate to come free")


@pytest.mark.parametrize("damage", (b"garbage" * 1000, b"", b"\0" * 8192))
def test_a_damaged_file_stops_nobody(damage, policy, stack, person):
    credential = stack.tool.issue(person.login, "--rate", "1/1h")
    file = policy.state / "rates.lmdb"
    policy.daemon.stop()
    kept = file.read_bytes()
    file.write_bytes(damage)
    begin = policy.daemon.mark()
    policy.daemon.start()
    try:
        with login(policy.door("cyrus"), credential) as session:
            assert [send_and_reset(session, person.mail).code for _ in range(2)] == [250, 450]
        if damage:
            policy.daemon.wait_for(begin, "rates_not_kept")
    finally:
        policy.daemon.stop()
        file.write_bytes(kept)
        policy.daemon.start()


def test_a_file_cut_short_is_noticed(policy):
    file = policy.state / "rates.lmdb"
    policy.daemon.stop()
    kept = file.read_bytes()
    file.write_bytes(kept[:8192])
    begin = policy.daemon.mark()
    policy.daemon.start()
    policy.daemon.wait_for(begin, "rates_not_kept")
    policy.daemon.stop()
    file.write_bytes(kept)
    begin = policy.daemon.mark()
    policy.daemon.start()
    assert not policy.daemon.events(begin, "rates_not_kept")


@pytest.mark.live_only("the disk would be too small for a replica")
def test_a_full_disk_stops_nobody(policy, stack, person, small_disk):
    begin = policy.daemon.mark()
    try:
        policy.restart(daemon_state_directory=str(small_disk.path))
        small_disk.fill()
        credential = stack.tool.issue(person.login, "--rate", "1/1h")
        with login(policy.door("cyrus"), credential) as session:
            assert [send_and_reset(session, person.mail).code for _ in range(2)] == [250, 450]
            policy.daemon.wait_for(begin, "rates_not_kept")
            assert send_and_reset(session, person.mail).code == 450
        assert len(policy.daemon.events(begin, "rates_not_kept")) == 1
    finally:
        policy.restart()


@pytest.mark.live_only("a replica needs that directory")
def test_nothing_is_kept_without_a_directory(policy):
    begin = policy.daemon.mark()
    policy.restart(daemon_state_directory="")
    assert policy.daemon.wait_for(begin, "rates_not_kept").level == "warning"
    policy.restart()
