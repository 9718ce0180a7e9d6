/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The auxprop plugin "sendpass". It has no properties to give: its lookup is where
 * the connection's checkpass slot is filled (checkpass_slot.h).
 *
 * libsasl2 loads it into every application of the host that uses SASL, and calls it
 * even where auxprop_plugin is not set. There it does nothing and says nothing.
 */
#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "plugin/checkpass_slot.h"
#include "plugin/options.h"
#include "sendpass/attributes.h"

SP_EXPORT sasl_auxprop_init_t sasl_auxprop_plug_init;

static struct sp_plugin_options options;

/* Set when the admin was told, so that a busy server's log is not flooded. */
static atomic_flag told_mechanism = ATOMIC_FLAG_INIT;
static atomic_flag told_checkpass = ATOMIC_FLAG_INIT;
static atomic_flag told_slot = ATOMIC_FLAG_INIT;

static const char *mechanism_of(const sasl_utils_t *utils)
{
	const void *name = NULL;

	return utils->getprop(utils->conn, SASL_MECHNAME, &name) == SASL_OK ? name : NULL;
}

/* Somebody wants to compare or derive from a stored password. */
static bool password_is_asked_for(const sasl_server_params_t *sparams)
{
	const char *names[] = {SASL_AUX_PASSWORD, NULL};
	struct propval values[2] = {{0}};

	return sparams->utils->prop_getnames(sparams->propctx, names, values) > 0 &&
	       values[0].name != NULL;
}

static void tell_what_cannot_work(const sasl_utils_t *utils, const char *mechanism)
{
	if (mechanism == NULL && !atomic_flag_test_and_set(&told_checkpass))
		utils->log(utils->conn, SASL_LOG_ERR,
		    "sendpass: this application calls sasl_checkpass(), which cannot reach "
		    "auxprop_plugin sendpass: set pwcheck_method to saslauthd, and saslauthd_path "
		    "to the saslauthd socket of sendpassd");
	if (mechanism != NULL && !atomic_flag_test_and_set(&told_mechanism))
		utils->log(utils->conn, SASL_LOG_ERR,
		    "sendpass: mechanism %s needs a stored password, and there is none: "
		    "set mech_list to PLAIN LOGIN",
		    mechanism);
}

static void tell_about_slot(const sasl_utils_t *utils)
{
	if (!atomic_flag_test_and_set(&told_slot))
		utils->log(utils->conn, SASL_LOG_ERR,
		    "sendpass: somebody else took over the password check of libsasl2");
}

/* False if a password that may be right would now be judged without us. */
static bool take_over(const sasl_server_params_t *sparams)
{
	const sasl_utils_t *utils = sparams->utils;
	const char *mechanism = mechanism_of(utils);
	size_t others;

	if (mechanism != NULL &&
	    (strcasecmp(mechanism, "PLAIN") == 0 || strcasecmp(mechanism, "LOGIN") == 0)) {
		/* libsasl2's own standard is auxprop. */
		if (!sp_plugin_option_lists(utils->getopt, utils->getopt_context, "pwcheck_method",
			"auxprop", "auxprop", &others) ||
		    sp_checkpass_install(sparams))
			return true;
		tell_about_slot(utils);
		return false;
	}
	if (!password_is_asked_for(sparams))
		return true;
	tell_what_cannot_work(utils, mechanism);
	return false;
}

static int lookup(void *glob_context, sasl_server_params_t *sparams, unsigned flags,
    const char *user, unsigned ulen)
{
	(void)glob_context, (void)user, (void)ulen;
	if (sparams == NULL || sparams->utils == NULL)
		return SASL_BADPARAM;
	const sasl_utils_t *utils = sparams->utils;
	size_t other_plugins;

	if (!sp_plugin_option_lists(utils->getopt, utils->getopt_context, "auxprop_plugin", NULL,
		"sendpass", &other_plugins))
		return SASL_NOMECH;
	if (flags & SASL_AUXPROP_VERIFY_AGAINST_HASH) {
		/* libsasl2 up to 2.1.27 stores what the client typed as the stored
		 * password, and it counts as right unless a plugin takes it away. */
		utils->prop_erase(sparams->propctx, SASL_AUX_PASSWORD);
		utils->prop_erase(sparams->propctx, SASL_AUX_PASSWORD_PROP);
		return SASL_NOUSER;
	}
	if (take_over(sparams))
		return SASL_NOUSER; /* which PLAIN and LOGIN pass over */
	/* Another plugin may know; where we are alone, nobody does, and that is no no. */
	return other_plugins > 0 ? SASL_NOUSER : SASL_UNAVAIL;
}

static void unload(void *glob_context, const sasl_utils_t *utils)
{
	(void)glob_context, (void)utils;
	sp_checkpass_forget();
	atomic_flag_clear(&told_mechanism);
	atomic_flag_clear(&told_checkpass);
	atomic_flag_clear(&told_slot);
}

static sasl_auxprop_plug_t plugin = {
    .name = "sendpass",
    .auxprop_free = unload,
    .auxprop_lookup = lookup,
};

int sasl_auxprop_plug_init(const sasl_utils_t *utils, int max_version, int *out_version,
    sasl_auxprop_plug_t **plug, const char *plugname)
{
	(void)plugname;
	if (utils == NULL || out_version == NULL || plug == NULL)
		return SASL_BADPARAM;
	if (max_version < SASL_AUXPROP_PLUG_VERSION)
		return SASL_BADVERS;
	if (!sp_checkpass_prepare(utils, &options))
		return SASL_FAIL;
	sp_plugin_options_read(utils, &options);
	*out_version = SASL_AUXPROP_PLUG_VERSION;
	*plug = &plugin;
	return SASL_OK;
}
