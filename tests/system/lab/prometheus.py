# SPDX-License-Identifier: BSD-2-Clause
"""A real Prometheus, that scrapes one sendpassd."""
import json
import urllib.parse

from . import http_client, ports, wait
from .process import Process

CONFIGURATION = """\
global:
  scrape_interval: 200ms
  scrape_timeout: 200ms
rule_files: [{rules}]
scrape_configs:
  - job_name: sendpass
    static_configs: [{{targets: ['{target}']}}]
"""


class Prometheus:
    """Its data live in the directory, and end with the test."""

    def __init__(self, directory, target, rules):
        directory.mkdir(parents=True)
        self.place = (ports.HOST, ports.free_port())
        configuration = directory / "prometheus.yml"
        configuration.write_text(CONFIGURATION.format(target=f"{target[0]}:{target[1]}", rules=rules))
        self.process = Process(
            ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address={self.place[0]}:{self.place[1]}"],
            directory / "log", directory / "pid")

    def start(self):
        """Start it; it is not ready yet."""
        self.process.start(lambda: True)

    def wait_until_ready(self):
        """Wait until it answers queries."""
        wait.until(lambda: ports.answers(self.place[1]) and self._get("/-/ready")[0] == 200, "Prometheus")

    def stop(self):
        """SIGTERM."""
        self.process.stop()

    def _get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        status, _, body = http_client.ask(self.place, f"{path}?{query}")
        return status, body

    def ask(self, path, **parameters):
        """The data of an answer of its API; fails with what it says if it refuses."""
        status, body = self._get(f"/api/v1/{path}", **parameters)
        assert status == 200, body
        return json.loads(body)["data"]

    def value(self, query):
        """What a query with one result comes to; None if it has no result."""
        result = self.ask("query", query=query)["result"]
        return float(result[0]["value"][1]) if result else None
