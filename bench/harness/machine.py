# SPDX-License-Identifier: BSD-2-Clause
"""What a run was made on."""
import os
import platform
import re
import subprocess
from pathlib import Path

PACKAGES = ("libargon2-1", "libsodium23", "slapd", "dovecot-core", "sasl2-bin", "postfix", "exim4-daemon-heavy")


def _first(pattern, file):
    found = re.search(pattern, Path(file).read_text(), re.MULTILINE)
    return found[1] if found else "unknown"


def _version(package):
    shown = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True,
                           check=False)
    return shown.stdout.strip() or None


def _vectors():
    flags = _first(r"^flags\s*:\s*(.*)$", "/proc/cpuinfo").split()
    return [name for name in ("ssse3", "avx2", "avx512f") if name in flags]


def describe():
    """Processor, memory, kernel, packages."""
    packages = {package: _version(package) for package in PACKAGES}
    return {
        "cpu": _first(r"^model name\s*:\s*(.*)$", "/proc/cpuinfo"), "cores": os.cpu_count(), "vectors": _vectors(),
        "memory_kib": int(_first(r"^MemTotal:\s+(\d+)", "/proc/meminfo")),
        "kernel": platform.release().split("-")[0],
        "system": _first(r'^PRETTY_NAME="(.*)"', "/etc/os-release"),
        "load_before": os.getloadavg()[0],
        "packages": {package: version for package, version in packages.items() if version},
    }
