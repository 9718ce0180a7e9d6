# SPDX-License-Identifier: BSD-2-Clause
"""The forms in which an app password is handed over: each is read by a reader that is not ours."""
import json
import os
import plistlib
import subprocess

import pytest

from lab import qr
from lab.people import Person
from lab.slapd import CREDENTIALS
from lab.terminal import Terminal

OK, NO, USAGE, UNAVAILABLE, FORBIDDEN, FAILED = range(6)

SETTINGS = """
[handover]
organization = Example & Söhne <Ltd>
smtp_server = smtp.example.org
smtp_port = 587
smtp_security = starttls
imap_server = imap.example.org
"""

needs_decoder = pytest.mark.skipif(qr.reader() is None, reason="zbarimg is not installed")


class Handed:
    """`sendpass issue` with settings of [handover]."""

    def __init__(self, stack, directory, settings):
        self.tool = stack.tool
        self.file = directory / "handover.conf"
        self.file.write_text(stack.tool.configuration.read_text() + settings)
        self.file.chmod(0o644)

    def run(self, login, *options):
        return self.tool.run("issue", login, *options, options=["-f", self.file])

    def rotate(self, identity, *options):
        return self.tool.run("rotate", identity, *options, options=["-f", self.file])

    def issue(self, login, *options):
        """What it wrote to standard output; remembers the password that the newest one must have."""
        result = self.run(login, "--label", "the <phone> & more", *options)
        assert result.returncode == OK, result.stderr
        return result.stdout

    def works(self, login, password):
        """Whether the password is good."""
        self.tool.passwords.append(password)
        return self.tool.run("verify", login, stdin=password + "\n").returncode == OK


@pytest.fixture
def handed(stack, tmp_path):
    """issue, where every setting of [handover] is given."""
    return Handed(stack, tmp_path, SETTINGS)


def count(stack):
    return len(stack.slapd.root().search(CREDENTIALS))


def field(sheet, name):
    [line] = [line for line in sheet.splitlines() if line.startswith(name)]
    return line.removeprefix(name).strip()


def test_without_a_format_the_password_stays_alone(handed, person):
    result = handed.run(person.login, "--label", "telephone")
    assert handed.works(person.login, result.stdout.removesuffix("\n"))
    assert result.stderr.splitlines()[0].startswith("id: ")
    same = handed.run(person.login, "--label", "telephone", "--format", "text")
    handed.works(person.login, same.stdout.strip())
    assert [line.split(":")[0] for line in same.stderr.splitlines()] == \
        [line.split(":")[0] for line in result.stderr.splitlines()]


def test_a_sheet_has_all_that_its_owner_sets_up(handed, person):
    sheet = handed.issue(person.login, "--format", "sheet", "--network", "192.0.2.0/24", "--expires", "90d")
    assert sheet.startswith("Example & Söhne <Ltd>\n")
    assert "the <phone> & more" in sheet
    assert field(sheet, "Server:") == "smtp.example.org"
    assert field(sheet, "Port:") == "587"
    assert field(sheet, "Security:") == "STARTTLS"
    assert field(sheet, "Login:") == person.login
    assert field(sheet, "Only from:") == "192.0.2.0/24"
    assert field(sheet, "Ends:").endswith("Z")
    assert field(sheet, "Number:") == field(sheet, "Password:").replace("-", "")[:8]
    handed.tool.passwords.append(field(sheet, "Password:"))


def test_a_sheet_shows_the_login_of_its_own(handed, person):
    sheet = handed.issue(person.login, "--format", "sheet", "--login", f"printer-{person.login}")
    assert handed.works(field(sheet, "Login:"), field(sheet, "Password:"))
    assert field(sheet, "Login:") == f"printer-{person.login}"


def test_json_has_the_account_where_it_is_configured(stack, handed, person):
    for options in ["--json"], ["--format", "json"]:
        issued = json.loads(handed.issue(person.login, *options))
        assert (issued["login"], issued["server"], issued["port"], issued["security"]) == \
            (person.login, "smtp.example.org", 587, "starttls")
        assert handed.works(issued["login"], issued["password"])
    plain = stack.tool.json("issue", person.login, "--label", "x")
    stack.tool.passwords.append(plain["password"])
    assert [plain[key] for key in ("login", "server", "port", "security")] == [None] * 4


@needs_decoder
def test_a_qr_code_says_the_password_alone(handed, person, tmp_path):
    assert handed.works(person.login, qr.read(handed.issue(person.login, "--format", "qr"), tmp_path))


@needs_decoder
def test_a_qr_code_needs_no_settings(stack, person, tmp_path):
    handed = Handed(stack, tmp_path, "")
    assert handed.works(person.login, qr.read(handed.issue(person.login, "--format", "qr"), tmp_path))


@needs_decoder
def test_a_qr_code_on_a_terminal_brings_its_colours(handed, person, tmp_path):
    command = [handed.tool.program, "-f", handed.file, "issue", person.login, "--label", "x", "--format", "qr"]
    terminal = Terminal(command, dict(handed.tool.environment, TERM="xterm", NO_COLOR=""))
    assert terminal.end() == OK
    lines = [line for line in terminal.shown.decode().split("\r\n") if line.startswith("\x1b[40;97m")]
    drawn = "\n".join(line.removeprefix("\x1b[40;97m").removesuffix("\x1b[0m") for line in lines)
    assert handed.works(person.login, qr.read(drawn, tmp_path))


@needs_decoder
def test_thunderbird_reads_the_account_from_the_code(handed, person, tmp_path):
    """After Thunderbird's "Export for Mobile" QR code format, version 1."""
    said = qr.read(handed.issue(person.login, "--format", "thunderbird", "--login", f"own-{person.login}"), tmp_path)
    version, sequence, incoming, [[outgoing, identity]] = json.loads(said)
    assert (version, sequence) == (1, [1, 1])
    assert incoming == [0, "imap.example.org", 993, 3, 1, person.login]
    assert outgoing[:6] == [0, "smtp.example.org", 587, 2, 1, f"own-{person.login}"]
    assert identity == [person.mail, ""]
    assert handed.works(outgoing[5], outgoing[6])


@needs_decoder
def test_thunderbird_sends_as_the_address_that_the_password_is_for(handed, person, tmp_path):
    said = qr.read(handed.issue(person.login, "--format", "thunderbird", "--sender", "@example.org",
                                "--sender", "scan@example.org"), tmp_path)
    [[outgoing, identity]] = json.loads(said)[3]
    handed.tool.passwords.append(outgoing[6])
    assert identity[0] == "scan@example.org"


def profile_of(handed, person, *options):
    profile = plistlib.loads(handed.issue(person.login, "--format", "mobileconfig", *options).encode())
    [mail] = profile["PayloadContent"]
    handed.tool.passwords.append(mail["OutgoingPassword"])
    return profile, mail


def test_a_profile_has_every_key_that_apple_requires(handed, person):
    """After Apple's Device Management: TopLevel, CommonPayloadKeys, Mail."""
    profile, mail = profile_of(handed, person)
    for part in profile, mail:
        assert {"PayloadType", "PayloadVersion", "PayloadIdentifier", "PayloadUUID"} <= part.keys()
        assert part["PayloadVersion"] == 1
        assert part["PayloadOrganization"] == "Example & Söhne <Ltd>"
    assert profile["PayloadType"] == "Configuration" and mail["PayloadType"] == "com.apple.mail.managed"
    assert profile["PayloadDisplayName"] == "the <phone> & more"
    assert profile["PayloadUUID"] != mail["PayloadUUID"]
    assert mail["EmailAccountType"] == "EmailTypeIMAP"
    assert mail["EmailAddress"] == person.mail
    assert [mail[f"{way}MailServerAuthentication"] for way in ("Incoming", "Outgoing")] == ["EmailAuthPassword"] * 2
    assert (mail["IncomingMailServerHostName"], mail["OutgoingMailServerHostName"]) == \
        ("imap.example.org", "smtp.example.org")
    assert (mail["IncomingMailServerPortNumber"], mail["OutgoingMailServerPortNumber"]) == (993, 587)
    assert mail["IncomingMailServerUseSSL"] is True and mail["OutgoingMailServerUseSSL"] is True
    assert mail["IncomingMailServerUsername"] == person.login
    assert "IncomingPassword" not in mail and "OutgoingPasswordSameAsIncomingPassword" not in mail
    assert handed.works(mail["OutgoingMailServerUsername"], mail["OutgoingPassword"])


def test_a_later_profile_takes_the_place_of_the_first(handed, person):
    (first, first_mail), (second, second_mail) = profile_of(handed, person), profile_of(handed, person)
    assert first["PayloadIdentifier"] == second["PayloadIdentifier"]
    assert first_mail["PayloadIdentifier"] == second_mail["PayloadIdentifier"] != first["PayloadIdentifier"]
    assert first["PayloadUUID"] != second["PayloadUUID"]
    other, _ = profile_of(handed, person, "--login", f"a_b@{person.login}")
    assert other["PayloadIdentifier"] == f"smtp.example.org.sendpass.a_5Fb_40{person.login}"


def test_a_rotated_one_comes_as_a_profile_in_place_of_the_first(stack, handed, person):
    profile, mail = profile_of(handed, person)
    result = handed.rotate(mail["OutgoingPassword"].replace("-", "")[:8], "--format", "mobileconfig")
    assert result.returncode == OK, result.stderr
    later = plistlib.loads(result.stdout.encode())
    [later_mail] = later["PayloadContent"]
    assert later["PayloadIdentifier"] == profile["PayloadIdentifier"]
    assert later_mail["PayloadIdentifier"] == mail["PayloadIdentifier"]
    assert later_mail["OutgoingPassword"] != mail["OutgoingPassword"]
    assert later_mail["IncomingMailServerUsername"] == mail["IncomingMailServerUsername"]
    assert handed.works(later_mail["OutgoingMailServerUsername"], later_mail["OutgoingPassword"])


def test_the_login_of_a_rotated_one_is_that_of_its_owner(stack, person, tmp_path):
    credential = stack.tool.issue(person.login)
    by_mail = Handed(stack, tmp_path, SETTINGS + "login_attribute = mail\n")
    sheet = by_mail.rotate(credential.id, "--format", "sheet").stdout
    assert field(sheet, "Login:") == person.mail
    assert by_mail.works(person.mail, field(sheet, "Password:"))


def test_an_owner_without_a_login_is_told_before_anything_is_made(stack, person, tmp_path):
    credential = stack.tool.issue(person.login)
    before = count(stack)
    result = Handed(stack, tmp_path, SETTINGS + "login_attribute = employeeNumber\n").rotate(
        credential.id, "--format", "sheet")
    assert result.returncode == FAILED and result.stdout == ""
    assert "[handover] login_attribute" in result.stderr and "employeeNumber" in result.stderr
    assert count(stack) == before


def test_a_profile_is_not_shown_on_a_terminal(stack, handed, person):
    before = count(stack)
    command = [handed.tool.program, "-f", handed.file, "issue", person.login, "--label", "x",
               "--format", "mobileconfig"]
    terminal = Terminal(command, handed.tool.environment)
    assert terminal.end() == USAGE
    assert b"redirect standard output" in terminal.shown and count(stack) == before


@pytest.mark.parametrize("form", ["sheet", "qr", "thunderbird", "mobileconfig"])
def test_what_cannot_be_written_is_revoked(handed, person, form):
    command = [handed.tool.program, "-f", handed.file, "issue", person.login, "--label", "lost", "--format", form]
    with open("/dev/full", "wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                                env=dict(os.environ, **handed.tool.environment))
    assert result.returncode == FAILED
    [lost] = handed.tool.json("list", person.login)
    assert lost["state"] == "revoked" and lost["id"] in result.stderr


@pytest.mark.parametrize("form, settings, missing", [
    ("sheet", "", "[handover] smtp_server"),
    ("thunderbird", "", "[handover] smtp_server"),
    ("mobileconfig", "", "[handover] smtp_server"),
    ("thunderbird", "[handover]\nsmtp_server = smtp.example.org\n", "[handover] imap_server"),
    ("mobileconfig", "[handover]\nsmtp_server = smtp.example.org\n", "[handover] imap_server"),
])
def test_a_missing_setting_is_told_before_anything_is_made(stack, person, tmp_path, form, settings, missing):
    before = count(stack)
    result = Handed(stack, tmp_path, settings).run(person.login, "--label", "x", "--format", form)
    assert result.returncode == FAILED and result.stdout == ""
    assert missing in result.stderr and result.stderr.count("\n") == 1
    assert count(stack) == before


def test_an_address_that_thunderbird_cannot_take_is_told_before_anything_is_made(stack, handed):
    without = Person(stack.slapd.root())
    stack.slapd.root().replace(without.dn, "mail", None)
    before = count(stack)
    for options in [], ["--sender", "jürgen@example.org"]:
        result = handed.run(without.login, "--label", "x", "--format", "thunderbird", *options)
        assert result.returncode == FAILED and result.stdout == ""
        assert "address" in result.stderr
    assert count(stack) == before
    profile_of(handed, without)  # the device asks for it
    without.delete()


@pytest.mark.parametrize("options, word", [
    (["--format", "pdf"], "mobileconfig"), (["--format", "qr", "--json"], "exclude"),
    (["--format", "TEXT"], "must be"), (["--format"], "needs a value")])
def test_a_wrong_format_is_refused(stack, handed, person, options, word):
    before = count(stack)
    result = handed.run(person.login, "--label", "x", *options)
    assert result.returncode == USAGE and result.stdout == "" and word in result.stderr
    assert count(stack) == before
