/* SPDX-License-Identifier: BSD-2-Clause */
/* definitions.c - every attribute and class; `sendpass schema` prints the files beside it */
#include "schema/schema.h"

const struct sp_schema_attribute sp_schema_attributes[] = {
    {1, "sendpassId", "Public id of an app password", SP_SYNTAX_TEXT, true},
    {2, "sendpassHash", "Argon2 hash of the secret, a PHC string", SP_SYNTAX_OCTETS, true},
    {3, "sendpassLabel", "What the app password is for", SP_SYNTAX_TEXT, true},
    {4, "sendpassLogin", "Login name of its own, beside those of its owner", SP_SYNTAX_TEXT, false},
    {5, "sendpassService", "Service that it may be used for", SP_SYNTAX_TEXT, false},
    {6, "sendpassNetwork", "Network that it may be used from (CIDR)", SP_SYNTAX_TEXT, false},
    {7, "sendpassSender", "Sender that it may use: address, @domain or *", SP_SYNTAX_TEXT, false},
    {8, "sendpassRate", "Messages or recipients that it may send in a time", SP_SYNTAX_TEXT, false},
    {9, "sendpassNotBefore", "Not valid before", SP_SYNTAX_TIME, true},
    {10, "sendpassExpires", "Not valid from then on", SP_SYNTAX_TIME, true},
    {11, "sendpassSuspended", "Switched off for now", SP_SYNTAX_BOOLEAN, true},
    {12, "sendpassRevoked", "When it was revoked, for good", SP_SYNTAX_TIME, true},
    {13, "sendpassRevokedReason", "Why it was revoked", SP_SYNTAX_TEXT, true},
    {14, "sendpassLastUsed", "When it was last used", SP_SYNTAX_TIME, true},
    {15, "sendpassLastAddress", "Address that it was last used from", SP_SYNTAX_TEXT, true},
    {16, "sendpassLastService", "Service that it was last used for", SP_SYNTAX_TEXT, true},
    {17, "sendpassReplaces", "Id of the app password that it replaces", SP_SYNTAX_TEXT, true},
    {18, "sendpassRequireTLS", "Whether it wants TLS to the mail server", SP_SYNTAX_BOOLEAN, true},
    {19, "sendpassImported", "Whether its hash was made elsewhere, of a whole password",
	SP_SYNTAX_BOOLEAN, true},
};
const size_t sp_schema_attribute_count =
    sizeof(sp_schema_attributes) / sizeof(sp_schema_attributes[0]);

/* owner is the standard attribute (RFC 4519, section 2.21). */
static const char *const credential_must[] = {"sendpassId", "sendpassHash", "owner", NULL};
static const char *const credential_may[] = {
    "sendpassLabel",
    "sendpassLogin",
    "sendpassService",
    "sendpassNetwork",
    "sendpassRequireTLS",
    "sendpassSender",
    "sendpassRate",
    "sendpassNotBefore",
    "sendpassExpires",
    "sendpassSuspended",
    "sendpassRevoked",
    "sendpassRevokedReason",
    "sendpassLastUsed",
    "sendpassLastAddress",
    "sendpassLastService",
    "sendpassReplaces",
    "sendpassImported",
    NULL,
};

const struct sp_schema_class sp_schema_classes[] = {
    {1, "sendpassCredential", "An app password for sending mail", credential_must, credential_may},
};
const size_t sp_schema_class_count = sizeof(sp_schema_classes) / sizeof(sp_schema_classes[0]);
