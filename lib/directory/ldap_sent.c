/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_sent.h"

#include <string.h>

static int setup(Sockbuf_IO_Desc *layer, void *nothing)
{
	layer->sbiod_pvt = nothing;
	return 0;
}

static int leave(Sockbuf_IO_Desc *layer)
{
	(void)layer;
	return 0;
}

static int control(Sockbuf_IO_Desc *layer, int option, void *argument)
{
	return LBER_SBIOD_CTRL_NEXT(layer, option, argument);
}

static ber_slen_t receive(Sockbuf_IO_Desc *layer, void *bytes, ber_len_t length)
{
	return LBER_SBIOD_READ_NEXT(layer, bytes, length);
}

static ber_slen_t transmit(Sockbuf_IO_Desc *layer, void *bytes, ber_len_t length)
{
	ber_slen_t written = LBER_SBIOD_WRITE_NEXT(layer, bytes, length);

	if (written > 0)
		explicit_bzero(bytes, (size_t)written);
	return written;
}

static Sockbuf_IO layer_io = {
    .sbi_setup = setup,
    .sbi_remove = leave,
    .sbi_ctrl = control,
    .sbi_read = receive,
    .sbi_write = transmit,
    .sbi_close = leave,
};

static int on_connected(LDAP *ld, Sockbuf *sockbuf, LDAPURLDesc *url, struct sockaddr *address,
    struct ldap_conncb *callbacks)
{
	(void)ld, (void)url, (void)address, (void)callbacks;
	return ber_sockbuf_add_io(sockbuf, &layer_io, LBER_SBIOD_LEVEL_APPLICATION, NULL);
}

static void on_closed(LDAP *ld, Sockbuf *sockbuf, struct ldap_conncb *callbacks)
{
	(void)ld, (void)sockbuf, (void)callbacks;
}

bool sp_ldap_wipe_sent(struct ldap_conncb *callbacks, LDAP *ld)
{
	*callbacks = (struct ldap_conncb){.lc_add = on_connected, .lc_del = on_closed};
	return ldap_set_option(ld, LDAP_OPT_CONNECT_CB, callbacks) == LDAP_OPT_SUCCESS;
}
