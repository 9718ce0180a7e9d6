/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings.h - every setting, one row each
 *
 * Parser, defaults, bounds, `sendpassd --print-config` and the check against
 * sendpass.conf(5) all come from this table.
 *
 *	X(TYPE, section, key, default, low, high)
 *
 * TEXT      a string; low and high unused
 * PATH      an absolute path, or empty for none
 * LIST      strings, one per line of the file (repeat the key or indent the next line)
 * DOORS     as LIST, each a listening socket: PATH MODE OWNER GROUP [PEER...]; where
 *           high is 1, inet:ADDRESS:PORT on loopback too, which tells nobody who asks,
 *           so it is for doors that never see a password
 * SWITCH    yes or no
 * NUMBER    low <= n <= high
 * DURATION  with a unit; bounds in milliseconds
 * WORD      one of the words in the default, split by '|'; the first is the default
 */
#ifndef SP_CONF_SETTINGS_H
#define SP_CONF_SETTINGS_H

#define SP_SETTINGS(X)                                                                             \
	X(LIST, ldap, uri, "ldapi:///", 0, 0)                                                      \
	X(TEXT, ldap, write_uri, "", 0, 0)                                                         \
	X(SWITCH, ldap, starttls, "yes", 0, 0)                                                     \
	X(WORD, ldap, plaintext, "refuse|insecure", 0, 0)                                          \
	X(PATH, ldap, tls_ca_file, "/etc/ssl/certs/ca-certificates.crt", 0, 0)                     \
	X(PATH, ldap, tls_certificate_file, "", 0, 0)                                              \
	X(PATH, ldap, tls_key_file, "", 0, 0)                                                      \
	X(WORD, ldap, bind, "simple|external", 0, 0)                                               \
	X(TEXT, ldap, bind_dn, "", 0, 0)                                                           \
	X(PATH, ldap, bind_secret_file, "", 0, 0)                                                  \
	X(DURATION, ldap, connect_timeout, "1s", 50, 60000)                                        \
	X(DURATION, ldap, timeout, "2s", 50, 60000)                                                \
	X(DURATION, ldap, retry_after, "1s", 50, 600000)                                           \
	X(TEXT, directory, credential_base, "", 0, 0)                                              \
	X(TEXT, directory, credential_container, "", 0, 0)                                         \
	X(TEXT, directory, owner_base, "", 0, 0)                                                   \
	X(TEXT, directory, owner_filter, "(|(uid=%u)(mail=%u))", 0, 0)                             \
	X(TEXT, directory, owner_active_filter, "(objectClass=*)", 0, 0)                           \
	X(TEXT, directory, owner_mail_attribute, "mail", 0, 0)                                     \
	X(TEXT, directory, owner_department_attribute, "departmentNumber", 0, 0)                   \
	X(TEXT, directory, owner_login_attributes, "uid mail", 0, 0)                               \
	X(WORD, directory, mode, "live|replica", 0, 0)                                             \
	X(DURATION, directory, replica_max_age, "1h", 1000, 2592000000)                            \
	X(NUMBER, directory, replica_size, "1024", 16, 1048576)                                    \
	X(SWITCH, policy, require_tls, "no", 0, 0)                                                 \
	X(NUMBER, policy, throttle_address, "100", 0, 1000000)                                     \
	X(NUMBER, policy, throttle_login, "10", 0, 1000000)                                        \
	X(DURATION, policy, throttle_period, "10m", 1000, 86400000)                                \
	X(LIST, policy, throttle_exempt, "127.0.0.0/8", 0, 0)                                      \
	X(DURATION, policy, usage_interval, "1h", 0, 2592000000)                                   \
	X(NUMBER, policy, max_imported, "0", 0, 16)                                                \
	X(TEXT, policy, fixed_login, "", 0, 0)                                                     \
	X(TEXT, policy, default_rate, "", 0, 0)                                                    \
	X(WORD, policy, ended_session, "disconnect|reject", 0, 0)                                  \
	X(WORD, policy, unknown_session, "dunno|reject|defer", 0, 0)                               \
	X(WORD, policy, unavailable, "close|defer_if_permit", 0, 0)                                \
	X(DURATION, policy, session_lifetime, "1d", 60000, 2592000000)                             \
	X(TEXT, policy, id_header, "", 0, 0)                                                       \
	X(TEXT, migration, mailbox_passwords_until, "", 0, 0)                                      \
	X(LIST, migration, logins, "", 0, 0)                                                       \
	X(NUMBER, argon2, memory, "19456", 8, 4194304)                                             \
	X(NUMBER, argon2, passes, "2", 1, 1000)                                                    \
	X(NUMBER, argon2, lanes, "1", 1, 64)                                                       \
	X(NUMBER, argon2, max_memory, "65536", 8, 4194304)                                         \
	X(NUMBER, argon2, max_passes, "10", 1, 1000)                                               \
	X(NUMBER, argon2, max_lanes, "4", 1, 64)                                                   \
	X(DOORS, daemon, auth, "/run/sendpass/auth 0660 root root", 0, 0)                          \
	X(DOORS, daemon, saslauthd, "", 0, 0)                                                      \
	X(DOORS, daemon, policy, "", 0, 1)                                                         \
	X(DOORS, daemon, socketmap, "", 0, 0)                                                      \
	X(DOORS, daemon, metrics, "", 0, 1)                                                        \
	X(PATH, daemon, state_directory, "/var/lib/sendpass", 0, 0)                                \
	X(TEXT, daemon, user, "sendpass", 0, 0)                                                    \
	X(SWITCH, daemon, seccomp, "yes", 0, 0)                                                    \
	X(NUMBER, daemon, directory_workers, "4", 1, 64)                                           \
	X(NUMBER, daemon, directory_queue, "1024", 1, 65536)                                       \
	X(NUMBER, daemon, argon2_slots, "0", 0, 256)                                               \
	X(NUMBER, daemon, argon2_queue, "256", 1, 65536)                                           \
	X(NUMBER, daemon, cache_size, "65536", 0, 16777216)                                        \
	X(NUMBER, daemon, max_connections, "2000", 1, 60000)                                       \
	X(DURATION, daemon, attempt_timeout, "5s", 100, 9000)                                      \
	X(DURATION, daemon, greeting_timeout, "10s", 100, 60000)                                   \
	X(DURATION, daemon, idle_timeout, "1h", 1000, 604800000)                                   \
	X(DOORS, milter, socket, "", 0, 0)                                                         \
	X(PATH, milter, policy_socket, "/run/sendpass/policy", 0, 0)                               \
	X(WORD, milter, action, "reject|warn", 0, 0)                                               \
	X(TEXT, milter, id_header, "", 0, 0)                                                       \
	X(DURATION, milter, timeout, "10s", 100, 60000)                                            \
	X(TEXT, milter, user, "sendpass-milter", 0, 0)                                             \
	X(SWITCH, milter, seccomp, "yes", 0, 0)                                                    \
	X(WORD, log, level, "info|error|warning|notice|debug", 0, 0)                               \
	X(WORD, log, target, "stderr|syslog|journal|file", 0, 0)                                   \
	X(WORD, log, facility, "auth|authpriv", 0, 0)                                              \
	X(PATH, log, file, "", 0, 0)                                                               \
	X(SWITCH, log, fold_repeats, "yes", 0, 0)                                                  \
	X(NUMBER, log, refused_per_second, "200", 0, 1000000)                                      \
	X(PATH, alert, command, "", 0, 0)                                                          \
	X(TEXT, alert, events,                                                                     \
	    "auth:revoked auth:suspended policy:rate_limited many_wrong_secrets many_wrong_ids "   \
	    "directory_down directory_up overload_began",                                          \
	    0, 0)                                                                                  \
	X(DURATION, alert, interval, "1h", 1000, 604800000)                                        \
	X(DURATION, alert, timeout, "30s", 100, 600000)                                            \
	X(WORD, admin, bind, "simple|external|gssapi", 0, 0)                                       \
	X(TEXT, admin, bind_dn, "", 0, 0)                                                          \
	X(PATH, admin, bind_secret_file, "", 0, 0)                                                 \
	X(PATH, admin, verify_socket, "/run/sendpass/auth", 0, 0)                                  \
	X(DURATION, issue, default_life, "0ms", 0, 3155760000000)                                  \
	X(DURATION, issue, min_life, "0ms", 0, 3155760000000)                                      \
	X(DURATION, issue, max_life, "0ms", 0, 3155760000000)                                      \
	X(NUMBER, issue, max_per_owner, "0", 0, 1000000)                                           \
	X(SWITCH, issue, label_required, "yes", 0, 0)                                              \
	X(LIST, issue, default_service, "", 0, 0)                                                  \
	X(LIST, issue, default_sender, "", 0, 0)                                                   \
	X(SWITCH, issue, compact, "yes", 0, 0)                                                     \
	X(DURATION, issue, rotate_after, "0ms", 0, 3155760000000)                                  \
	X(TEXT, handover, organization, "", 0, 0)                                                  \
	X(TEXT, handover, smtp_server, "", 0, 0)                                                   \
	X(NUMBER, handover, smtp_port, "465", 1, 65535)                                            \
	X(WORD, handover, smtp_security, "tls|starttls", 0, 0)                                     \
	X(TEXT, handover, imap_server, "", 0, 0)                                                   \
	X(NUMBER, handover, imap_port, "993", 1, 65535)                                            \
	X(WORD, handover, imap_security, "tls|starttls", 0, 0)                                     \
	X(TEXT, handover, login_attribute, "uid", 0, 0)

#endif
