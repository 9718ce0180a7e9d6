# SPDX-License-Identifier: BSD-2-Clause
"""Programs that look at fixed places of the host, /etc/pam.d and /run/saslauthd, and see private ones there.

Each runs in a mount namespace of its own. All of /run is empty in it, so that what PAM modules write to
syslog does not reach the host's log either.
"""
import subprocess

UNSHARE = ["unshare", "--mount", "--propagation", "private"]


def is_possible():
    """Whether this host lets us make mount namespaces; a container may not."""
    return subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode == 0


def command_prefix(pam_services=None, saslauthd_directory=None):
    """What comes before a command so that it sees the given directories. Its pid remains the command's."""
    script = ["mount -t tmpfs tmpfs /run"]
    places = []
    if saslauthd_directory is not None:
        script.append("mkdir /run/saslauthd")
        places.append((saslauthd_directory, "/run/saslauthd"))
    if pam_services is not None:
        places.append((pam_services, "/etc/pam.d"))
    script += [f"mount --bind '{directory}' {place}" for directory, place in places]
    return [*UNSHARE, "sh", "-ec", "\n".join([*script, 'exec "$@"']), "sh"]
