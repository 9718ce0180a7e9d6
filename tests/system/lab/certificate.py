# SPDX-License-Identifier: BSD-2-Clause
"""A certificate made on the spot, for localhost and 127.0.0.1."""
import subprocess


class Certificate:
    """Self-signed: the certificate is its own authority."""

    def __init__(self, directory):
        self.certificate = directory / "certificate.pem"
        self.key = directory / "key.pem"
        if not self.certificate.exists():
            directory.mkdir(parents=True, exist_ok=True)
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-days", "30", "-subj", "/CN=localhost",
                 "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                 "-keyout", self.key, "-out", self.certificate],
                check=True, capture_output=True)

    def with_days(self, days):
        """A file with the same certificate, made anew to end that many days from now; those may be past."""
        file = self.certificate.with_name(f"days{days}.pem")
        subprocess.run(["openssl", "x509", "-in", self.certificate, "-signkey", self.key, "-days", str(days),
                        "-out", file], check=True, capture_output=True)
        return file
