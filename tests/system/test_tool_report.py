# SPDX-License-Identifier: BSD-2-Clause
"""What there is, what is due and who is refused, as the report tells it in each of its forms."""
import json
import os
import re
import subprocess
from html.parser import HTMLParser

import pytest

from lab.auth_client import AuthClient
from lab.people import Person
from lab.slapd import PEOPLE, SERVICES, Slapd
from lab.target import Target
from lab.terminal import Terminal

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)
HOSTILE = "<script>alert(1)</script> \"&' \x1b[31m"
MAILBOX_PASSWORD = "correct horse battery staple"
LEGACY = "event=auth result=granted reason=legacy door=auth ip=192.0.2.7 ms=1.0 login="
VOID = {"meta", "br", "rect", "line"}


class Page(HTMLParser):
    """The elements of a page, each closed in its turn, and its text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.ids, self.text = [], [], [], ""
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def number_of(self, target):
        """What the tile says that leads to that part."""
        return int(re.search(r"^(\d+)" + re.escape(TILES[target]), self.text, re.MULTILINE)[1])


TILES = {"expiring": "Expiring within 30 days", "unused": "Unused for 180 days", "never_used": "Never used",
         "imported": "Imported", "legacy": "Still using mailbox passwords"}


@pytest.fixture(name="staff", scope="module")
def fixture_staff(stack):
    """A person of sales, one without a department and one who is gone, and what they have."""
    root = stack.slapd.root()
    person, other, leaver = [Person(root) for _ in range(3)]
    root.replace(person.dn, "departmentNumber", "sales <&> \"more\"")
    found = {}
    for name, owner, attributes in (
            ("active", person, {}), ("suspended", person, {"sendpassSuspended": "TRUE"}),
            ("revoked", person, {"sendpassRevoked": "20250101000000Z"}),
            ("expired", other, {"sendpassExpires": "20250101000000Z"}),
            ("unusable", other, {"sendpassNetwork": "nowhere"}),
            ("later", other, {"sendpassNotBefore": "20991231000000Z"}),
            # in a list that is short, whatever other tests left behind
            ("unused", other, {"sendpassLastUsed": "20200101000000Z", "sendpassLabel": HOSTILE}),
            ("imported", person, {"sendpassImported": "TRUE"}),
            ("hostile", leaver, {"sendpassLabel": HOSTILE})):
        found[name] = stack.tool.issue(owner.login)
        for attribute, value in attributes.items():
            root.replace(found[name].dn, attribute, value)
    found["expiring"] = stack.tool.issue(person.login, "--expires", "20d")
    leaver.delete()
    yield found
    for credential in found.values():
        root.delete(credential.dn)
    person.delete()
    other.delete()


@pytest.fixture(name="log", scope="module")
def fixture_log(stack, staff, tmp_path_factory):
    """What sendpassd writes of two right and three wrong passwords and one of a mailbox, and lines of others."""
    daemon = Target(stack, "reported", migration_mailbox_passwords_until="2099-01-01")
    daemon.start()
    good, bad, legacy = staff["active"], staff["revoked"], staff["unused"]
    stack.slapd.root().replace(f"uid={legacy.login},{PEOPLE}", "userPassword", MAILBOX_PASSWORD)
    begin = daemon.daemon.mark()
    with AuthClient(daemon.auth) as client:
        for number, (login, password, answer) in enumerate([
                (good.login, good.password, "OK"), (good.login, good.password, "OK"),
                (bad.login, bad.password, "FAIL"), (bad.login, bad.password, "FAIL"),
                (legacy.login, "hunter2", "FAIL"), (legacy.login, MAILBOX_PASSWORD, "OK")], 1):
            assert client.plain(login, password, number) == answer
    daemon.daemon.settle()
    text = daemon.daemon.log.read_bytes()[begin:].decode()
    assert daemon.daemon.stop() == 0
    path = tmp_path_factory.mktemp("report") / "sendpassd.log"
    path.write_text(text + "Nov 24 09:00:00 mail systemd[1]: started " + LEGACY + "nobody\n" +
                    f"Nov 24 10:00:00 mail sendpassd[7]: {LEGACY}bob\n" * 2 +
                    f"Nov 24 11:00:00 mail sendpassd[7]: {LEGACY}\"<script>alert(2)</script>\"\n" + LEGACY + "\"\n")
    return path


def report(stack, *arguments, stdin=""):
    result = stack.tool.run("report", *arguments, stdin=stdin)
    assert result.returncode == OK, result.stderr
    return result.stdout


def rows(text, heading):
    """The rows of the table below a heading, as lists of words."""
    lines = text[text.index("\n" + heading):].split("\n")[3:]
    return [re.split(r"\s{2,}", line.strip()) for line in lines[:lines.index("") if "" in lines else None]]


def counts(text, heading):
    """The first and the last column of such a table."""
    return {row[0]: int(row[-1]) for row in rows(text, heading) if len(row) > 1}


@pytest.fixture(name="forms", scope="module")
def fixture_forms(stack, log):
    """The same report in its three forms."""
    return (report(stack, "--log", log), json.loads(report(stack, "--log", log, "--format", "json")),
            report(stack, "--log", log, "--format", "html"))


def test_each_form_tells_of_every_state_and_department(stack, forms):
    text, told, html = forms
    listed = stack.tool.json("list")
    for state, number in told["states"].items():
        assert number == len([one for one in listed if one["state"] == state]) >= 1, state
    assert told["total"] == len(listed)
    assert {name: number for name, number in counts(text, "By state").items() if name != "all"} == told["states"]
    by_department = {row["department"]: row for row in told["departments"]}
    sales = by_department['sales <&> "more"']
    assert (sales["active"], sales["all"]) == (3, 5)
    assert by_department["(gone)"]["all"] >= 1 and by_department["(none)"]["all"] >= 4
    assert sum(row["all"] for row in told["departments"]) == told["total"]
    assert counts(text, "By department") == {row["department"]: row["all"] for row in told["departments"]}
    assert sum(row["all"] for row in told["ages"]) == told["total"]
    assert list(counts(text, "By age").values()) == [row["all"] for row in told["ages"]]
    page = Page(html)
    for row in told["departments"]:
        assert f"{row['department']}{row['active']} of {row['all']}" in page.text
    for state, number in told["states"].items():
        assert re.search(f"^{state.replace('_', ' ')}{number}$", page.text, re.MULTILINE)


def test_each_form_lists_what_is_due_as_list_does(stack, staff, forms):
    text, told, html = forms
    page = Page(html)
    for key, options in (("expiring", ["--expiring-within", "30d"]),
                         ("unused", ["--state", "active", "--unused-for", "180d"]),
                         ("never_used", ["--state", "active", "--never-used"])):
        expected = sorted(one["id"] for one in stack.tool.json("list", *options))
        assert sorted(one["id"] for one in told[key]) == expected
    assert [staff[name].id in [one["id"] for one in told[name]] for name in ("expiring", "unused", "imported")] == [
        True, True, True]
    for key, title in TILES.items():
        number = len(told[key]) if key != "legacy" else len(told["log"]["legacy"])
        assert f"\n{title}: {number}\n" in text
        assert page.number_of(key) == number
    for one in told["expiring"][:25]:
        assert one["id"] in text and one["id"] in page.text


def test_each_form_tells_who_was_refused_and_why_and_who_uses_a_mailbox_password(staff, forms):
    text, told, html = forms
    log = told["log"]
    assert (log["granted"], log["granted_legacy"], log["denied"]) == (6, 4, 3)
    assert (log["foreign_lines"], log["broken_lines"]) == (1, 1)
    assert log["refusals"] == [
        {"reason": "revoked", "result": "denied", "logins": 2, "messages": 0},
        {"reason": "bad_secret", "result": "denied", "logins": 1, "messages": 0}]
    assert rows(text, "Refused, by reason") == [["revoked", "denied", "2", "0"], ["bad_secret", "denied", "1", "0"]]
    page = Page(html)
    assert "revoked2\n" in page.text and "bad secret1\n" in page.text
    assert log["legacy"] == [
        {"login": "bob", "logins": 2, "last_time": "Nov 24 10:00:00", "last_address": "192.0.2.7"},
        {"login": "<script>alert(2)</script>", "logins": 1, "last_time": "Nov 24 11:00:00",
         "last_address": "192.0.2.7"},
        {"login": staff["unused"].login, "logins": 1, "last_time": None, "last_address": "127.0.0.1"}]
    assert "bob2Nov 24 10:00:00192.0.2.7" in page.text
    assert rows(text, "Still using mailbox passwords")[0] == ["bob", "2", "Nov 24 10:00:00", "192.0.2.7"]


def test_the_page_is_whole_by_itself_and_obeys_no_value(stack, forms):
    html = forms[2]
    page = Page(html)
    assert not [tag for tag, _ in page.elements if tag in ("script", "link", "img", "iframe", "object", "base")]
    for text in ("http://", "https://", "src=", "<script", "url(", "@import", "javascript:"):
        assert text not in html.lower(), text
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert links and all(link.startswith("#") and link[1:] in ids for link in links)
    assert HOSTILE.replace("\x1b", "\\x1b") in page.text and "<script>alert(2)</script>" in page.text
    assert "\x1b" not in html
    assert stack.slapd.uri in page.text and stack.tool.container in page.text
    assert re.search(r"Made \d{4}-\d\d-\d\d \d\d:\d\d UTC from", page.text)


def test_no_form_has_a_secret(stack, forms):
    for form in (forms[0], json.dumps(forms[1]), forms[2]):
        assert "$argon2" not in form and "hunter2" not in form and MAILBOX_PASSWORD not in form
        assert not [password for password in stack.tool.passwords if password in form]


def test_without_a_log_each_form_says_so(stack, staff):
    command = "journalctl -u sendpassd | sendpass report --log -"
    assert f"No log was given: {command}" in report(stack)
    assert json.loads(report(stack, "--json"))["log"] is None
    assert f"No log was given: {command}" in Page(report(stack, "--format", "html")).text
    assert staff["imported"].id in report(stack, "--json")


def test_legacy_alone_reads_the_log_and_nothing_else(stack, staff, log):
    told = json.loads(report(stack, "--legacy", "--log", log, "--json"))
    assert [row["login"] for row in told] == ["bob", "<script>alert(2)</script>", staff["unused"].login]
    lines = report(stack, "--legacy", "--log", "-", stdin=log.read_text())
    assert lines == ("bob\t2\tNov 24 10:00:00\t192.0.2.7\n"
                     "<script>alert(2)</script>\t1\tNov 24 11:00:00\t192.0.2.7\n"
                     f"{staff['unused'].login}\t1\t-\t127.0.0.1\n")
    page = Page(report(stack, "--legacy", "--log", log, "--format", "html"))
    assert "bob2Nov 24 10:00:00192.0.2.7" in page.text
    nowhere = stack.tool.run("report", "--legacy", "--log", log, options=["-f", "/nonexistent"])
    assert nowhere.returncode == OK and nowhere.stdout == lines


def test_logs_add_up(stack, log):
    told = json.loads(report(stack, "--legacy", "--log", log, "--log", "-", "--format", "json",
                             stdin=log.read_text()))
    assert told[0]["logins"] == 4


def test_a_long_list_is_cut_for_people_and_says_where_the_rest_is(stack):
    log = "".join(f"{LEGACY}user{number}\n" for number in range(27))
    text, html = [report(stack, "--log", "-", "--format", form, stdin=log) for form in ("text", "html")]
    for form in text, Page(html).text:
        assert "and 2 more: sendpass report --legacy" in form
        assert len(re.findall(r"\buser\d+", form)) == 25
    assert len(json.loads(report(stack, "--log", "-", "--json", stdin=log))["log"]["legacy"]) == 27
    assert report(stack, "--legacy", "--log", "-", stdin=log).count("\n") == 27
    page = report(stack, "--legacy", "--log", "-", "--format", "html", stdin=log)
    assert len(re.findall(r"\buser\d+", Page(page).text)) == 27


def test_on_a_terminal_there_are_headings(stack, log):
    command = [str(stack.tool.program), "-f", str(stack.tool.configuration), "report", "--legacy", "--log", str(log)]
    terminal = Terminal(command, {**stack.tool.environment, "TERM": "dumb"})
    assert terminal.end() == OK
    assert b"LAST ADDRESS" in terminal.shown and b"\t" not in terminal.shown


@pytest.mark.parametrize("arguments", [
    ["--legacy"], ["--legacy", "--json"], ["--format", "pdf"], ["--json", "--format", "html"], ["x"], ["--log"],
    ["--log", "-", "--log", "-"]])
def test_a_wrong_command_line_is_told(stack, arguments):
    result = stack.tool.run("report", *arguments)
    assert result.returncode == USAGE and result.stdout == ""
    assert result.stderr.startswith("sendpass: report: ") and result.stderr.count("\n") == 1
    if arguments[0] == "--legacy":
        assert "journalctl -u sendpassd | sendpass report --log - --legacy" in result.stderr


def test_a_line_of_the_log_is_never_taken_for_a_password(stack, log):
    result = stack.tool.run("report", "--log", "-", stdin=log.read_text(), options=["-D", f"uid=alice,{PEOPLE}"])
    assert result.returncode == USAGE and "standard input" in result.stderr


@pytest.mark.parametrize("path", ["/nonexistent", "/"])
def test_a_log_that_cannot_be_read_is_told(stack, path):
    for options in [], ["--legacy"]:
        result = stack.tool.run("report", "--log", path, *options)
        assert result.returncode == FAILED and result.stdout == ""
        assert result.stderr.startswith(f"sendpass: --log {path}: ")


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_a_reader_that_has_gone_is_told(stack, form):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as stdout:
        result = subprocess.run([stack.tool.program, "-f", stack.tool.configuration, "report", "--format", form],
                                stdout=stdout, stderr=subprocess.PIPE, text=True, check=False,
                                env=dict(os.environ, **stack.tool.environment))
    assert result.returncode == FAILED and "standard output" in result.stderr


def test_without_an_attribute_no_department_is_told(stack, staff, tmp_path):
    configuration = tmp_path / "other.conf"
    configuration.write_text(stack.tool.configuration.read_text().replace(
        "[directory]\n", "[directory]\nowner_department_attribute =\n"))
    result = stack.tool.run("report", "--json", options=["-f", configuration])
    assert json.loads(result.stdout)["departments"] is None
    assert staff["imported"].id in result.stdout
    for form in "text", "html":
        result = stack.tool.run("report", "--format", form, options=["-f", configuration])
        assert "owner_department_attribute is empty" in result.stdout


def test_departments_that_cannot_all_be_read_are_not_counted_in_part(stack, tmp_path):
    limited = Slapd(stack.directory / "limited", stack.certificate,
                    rules=f'limits dn.exact="cn=sendpass-admin,{SERVICES}" size=2')
    limited.prepare()
    configuration = tmp_path / "limited.conf"
    configuration.write_text(stack.tool.configuration.read_text().replace(stack.slapd.uri, limited.uri).replace(
        str(stack.slapd.secret_file("sendpass-admin")), str(limited.secret_file("sendpass-admin"))))
    limited.start()
    try:
        result = stack.tool.run("report", options=["-f", configuration])
    finally:
        limited.stop()
    assert result.returncode == FAILED and result.stdout == ""
    assert "size limit" in result.stderr and "owner_department_attribute" in result.stderr
