/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/engine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

/* How long greetings are waited for, and the last answers. */
#define PATIENCE_NS 15000000000ULL
#define EVENTS      64

enum phase {
	OPENING, /* until all connections that are kept are ready: the time begins then */
	ASKING,
	ENDING, /* nothing new begins */
};

struct engine {
	const struct sp_load *load;
	struct sp_tally *tally;
	struct sp_lane *lanes;
	int epoll;
	enum phase phase;
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t last_ns; /* the last answer */
	size_t next_login;
	unsigned under_way;
	unsigned waiting; /* lanes that could not connect just now */
	bool broken;
};

static volatile sig_atomic_t terminated;

static void on_term(int signal)
{
	(void)signal;
	terminated = 1;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void break_off(struct engine *engine, const char *why)
{
	if (!engine->broken)
		fprintf(stderr, "load: %s: %s\n", engine->load->where, why);
	engine->broken = true;
}

/* The next login of the file; NULL when no more attempts are to begin. */
static const struct sp_login *next_login(struct engine *engine)
{
	const struct sp_logins *logins = &engine->load->logins;

	if (engine->next_login == logins->count) {
		if (engine->load->once)
			engine->phase = ENDING;
		engine->next_login = 0;
	}
	return engine->phase == ASKING ? &logins->all[engine->next_login++] : NULL;
}

static void watch(struct engine *engine, struct sp_lane *lane, int operation, bool output)
{
	struct epoll_event event = {
	    .events = EPOLLIN | (output ? EPOLLOUT : 0), .data = {.ptr = lane}};

	lane->watches_output = output;
	if (epoll_ctl(engine->epoll, operation, lane->fd, &event) < 0)
		break_off(engine, strerror(errno));
}

static void flush(struct engine *engine, struct sp_lane *lane)
{
	while (lane->out_sent < lane->out.length) {
		ssize_t sent = send(lane->fd, lane->out.bytes + lane->out_sent,
		    lane->out.length - lane->out_sent, MSG_NOSIGNAL);
		if (sent < 0)
			break;
		lane->out_sent += (size_t)sent;
	}
	bool left = lane->out_sent < lane->out.length;
	if (!left) {
		sp_text_init(&lane->out, lane->out_bytes, sizeof(lane->out_bytes));
		lane->out_sent = 0;
	}
	if (left != lane->watches_output)
		watch(engine, lane, EPOLL_CTL_MOD, left);
}

static bool begin(struct engine *engine, struct sp_lane *lane, unsigned slot)
{
	const struct sp_login *login = next_login(engine);

	if (login == NULL)
		return false;
	engine->load->protocol->ask(lane, slot, engine->load->outstanding, login);
	if (lane->out.overflow)
		break_off(engine, "a login is too long to be sent");
	lane->begun[slot] = now_ns();
	engine->under_way++;
	return true;
}

static void begin_all(struct engine *engine, struct sp_lane *lane)
{
	for (unsigned slot = 0; slot < engine->load->outstanding; slot++) {
		if (lane->begun[slot] == 0 && !begin(engine, lane, slot))
			return;
	}
}

static void drop(struct sp_lane *lane)
{
	if (lane->fd >= 0)
		close(lane->fd);
	lane->fd = -1;
	lane->connected = lane->ready = lane->watches_output = false;
	lane->in_length = lane->out_sent = 0;
	sp_text_init(&lane->out, lane->out_bytes, sizeof(lane->out_bytes));
}

/* A connection, with its attempt begun where it is for one. A listener whose
 * queue is full is asked again at the next turn. */
static void open_lane(struct engine *engine, struct sp_lane *lane)
{
	const struct sp_load *load = engine->load;

	lane->fd = socket(load->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (lane->fd < 0) {
		break_off(engine, strerror(errno));
		return;
	}
	if (!load->protocol->keeps_connection && lane->begun[0] == 0 && !begin(engine, lane, 0)) {
		drop(lane);
		return;
	}
	lane->connected =
	    connect(lane->fd, (const struct sockaddr *)&load->address, load->address_length) == 0;
	if (!lane->connected && errno == EAGAIN) {
		engine->waiting++;
		close(lane->fd);
		lane->fd = -1;
		return;
	}
	if (!lane->connected && errno != EINPROGRESS) {
		break_off(engine, strerror(errno));
		return;
	}
	watch(engine, lane, EPOLL_CTL_ADD, !lane->connected);
	if (load->protocol->keeps_connection)
		load->protocol->greet(lane);
	if (lane->connected)
		flush(engine, lane);
}

static void lose(struct engine *engine, struct sp_lane *lane)
{
	for (unsigned slot = 0; slot < engine->load->outstanding; slot++) {
		if (lane->begun[slot] != 0) {
			engine->tally->lost++;
			engine->under_way--;
			lane->begun[slot] = 0;
		}
	}
	drop(lane);
	if (engine->phase != ENDING)
		open_lane(engine, lane);
}

static void begin_time(struct engine *engine)
{
	engine->begin_ns = engine->last_ns = now_ns();
	engine->end_ns =
	    engine->load->once ? UINT64_MAX : engine->begin_ns + engine->load->duration_ns;
	engine->phase = ASKING;
}

static void become_ready(struct engine *engine, struct sp_lane *lane)
{
	lane->ready = true;
	if (engine->phase == ASKING)
		begin_all(engine, lane);
	if (engine->phase != OPENING)
		return;
	for (unsigned i = 0; i < engine->load->connections; i++) {
		if (!engine->lanes[i].ready)
			return;
	}
	begin_time(engine);
	for (unsigned i = 0; i < engine->load->connections; i++) {
		begin_all(engine, &engine->lanes[i]);
		flush(engine, &engine->lanes[i]);
	}
}

static void finish(struct engine *engine, struct sp_lane *lane, const struct sp_news *news)
{
	uint64_t now = now_ns();

	if (lane->begun[news->slot] == 0) {
		break_off(engine, "an answer that nobody waits for");
		return;
	}
	sp_latency_add(&engine->tally->latency, now - lane->begun[news->slot]);
	engine->tally->answers[news->answer]++;
	engine->last_ns = now;
	if (now >= engine->end_ns)
		engine->phase = ENDING;
	lane->begun[news->slot] = 0;
	engine->under_way--;
	if (engine->load->protocol->keeps_connection)
		(void)begin(engine, lane, news->slot);
}

/* Takes all messages that are whole. False if the connection is to be given up. */
static bool take_all(struct engine *engine, struct sp_lane *lane)
{
	const struct sp_protocol *protocol = engine->load->protocol;
	size_t taken = 0;

	while (taken < lane->in_length) {
		struct sp_news news;
		ssize_t used = protocol->take(lane, lane->in + taken, lane->in_length - taken,
		    engine->load->outstanding, &news);
		if (used < 0)
			return false;
		if (used == 0)
			break;
		taken += (size_t)used;
		if (news.kind == SP_NEWS_READY)
			become_ready(engine, lane);
		if (news.kind == SP_NEWS_ANSWER)
			finish(engine, lane, &news);
		if (news.over)
			return false;
	}
	lane->in_length -= taken;
	memmove(lane->in, lane->in + taken, lane->in_length);
	return lane->in_length < sizeof(lane->in);
}

static void serve(struct engine *engine, struct sp_lane *lane, uint32_t events)
{
	if (!lane->connected) {
		int error = 0;
		socklen_t size = sizeof(error);
		if (getsockopt(lane->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0) {
			break_off(engine, strerror(error != 0 ? error : errno));
			return;
		}
		lane->connected = true;
	}
	bool alive = true;
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
		ssize_t got = recv(
		    lane->fd, lane->in + lane->in_length, sizeof(lane->in) - lane->in_length, 0);
		if (got > 0)
			lane->in_length += (size_t)got;
		alive = got > 0 ? take_all(engine, lane) : got < 0 && errno == EAGAIN;
	}
	if (alive)
		flush(engine, lane);
	else
		lose(engine, lane);
}

static void open_waiting(struct engine *engine)
{
	engine->waiting = 0;
	for (unsigned i = 0; i < engine->load->connections && !engine->broken; i++) {
		struct sp_lane *lane = &engine->lanes[i];
		if (lane->fd < 0 && (engine->phase != ENDING || lane->begun[0] != 0))
			open_lane(engine, lane);
	}
}

static void turn(struct engine *engine)
{
	struct epoll_event events[EVENTS];
	/* The end is noticed at an answer; the time-out is for when none comes. */
	int count = epoll_wait(engine->epoll, events, EVENTS, engine->waiting > 0 ? 1 : 50);

	for (int i = 0; i < count && !engine->broken; i++)
		serve(engine, events[i].data.ptr, events[i].events);
	if (engine->waiting > 0)
		open_waiting(engine);
}

static void run(struct engine *engine)
{
	uint64_t patience_ns = now_ns() + PATIENCE_NS;

	if (!engine->load->protocol->keeps_connection)
		begin_time(engine);
	open_waiting(engine);
	while (!engine->broken && (engine->phase != ENDING || engine->under_way > 0)) {
		uint64_t now = now_ns();
		if (engine->phase == ASKING)
			patience_ns = now + PATIENCE_NS;
		if (terminated || (engine->phase == ASKING && now >= engine->end_ns))
			engine->phase = ENDING;
		if (now > patience_ns)
			break_off(engine, engine->phase == OPENING
					      ? "no greeting came"
					      : "the last answers did not come");
		else
			turn(engine);
	}
	engine->tally->seconds = (double)(engine->last_ns - engine->begin_ns) / 1e9;
}

bool sp_load_run(const struct sp_load *load, struct sp_tally *tally_r)
{
	struct engine engine = {.load = load,
	    .tally = tally_r,
	    .lanes = calloc(load->connections, sizeof(struct sp_lane)),
	    .epoll = epoll_create1(EPOLL_CLOEXEC)};
	struct sigaction action = {.sa_handler = on_term};

	*tally_r = (struct sp_tally){0};
	sigaction(SIGTERM, &action, NULL);
	if (engine.lanes == NULL || engine.epoll < 0) {
		fprintf(stderr, "load: %s\n", strerror(errno));
		free(engine.lanes);
		return false;
	}
	for (unsigned i = 0; i < load->connections; i++) {
		engine.lanes[i].fd = -1;
		/* Dovecot wants a process id, which two connections must not share. */
		engine.lanes[i].number = ((uint32_t)getpid() << 10 | (i & 1023)) & 0x7fffffff;
		drop(&engine.lanes[i]);
	}
	run(&engine);
	for (unsigned i = 0; i < load->connections; i++)
		drop(&engine.lanes[i]);
	close(engine.epoll);
	free(engine.lanes);
	return !engine.broken;
}
