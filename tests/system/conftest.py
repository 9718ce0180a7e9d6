# SPDX-License-Identifier: BSD-2-Clause
"""The servers all tests share, and what a test is given of them."""
import shutil
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab import doors as mail_doors
from lab.milter_stack import MilterStack
from lab.people import Person
from lab.policy_stack import PolicyStack
from lab.small_disk import SmallDisk
from lab.stack import Stack
from lab.target import Target

LOG_TAIL = 4000


def pytest_addoption(parser):
    parser.addoption("--build", required=True, type=Path, help="the build directory of sendpass to test")
    parser.addoption("--exim", type=lambda text: Path(text).resolve(),
                     help="an unpacked exim4; without it, tests with Exim are skipped")
    parser.addoption("--directory-mode", choices=("live", "replica"), default="live",
                     help="[directory] mode of every sendpassd that a test does not say otherwise of")
    parser.addoption("--kill-rounds", type=int, default=5, metavar="N", help="how often test_kills kills, in each mode")
    parser.addoption("--part", type=_part, default=(1, 1), metavar="N/OF",
                     help="the tests of every OF-th file, from the N-th on")


def pytest_configure():
    """A shell that is itself in the background has its children ignore this, and theirs, whom tests interrupt."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _part(text):
    number, _, of = text.partition("/")
    return int(number), int(of)


def pytest_collection_modifyitems(config, items):
    """Tests marked `last` look at what all others left behind, in each part."""
    if config.getoption("--directory-mode") == "replica":
        alone = [item for item in items if item.get_closest_marker("live_only")]
        config.hook.pytest_deselected(items=alone)
        items[:] = [item for item in items if item not in alone]
    number, of = config.getoption("--part")
    files = sorted({item.path for item in items})
    mine = set(files[number - 1::of])
    last = [item for item in items if item.get_closest_marker("last")]
    others = [item for item in items if item.path in mine and item not in last]
    config.hook.pytest_deselected(items=[item for item in items if item.path not in mine and item not in last])
    items[:] = others + last


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Show the servers' logs beside a failure, and keep them."""
    report = (yield).get_result()
    stack = item.session.config.stash.get(STACK, None)
    if report.failed and stack is not None:
        item.session.config.stash[FAILED] = True
        report.sections.append(("log of sendpassd", stack.sendpassd.process.text()[-LOG_TAIL:]))
        report.sections.append(("log of Postfix", stack.postfix.text()[-LOG_TAIL:]))


STACK = pytest.StashKey[Stack]()
FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def lab_directory(request):
    """Reachable for every server's user; kept if a test fails."""
    directory = Path(tempfile.mkdtemp(prefix="sendpass-lab-", dir="/tmp"))
    directory.chmod(0o755)
    yield directory
    if request.config.stash.get(FAILED, False):
        print(f"\nThe servers' files are kept in {directory}")
    else:
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def _servers(request, lab_directory):
    stack = Stack(lab_directory, request.config.getoption("--build").resolve(),
                  request.config.getoption("--directory-mode"))
    doors = mail_doors.Doors(stack, request.config.getoption("--exim"))
    request.config.stash[STACK] = stack
    stack.prepare()
    doors.prepare()
    with ExitStack() as running:
        for server in (stack.slapd, stack.sendpassd, doors):
            running.callback(server.stop)
            server.start()
        yield stack, doors
    assert not stack.sanitizer.reports(), "reported when the servers stopped"


@pytest.fixture(scope="session")
def stack(_servers):
    """slapd, sendpassd and Postfix, running."""
    return _servers[0]


def _door(request, servers):
    found = servers[1].named(request.param)
    if found is None:
        pytest.skip("no Exim: --exim was not given")
    return found


@pytest.fixture(params=mail_doors.NAMES)
def door(request, _servers):
    """Each way into a mail server in turn."""
    return _door(request, _servers)


@pytest.fixture
def doors(_servers):
    """All ways into a mail server that there are."""
    return [door for door in map(_servers[1].named, mail_doors.NAMES) if door is not None]


@pytest.fixture(params=[name for name in mail_doors.NAMES if name.endswith("-cyrus")])
def cyrus_door(request, _servers):
    """Each mail server that loads our plugin in turn."""
    return _door(request, _servers)


@pytest.fixture(params=mail_doors.MECHANISMS)
def mechanism(request):
    """Each SASL mechanism in turn."""
    return request.param


@pytest.fixture(scope="module")
def target(stack):
    """A sendpassd to be misused, that loses its patience soon."""
    misused = Target(stack, "misused", daemon_greeting_timeout="1s")
    misused.start()
    yield misused
    assert misused.daemon.stop() == 0


@pytest.fixture(scope="session")
def _policy_stack(stack):
    policy = PolicyStack(stack)
    policy.start()
    yield policy
    policy.stop()


@pytest.fixture
def policy(_policy_stack):
    """A sendpassd with a policy door, and Postfix with services that ask it. No test leaves settings behind."""
    yield _policy_stack
    _policy_stack.reload()


@pytest.fixture(scope="session")
def _milter_stack(_policy_stack):
    milters = MilterStack(_policy_stack)
    if not milters.program.exists():
        pytest.skip("built without sendpass-milter")
    milters.start()
    yield milters
    assert milters.stop() == [0, 0]


@pytest.fixture
def milters(_milter_stack, policy):  # pylint: disable=unused-argument
    """Two sendpass-milters, and services of Postfix with them."""
    return _milter_stack


@pytest.fixture
def small_disk(lab_directory):
    """A disk to be filled."""
    disk = SmallDisk(lab_directory / "small-disk")
    if not disk.mount():
        disk.path.rmdir()
        pytest.skip("no file system can be mounted here")
    yield disk
    disk.unmount()


@pytest.fixture(params=("cyrus", "dovecot"))
def both(request, policy):
    """Postfix with our plugin, and with its own Dovecot client, asking the policy door at every stage."""
    return policy.door(request.param)


@pytest.fixture
def person(stack):
    """Somebody with a directory entry."""
    somebody = Person(stack.slapd.root())
    yield somebody
    if stack.slapd.root().search(somebody.dn):
        somebody.delete()


@pytest.fixture
def credential(stack, person):
    """An app password of that person."""
    return stack.tool.issue(person.login)


@pytest.fixture(autouse=True)
def _no_sanitizer_report(stack):
    """No test may leave a report of AddressSanitizer or UBSan behind."""
    before = len(stack.sanitizer.reports())
    yield
    assert not stack.sanitizer.reports()[before:]
