/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/alerts.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "daemon/alert_environment.h"
#include "daemon/alert_runner.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/password/keyed_digest.h"
#include "lib/policy/alert_limit.h"

#define ALERT_QUEUE_MAX 32
#define TICK_MS         500 /* how often what is held back is looked at */

struct alert {
	char *line;
	uint64_t held_back;
	STAILQ_ENTRY(alert) next;
};

struct sp_alerts {
	pthread_mutex_t lock; /* of all down to the queue's length */
	bool on;
	struct sp_alert_kinds kinds;
	struct sp_alert_limit *limit;
	struct sp_digest_key key;
	STAILQ_HEAD(, alert) queue;
	size_t waiting;

	/* the event loop's */
	char command[SP_ALERT_COMMAND_MAX];
	uint32_t timeout_ms;
	int64_t interval_ms;
	int runner, wake_fd;
	struct event *heard, *wake, *tick;
	bool busy;
	char told[SP_ALERT_NAME_MAX + 1]; /* the kind that the runner has */
	struct sp_alert_outcome last;
};

/* ---- with the lock ---- */

static bool push(struct sp_alerts *alerts, char *line, uint64_t held_back)
{
	struct alert *alert = calloc(1, sizeof(*alert));

	if (alert == NULL || line == NULL) {
		free(alert);
		free(line);
		return false;
	}
	alert->line = line;
	alert->held_back = held_back;
	STAILQ_INSERT_TAIL(&alerts->queue, alert, next);
	alerts->waiting++;
	return true;
}

static bool take(struct sp_alerts *alerts, const char *line)
{
	char subject[SP_LOG_LINE_MAX + 1];
	uint64_t held_back;
	size_t kind;

	if (!sp_alert_kind_of(&alerts->kinds, line, &kind, subject))
		return false;
	uint64_t digest = sp_keyed_digest(&alerts->key, subject, strlen(subject));
	if (sp_alert_limit_take(alerts->limit, kind, digest, line,
		alerts->waiting < ALERT_QUEUE_MAX, sp_now_ms(), &held_back))
		push(alerts, strdup(line), held_back);
	return true;
}

static void take_due(struct sp_alerts *alerts)
{
	uint64_t held_back;
	char *line;

	while (alerts->waiting < ALERT_QUEUE_MAX &&
	       sp_alert_limit_due(alerts->limit, sp_now_ms(), &line, &held_back))
		push(alerts, line, held_back);
}

static struct alert *pop(struct sp_alerts *alerts)
{
	struct alert *alert = STAILQ_FIRST(&alerts->queue);

	if (alert == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(&alerts->queue, next);
	alerts->waiting--;
	return alert;
}

static void free_alert(struct alert *alert)
{
	if (alert != NULL)
		free(alert->line);
	free(alert);
}

/* ---- from any thread ---- */

/* Who uses the alerts that there are holds the lock, so that they do not go meanwhile. */
static struct {
	pthread_rwlock_t lock;
	struct sp_alerts *alerts;
} watching = {.lock = PTHREAD_RWLOCK_INITIALIZER};

static void watch_for(struct sp_alerts *alerts)
{
	pthread_rwlock_wrlock(&watching.lock);
	watching.alerts = alerts;
	pthread_rwlock_unlock(&watching.lock);
}

static void show(struct sp_alerts *alerts, const char *line)
{
	uint64_t one = 1;

	pthread_mutex_lock(&alerts->lock);
	bool news = alerts->on && take(alerts, line);
	pthread_mutex_unlock(&alerts->lock);
	/* Fails only when the counter is full, and then the loop is awake anyway. */
	if (news && write(alerts->wake_fd, &one, sizeof(one)) < 0)
		return;
}

static void observe(const char *line)
{
	pthread_rwlock_rdlock(&watching.lock);
	if (watching.alerts != NULL)
		show(watching.alerts, line);
	pthread_rwlock_unlock(&watching.lock);
}

/* ---- the event loop ---- */

static void log_failure(const struct sp_alerts *alerts, const char *error, const char *advice)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_ERROR, "alert_failed");
	sp_log_text(&line, "alert", alerts->told[0] != '\0' ? alerts->told : NULL);
	sp_log_text(&line, "error", error);
	sp_log_text(&line, "message", advice);
	sp_log_end(&line);
}

static void lose_runner(struct sp_alerts *alerts)
{
	if (alerts->heard == NULL)
		return;
	event_free(alerts->heard);
	alerts->heard = NULL;
	alerts->busy = true; /* for good */
	pthread_mutex_lock(&alerts->lock);
	alerts->on = false;
	pthread_mutex_unlock(&alerts->lock);
	log_failure(alerts, "the process that runs the command is gone",
	    "there are no alerts until sendpassd is restarted");
}

static void tell(struct sp_alerts *alerts, const struct alert *alert)
{
	char strings[SP_ALERT_ENVIRONMENT_MAX], subject[SP_LOG_LINE_MAX + 1];
	size_t length = sp_alert_environment(alert->line, alert->held_back, strings);
	size_t kind;

	/* The configuration may no longer have it. */
	if (!sp_alert_kind_of(&alerts->kinds, alert->line, &kind, subject))
		return;
	memcpy(alerts->told, alerts->kinds.names[kind], sizeof(alerts->told));
	alerts->busy = true;
	if (!sp_alert_runner_run(
		alerts->runner, alerts->command, alerts->timeout_ms, strings, length))
		lose_runner(alerts);
}

/* What can go out does. */
static void go_on(struct sp_alerts *alerts)
{
	const struct timeval tick = {.tv_usec = TICK_MS * 1000};
	bool holds = false;

	for (;;) {
		struct alert *alert = NULL;
		pthread_mutex_lock(&alerts->lock);
		if (alerts->on) {
			take_due(alerts);
			holds = sp_alert_limit_holds(alerts->limit);
			alert = alerts->busy ? NULL : pop(alerts);
		}
		pthread_mutex_unlock(&alerts->lock);
		if (alert == NULL)
			break;
		tell(alerts, alert);
		free_alert(alert);
	}
	if (holds)
		evtimer_add(alerts->tick, &tick);
}

static void on_wake(evutil_socket_t fd, short what, void *context)
{
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	go_on(context);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	go_on(context);
}

static void judge(struct sp_alerts *alerts, const struct sp_alert_outcome *outcome)
{
	static const char advice[] = "try it by hand; said again when it fails otherwise, or has "
				     "succeeded since";
	char error[64];

	if (outcome->end == alerts->last.end && outcome->number == alerts->last.number)
		return;
	alerts->last = *outcome;
	switch (outcome->end) {
	case SP_ALERT_EXITED:
		if (outcome->number == 0)
			return;
		snprintf(error, sizeof(error), "exit status %d", outcome->number);
		break;
	case SP_ALERT_KILLED:
		snprintf(error, sizeof(error), "signal %d (%s)", outcome->number,
		    sigabbrev_np(outcome->number));
		break;
	case SP_ALERT_LATE:
		snprintf(error, sizeof(error), "killed, as it did not end in time");
		break;
	case SP_ALERT_NOT_STARTED:
		snprintf(error, sizeof(error), "cannot be started: %s", strerror(outcome->number));
		break;
	}
	log_failure(alerts, error, advice);
}

static void on_heard(evutil_socket_t fd, short what, void *context)
{
	struct sp_alerts *alerts = context;
	struct sp_alert_outcome outcome;

	(void)what;
	if (sp_alert_runner_heard((int)fd, &outcome)) {
		alerts->busy = false;
		judge(alerts, &outcome);
		go_on(alerts);
	} else if (errno != EAGAIN && errno != EINTR) {
		lose_runner(alerts);
	}
}

/* ---- start, change and end ---- */

/* The lock is held. False if there is no memory; then it is as it was. */
static bool renew_limit(
    struct sp_alerts *alerts, const struct sp_alert_kinds *kinds, int64_t interval_ms)
{
	struct sp_alert_limit *limit = sp_alert_limit_new(kinds->count, interval_ms);

	if (limit == NULL)
		return false;
	sp_alert_limit_free(&alerts->limit);
	alerts->limit = limit;
	alerts->kinds = *kinds;
	alerts->interval_ms = interval_ms;
	return true;
}

void sp_alerts_follow(struct sp_alerts *alerts, const struct sp_generation *generation)
{
	const struct sp_conf *conf = generation->conf;
	int64_t interval_ms = (int64_t)conf->alert_interval;
	bool ok = true;

	pthread_mutex_lock(&alerts->lock);
	if (alerts->limit == NULL || interval_ms != alerts->interval_ms ||
	    memcmp(&alerts->kinds, &generation->alerts, sizeof(alerts->kinds)) != 0)
		ok = renew_limit(alerts, &generation->alerts, interval_ms);
	alerts->on =
	    alerts->limit != NULL && alerts->heard != NULL && conf->alert_command[0] != '\0';
	pthread_mutex_unlock(&alerts->lock);
	snprintf(alerts->command, sizeof(alerts->command), "%s", conf->alert_command);
	alerts->timeout_ms = (uint32_t)conf->alert_timeout;
	alerts->last = (struct sp_alert_outcome){0};
	if (!ok)
		log_failure(alerts, "out of memory", "[alert] stays as it was");
}

static bool watch(struct sp_alerts *alerts, struct event_base *base)
{
	alerts->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (alerts->wake_fd < 0)
		return false;
	alerts->wake = event_new(base, alerts->wake_fd, EV_READ | EV_PERSIST, on_wake, alerts);
	alerts->heard = event_new(base, alerts->runner, EV_READ | EV_PERSIST, on_heard, alerts);
	alerts->tick = evtimer_new(base, on_tick, alerts);
	return alerts->wake != NULL && alerts->heard != NULL && alerts->tick != NULL &&
	       event_add(alerts->wake, NULL) == 0 && event_add(alerts->heard, NULL) == 0;
}

struct sp_alerts *sp_alerts_new(struct event_base *base, int runner)
{
	struct sp_alerts *alerts = calloc(1, sizeof(*alerts));

	if (alerts == NULL) {
		close(runner);
		return NULL;
	}
	pthread_mutex_init(&alerts->lock, NULL);
	STAILQ_INIT(&alerts->queue);
	alerts->runner = runner;
	if (!watch(alerts, base) || !sp_digest_key_make(&alerts->key)) {
		sp_alerts_free(&alerts);
		return NULL;
	}
	watch_for(alerts);
	sp_log_set_observer(observe);
	return alerts;
}

static void free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

void sp_alerts_free(struct sp_alerts **alerts_pointer)
{
	struct alert *alert;

	if (alerts_pointer == NULL || *alerts_pointer == NULL)
		return;
	struct sp_alerts *alerts = *alerts_pointer;
	*alerts_pointer = NULL;
	sp_log_set_observer(NULL);
	watch_for(NULL);
	free_event(alerts->wake);
	free_event(alerts->heard);
	free_event(alerts->tick);
	if (alerts->wake_fd >= 0)
		close(alerts->wake_fd);
	close(alerts->runner);
	while ((alert = pop(alerts)) != NULL)
		free_alert(alert);
	sp_alert_limit_free(&alerts->limit);
	pthread_mutex_destroy(&alerts->lock);
	free(alerts);
}
