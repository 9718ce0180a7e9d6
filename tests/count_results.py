# SPDX-License-Identifier: BSD-2-Clause
"""Counts test results: of pytest's junit files, and of an automake tree's unit tests.

count_results.py FILE.xml|BUILD_DIRECTORY...   prints: passed failed skipped, and why skipped on stderr
A cmocka program counts by its tests; any other, or one that died, counts as one.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def count_junit(file):
    """Cases of one pytest run."""
    counts = Counter()
    for case in ElementTree.parse(file).iter("testcase"):
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            counts["failed"] += 1
        elif "skipped" in outcomes:
            counts["skipped"] += 1
            print(f"skipped: {case.get('name')}: {case.find('skipped').get('message')}", file=sys.stderr)
        else:
            counts["passed"] += 1
    return counts


def count_automake(build):
    """Tests of every program that `make check` ran in a build directory."""
    counts = Counter()
    for result_file in [*build.glob("tests/**/*.trs"), *build.glob("fuzz/*.trs")]:
        result = re.search(r"^:global-test-result: (\w+)", result_file.read_text(), re.MULTILINE)[1]
        log = result_file.with_suffix(".log").read_text(errors="replace")
        passed = sum(map(int, re.findall(r"\[  PASSED  \] (\d+) test", log)))
        failed = sum(map(int, re.findall(r"\[  FAILED  \] (\d+) test", log)))
        if result == "SKIP":
            counts["skipped"] += 1
            print(f"skipped: {result_file.stem}: {log.strip()}", file=sys.stderr)
        elif result == "PASS":
            counts["passed"] += passed or 1
        else:
            counts["passed"] += passed
            counts["failed"] += failed or 1
    return counts


def main(paths):
    """Count all of them together."""
    total = Counter()
    for path in map(Path, paths):
        total += count_automake(path) if path.is_dir() else count_junit(path)
    print(total["passed"], total["failed"], total["skipped"])


main(sys.argv[1:])
