/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_deadline.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/clock.h"

/* Between libldap's socket layer and its TLS layer. */
#define LEVEL ((LBER_SBIOD_LEVEL_PROVIDER + LBER_SBIOD_LEVEL_TRANSPORT) / 2)

static int setup(Sockbuf_IO_Desc *layer, void *deadline)
{
	layer->sbiod_pvt = deadline;
	return 0;
}

static int leave(Sockbuf_IO_Desc *layer)
{
	(void)layer;
	return 0;
}

static int control(Sockbuf_IO_Desc *layer, int option, void *argument)
{
	const struct sp_ldap_deadline *deadline = layer->sbiod_pvt;

	/* or libldap would wait for more before it takes what is here */
	if (option == LBER_SB_OPT_DATA_READY && deadline->read_from < deadline->read_to)
		return 1;
	return LBER_SBIOD_CTRL_NEXT(layer, option, argument);
}

/* libldap goes on without a layer that it has no memory for, and would crash where that
 * is the one with the socket. */
static bool has_socket(Sockbuf *sockbuf)
{
	return ber_sockbuf_ctrl(sockbuf, LBER_SB_OPT_HAS_IO, &ber_sockbuf_io_tcp) > 0 ||
	       ber_sockbuf_ctrl(sockbuf, LBER_SB_OPT_HAS_IO, &ber_sockbuf_io_fd) > 0;
}

/* After a call that failed: whether it is worth another. */
static bool may_try_again(const struct sp_ldap_deadline *deadline, int fd, short events)
{
	struct pollfd ready = {.fd = fd, .events = events};
	int count;

	if (errno == EINTR)
		return true;
	if (errno != EAGAIN)
		return false;
	do {
		count = poll(&ready, 1, sp_remaining_ms(deadline->at_ms));
	} while (count < 0 && errno == EINTR);
	if (count == 0)
		errno = ETIMEDOUT;
	return count > 0;
}

static bool find_socket(Sockbuf_IO_Desc *layer, int *fd_r)
{
	if (!has_socket(layer->sbiod_sb)) {
		errno = ENOMEM;
		return false;
	}
	return ber_sockbuf_ctrl(layer->sbiod_sb, LBER_SB_OPT_GET_FD, fd_r) > 0;
}

/* libldap's own layer below has nothing but read(2) and write(2) on a socket that
 * blocks. What is there already is so had without asking poll(2) first. */
static bool fill(struct sp_ldap_deadline *deadline, int fd, ber_slen_t *got_r)
{
	do {
		*got_r = recv(fd, deadline->read, sizeof(deadline->read), MSG_DONTWAIT);
	} while (*got_r < 0 && may_try_again(deadline, fd, POLLIN));
	deadline->read_from = 0;
	deadline->read_to = *got_r > 0 ? (size_t)*got_r : 0;
	return *got_r > 0;
}

static ber_slen_t receive(Sockbuf_IO_Desc *layer, void *bytes, ber_len_t length)
{
	struct sp_ldap_deadline *deadline = layer->sbiod_pvt;
	ber_slen_t got;
	int fd;

	if (deadline->read_from == deadline->read_to) {
		if (!find_socket(layer, &fd))
			return -1;
		if (!fill(deadline, fd, &got))
			return got;
	}
	char *from = deadline->read + deadline->read_from;
	size_t count = deadline->read_to - deadline->read_from;
	count = count < length ? count : length;
	memcpy(bytes, from, count);
	explicit_bzero(from, count); /* a hash may be among it */
	deadline->read_from += count;
	return (ber_slen_t)count;
}

static ber_slen_t put(
    const struct sp_ldap_deadline *deadline, int fd, const char *bytes, size_t length)
{
	ber_slen_t written;

	do {
		written = send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (written < 0 && may_try_again(deadline, fd, POLLOUT));
	return written;
}

static bool keep(struct sp_ldap_deadline *deadline, const void *bytes, size_t length)
{
	if (length > sizeof(deadline->to_send) - deadline->held)
		return false;
	memcpy(deadline->to_send + deadline->held, bytes, length);
	deadline->held += length;
	return true;
}

/* All that was held, or the connection is no good any more. */
static bool put_held(struct sp_ldap_deadline *deadline, int fd)
{
	const char *at = deadline->to_send, *end = at + deadline->held;
	ber_slen_t written = 0;

	while (at != end && (written = put(deadline, fd, at, (size_t)(end - at))) >= 0)
		at += written;
	explicit_bzero(deadline->to_send, deadline->held);
	deadline->held = 0;
	return written >= 0;
}

static ber_slen_t transmit(Sockbuf_IO_Desc *layer, void *bytes, ber_len_t length)
{
	struct sp_ldap_deadline *deadline = layer->sbiod_pvt;
	int before = errno; /* sp_ldap_search_ext() looks at what went wrong earlier */
	ber_slen_t written = -1;
	int fd;

	if (!find_socket(layer, &fd))
		return -1;
	bool kept = (deadline->hold || deadline->held > 0) && keep(deadline, bytes, length);
	if ((kept && deadline->hold) || put_held(deadline, fd))
		written = kept ? (ber_slen_t)length : put(deadline, fd, bytes, length);
	if (written >= 0)
		errno = before;
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
	(void)ld, (void)url, (void)address;
	return ber_sockbuf_add_io(sockbuf, &layer_io, LEVEL, callbacks);
}

static void on_closed(LDAP *ld, Sockbuf *sockbuf, struct ldap_conncb *callbacks)
{
	(void)ld, (void)sockbuf, (void)callbacks;
}

bool sp_ldap_deadline_attach(struct sp_ldap_deadline *deadline, LDAP *ld)
{
	deadline->callbacks = (struct ldap_conncb){.lc_add = on_connected, .lc_del = on_closed};
	return ldap_set_option(ld, LDAP_OPT_CONNECT_CB, &deadline->callbacks) == LDAP_OPT_SUCCESS;
}

void sp_ldap_deadline_wipe(struct sp_ldap_deadline *deadline)
{
	explicit_bzero(deadline->read, sizeof(deadline->read));
	explicit_bzero(deadline->to_send, sizeof(deadline->to_send));
}
