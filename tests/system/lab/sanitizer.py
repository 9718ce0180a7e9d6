# SPDX-License-Identifier: BSD-2-Clause
"""Running a build made with --enable-sanitizers, and finding what the sanitizers reported."""
import subprocess


def _runtime(name):
    found = subprocess.run(["gcc", f"-print-file-name={name}"], check=True, capture_output=True, text=True)
    return found.stdout.strip()


class Sanitizer:
    """Reports go to files. A chrooted process finds its reports' directory by the same path inside
    the chroot, so `roots` lists every root under which the directory exists."""

    def __init__(self, program, directory):
        linked = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
        self.active = "libasan" in linked
        self.directory = directory
        self.directories = [directory]
        self._make(directory)

    @staticmethod
    def _make(directory):
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o1777)

    def add_chroot(self, root):
        """Make the reports' directory inside a chroot too."""
        inside = root / self.directory.relative_to("/")
        self._make(inside)
        self.directories.append(inside)

    def program_environment(self):
        """What one of our own programs runs with."""
        return self._options(leaks=1) if self.active else {}

    def host_environment(self):
        """What a mail server that loads our plugin runs with. Its own leaks are not ours to count."""
        if not self.active:
            return {}
        return dict(self._options(leaks=0), LD_PRELOAD=_runtime("libasan.so"))

    def _options(self, leaks):
        common = f"log_path={self.directory}/report"
        return {
            "ASAN_OPTIONS": f"{common}:detect_leaks={leaks}:abort_on_error=0",
            "UBSAN_OPTIONS": f"{common}:print_stacktrace=1",
        }

    def reports(self):
        """The texts of all reports so far."""
        return [file.read_text(errors="replace")
                for directory in self.directories for file in sorted(directory.glob("report*"))]
