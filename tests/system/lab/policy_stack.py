# SPDX-License-Identifier: BSD-2-Clause
"""A sendpassd with a policy door and a socketmap door, and services of Postfix that ask them."""
import os

from . import ports, sasl
from .doors import Door

AUTH = "private/sendpass-with-policy"
POLICY = "private/sendpass-policy"
CHECK = "$submission_policy"  # as docs/restrictions.md has it
SENDERS = "private/sendpass-senders"

# service: what it asks the door at
STAGES = {
    "cyrus": ("smtpd_sender_restrictions", "smtpd_recipient_restrictions", "smtpd_data_restrictions",
              "smtpd_end_of_data_restrictions"),
    "dovecot": ("smtpd_sender_restrictions", "smtpd_recipient_restrictions", "smtpd_data_restrictions",
                "smtpd_end_of_data_restrictions"),
    "mail": ("smtpd_sender_restrictions",),
    "rcpt": ("smtpd_recipient_restrictions",),
    "data": ("smtpd_data_restrictions",),
    "end": ("smtpd_end_of_data_restrictions",),
}

SINGLE_STAGES = tuple(name for name in STAGES if name not in ("cyrus", "dovecot"))


class PolicyStack:
    """daemon is the sendpassd; everything else is the stack's."""

    def __init__(self, stack):
        self.stack = stack
        self.queue = stack.postfix.queue
        self.daemon = stack.daemon(
            "policy", f"{self.queue}/{AUTH} 0660 postfix postfix")
        self.auth = self.daemon.directory / "auth"
        self.policy = self.daemon.directory / "policy"
        self.policy_of_milter = self.daemon.directory / "policy-of-milter"
        self.socketmap = self.daemon.directory / "socketmap"
        self.state = self.daemon.directory / "state"
        self.port = ports.free_port()
        self.daemon.settings.update({
            ("daemon", "policy"): [f"{self.policy} 0600 root root",
                                   f"{self.policy_of_milter} 0600 daemon root",
                                   f"{self.queue}/{POLICY} 0660 postfix postfix",
                                   f"inet:{ports.HOST}:{self.port}"],
            ("daemon", "socketmap"): [f"{self.socketmap} 0600 root root",
                                      f"{self.queue}/{SENDERS} 0660 postfix postfix"],
            ("daemon", "state_directory"): str(self.state),
            ("ldap", "retry_after"): "200ms",
        })

    def start(self):
        """Start sendpassd and add the services to Postfix."""
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chown(self.state, 65534, 65534)
        self.daemon.configure()
        self.daemon.start()
        postfix = self.stack.postfix
        postfix.write_sasl_configuration("policy", sasl.configuration(f"/{AUTH}"))
        (postfix.directory / "etc/smtp_header_checks").write_text("/^X-Sendpass-Id:/ IGNORE\n")  # as docs/tracing.md
        with open(postfix.directory / "etc/main.cf", "a", encoding="utf-8") as main:
            main.write(f"submission_policy = check_policy_service unix:{POLICY}\n")
            main.write(f"smtpd_sender_login_maps = socketmap:unix:{SENDERS}:sender-logins\n")
            main.write(f"smtp_header_checks = regexp:{postfix.directory}/etc/smtp_header_checks\n")
            main.write(f"submission_policy_by_tcp = check_policy_service inet:{ports.HOST}:{self.port}\n")
        for name, lists in STAGES.items():
            kind = ("smtpd_sasl_type=dovecot", f"smtpd_sasl_path={AUTH}") if name == "dovecot" else \
                ("smtpd_sasl_path=policy",)
            at_mail = ("smtpd_delay_reject=no",) if name == "mail" else ()
            postfix.add_service(f"policy-{name}", *kind, *at_mail, *(f"{each}={CHECK}" for each in lists))
        postfix.add_service("policy-inet", "smtpd_sasl_path=policy",
                            "smtpd_recipient_restrictions=$submission_policy_by_tcp")
        postfix.add_service("policy-senders", "smtpd_sasl_path=policy",
                            "smtpd_sender_restrictions=reject_authenticated_sender_login_mismatch")
        # hands on by SMTP, as to a content filter, what then comes back
        postfix.add_service("policy-come-back", "smtpd_sasl_auth_enable=no", "mynetworks=127.0.0.0/8",
                            "smtpd_relay_restrictions=permit_mynetworks,reject")
        back = f"{ports.HOST}:{postfix.services['policy-come-back']}".replace(":", "]:")
        postfix.add_service("policy-filtered", "smtpd_sasl_path=policy", f"smtpd_data_restrictions={CHECK}",
                            f"smtpd_end_of_data_restrictions={CHECK}", f"content_filter=smtp:[{back}")
        # asks nothing
        postfix.add_service("policy-silent", "smtpd_sasl_path=policy")
        postfix.add_service("policy-silent-with-port", "smtpd_sasl_path=policy", "smtpd_client_port_logging=yes")
        postfix.reload()

    def stop(self):
        """Stop sendpassd."""
        self.daemon.stop()

    def door(self, name):
        """The service of that name."""
        return Door(name, self.stack.postfix.services[f"policy-{name}"], 454, self.stack.postfix)

    def restart(self, **changes):
        """Stop, write the configuration with those changes, and start."""
        self.daemon.stop()
        self.daemon.configure(**changes)
        self.daemon.start()

    def reload(self, **changes):
        """Take over those changes without a restart."""
        begin = self.daemon.mark()
        self.daemon.configure(**changes)
        self.daemon.reload()
        self.daemon.wait_for(begin, "configuration_loaded")
