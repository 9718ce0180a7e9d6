# SPDX-License-Identifier: BSD-2-Clause
"""What the whole run wrote into its logs, looked at last."""
import base64
import subprocess
from pathlib import Path

import pytest

from lab.auth_client import AuthClient
from lab.doors import DENIED, GRANTED, MECHANISMS
from lab.slapd import CREDENTIALS

pytestmark = pytest.mark.last

WRONG = "typed-by-mistake-7261"


def _forms(secret):
    """How a secret may show up: as it is, without dashes, within the base64 of an AUTH PLAIN."""
    yield secret.encode()
    yield secret.replace("-", "").encode()
    for offset in range(3):
        # what of the base64 does not depend on the neighbouring bytes
        encoded = base64.b64encode(b"\0" * offset + secret.encode())
        yield encoded[4:-4]


def _offer_everywhere(doors, stack, credential):
    """At the very least, one right and one wrong password went through every door."""
    for door in doors:
        for mechanism in MECHANISMS:
            assert door.attempt(mechanism, credential.login, WRONG).code == DENIED
            assert door.attempt(mechanism, credential.login, credential.password).code == GRANTED
    # Swapped by mistake. Not through a mail server: what those log as the login is not ours to choose.
    with AuthClient(stack.sendpassd.directory / "auth") as client:
        assert client.plain(credential.password, credential.login) == "FAIL"


def _holding(forms, logs, directory):
    """The logs that hold any of these, as grep says."""
    wanted = directory / "forms"
    wanted.write_bytes(b"".join(form + b"\n" for form in forms))
    result = subprocess.run(["grep", "-laF", "-f", wanted, *logs], capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1), result.stderr
    return result.stdout.splitlines()


def _with_events(directory):
    """All files with lines of sendpassd."""
    result = subprocess.run(["grep", "-rlaF", "event=auth result=", directory], capture_output=True, text=True,
                            check=False)
    return set(map(Path, result.stdout.splitlines()))


def test_no_log_holds_a_secret(doors, stack, credential, tmp_path):
    """Every app password issued in this run, every password of the directory, every hash."""
    _offer_everywhere(doors, stack, credential)
    slapd = stack.slapd
    secrets = [*stack.tool.passwords, WRONG]
    secrets += [slapd.password(name) for name in ("alice", "bob", "verifier", "sendpass-admin")]
    hashes = [value for entry in slapd.root().search(CREDENTIALS, "(sendpassHash=*)")
              for value in entry.attributes["sendpassHash"] if value.startswith(b"$argon2id$v=19$m=19456")]
    assert hashes
    forms = {form for secret in secrets for form in _forms(secret)}
    tags = {value.rpartition(b"$")[2] for value in hashes}
    logs = [file for pattern in ("**/*.log", "**/*.out", "*/log/*", "*/run/log/journal/*/*.journal")
            for file in stack.directory.glob(pattern)]
    assert stack.sendpassd.log in logs and stack.postfix.log in logs
    assert not _with_events(stack.directory) - set(logs), "logs that nobody would search"
    # slapd's own log shows filters, and a test asks for a hash by filter
    assert not _holding(forms, logs, tmp_path)
    assert not _holding(tags, [log for log in logs if log.parent != slapd.directory], tmp_path)
