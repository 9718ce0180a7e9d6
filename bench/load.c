/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load - offers logins to one server in a closed loop, and tells as a line of JSON
 * how many it answered, how, and how fast
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/engine.h"
#include "lib/base/number.h"

enum exit_status { DONE = 0, FAILED = 1, BAD_USAGE = 2, WRONG_ANSWERS = 3 };

struct arguments {
	struct sp_load load;
	enum sp_answer expected; /* SP_ANSWERS for any; SP_ANSWER_TEMPORARY while not given */
};

static void usage(FILE *out)
{
	fputs("usage: load --protocol auth|saslauthd|smtp --at SOCKET|PORT --logins FILE\n"
	      "            --expect ok|fail|any [--connections N] [--outstanding N]\n"
	      "            [--milliseconds N | --once]\n"
	      "FILE has lines LOGIN TAB PASSWORD [TAB CLIENT-ADDRESS]. The exit status is 3 if an\n"
	      "answer was yes where no was expected, or no where yes was.\n",
	    out);
}

static bool protocol_named(const char *name, const struct sp_protocol **protocol_r)
{
	static const struct sp_protocol *const all[] = {
	    &sp_protocol_auth, &sp_protocol_saslauthd, &sp_protocol_smtp};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(all[i]->name, name) == 0) {
			*protocol_r = all[i];
			return true;
		}
	}
	return false;
}

/* A path, or a port of 127.0.0.1. */
static bool address_of(const char *text, struct sp_load *load)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct sockaddr_in loopback = {
	    .sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	uint64_t port;

	load->where = text;
	if (sp_parse_number(text, 1, UINT16_MAX, &port)) {
		loopback.sin_port = htons((uint16_t)port);
		memcpy(&load->address, &loopback, sizeof(loopback));
		load->address_length = sizeof(loopback);
		return true;
	}
	if (strlen(text) >= sizeof(local.sun_path))
		return false;
	memcpy(local.sun_path, text, strlen(text));
	memcpy(&load->address, &local, sizeof(local));
	load->address_length = sizeof(local);
	return true;
}

static bool take_number(const char *text, uint64_t high, unsigned *number_r)
{
	uint64_t number;

	if (!sp_parse_number(text, 1, high, &number))
		return false;
	*number_r = (unsigned)number;
	return true;
}

static bool take_option(int option, const char *value, struct arguments *arguments)
{
	struct sp_load *load = &arguments->load;
	unsigned number;

	switch (option) {
	case 'p':
		return protocol_named(value, &load->protocol);
	case 'a':
		return address_of(value, load);
	case 'l':
		sp_logins_free(&load->logins);
		return sp_logins_read(value, &load->logins);
	case 'e':
		arguments->expected = strcmp(value, "ok") == 0     ? SP_ANSWER_OK
				      : strcmp(value, "fail") == 0 ? SP_ANSWER_FAIL
				      : strcmp(value, "any") == 0  ? SP_ANSWERS
								   : SP_ANSWER_TEMPORARY;
		return arguments->expected != SP_ANSWER_TEMPORARY;
	case 'c':
		return take_number(value, 10000, &load->connections);
	case 'o':
		return take_number(value, SP_OUTSTANDING_MAX, &load->outstanding);
	case 'm':
		load->once = false;
		if (!take_number(value, 86400000, &number))
			return false;
		load->duration_ns = number * 1000000ULL;
		return true;
	case '1':
		load->once = true;
		return true;
	default:
		return false;
	}
}

static bool take_arguments(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {{"protocol", required_argument, NULL, 'p'},
	    {"at", required_argument, NULL, 'a'}, {"logins", required_argument, NULL, 'l'},
	    {"expect", required_argument, NULL, 'e'}, {"connections", required_argument, NULL, 'c'},
	    {"outstanding", required_argument, NULL, 'o'},
	    {"milliseconds", required_argument, NULL, 'm'}, {"once", no_argument, NULL, '1'},
	    {"help", no_argument, NULL, 'h'}, {0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h') {
			usage(stdout);
			exit(DONE);
		}
		if (!take_option(option, optarg, arguments)) {
			if (option != '?')
				fprintf(stderr, "load: no such value: %s\n", optarg);
			return false;
		}
	}
	const struct sp_load *load = &arguments->load;
	return optind == argc && load->protocol != NULL && load->where != NULL &&
	       load->logins.count > 0 && arguments->expected != SP_ANSWER_TEMPORARY &&
	       (load->once || load->duration_ns > 0) &&
	       (load->outstanding == 1 || load->protocol->keeps_connection);
}

static uint64_t count_wrong(const struct sp_tally *tally, enum sp_answer expected)
{
	switch (expected) {
	case SP_ANSWER_OK:
		return tally->answers[SP_ANSWER_FAIL];
	case SP_ANSWER_FAIL:
		return tally->answers[SP_ANSWER_OK];
	case SP_ANSWER_TEMPORARY:
	case SP_ANSWERS:
		break;
	}
	return 0;
}

static void report(const struct arguments *arguments, const struct sp_tally *tally, uint64_t wrong)
{
	const struct sp_load *load = &arguments->load;
	const struct sp_latency *latency = &tally->latency;

	printf("{\"protocol\":\"%s\",\"connections\":%u,\"outstanding\":%u,\"seconds\":%.6f,",
	    load->protocol->name, load->connections, load->outstanding, tally->seconds);
	printf("\"count\":%" PRIu64 ",\"rate\":%.2f,", latency->count,
	    tally->seconds > 0 ? (double)latency->count / tally->seconds : 0.0);
	printf("\"ok\":%" PRIu64 ",\"fail\":%" PRIu64 ",\"temporary\":%" PRIu64 ",\"lost\":%" PRIu64
	       ",\"wrong\":%" PRIu64 ",",
	    tally->answers[SP_ANSWER_OK], tally->answers[SP_ANSWER_FAIL],
	    tally->answers[SP_ANSWER_TEMPORARY], tally->lost, wrong);
	printf("\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,\"latency_ns\":",
	    (double)sp_latency_quantile(latency, 0.5) / 1e3,
	    (double)sp_latency_quantile(latency, 0.99) / 1e3, (double)latency->most_ns / 1e3);
	sp_latency_print(latency, stdout);
	puts("}");
}

int main(int argc, char **argv)
{
	static struct sp_tally tally;
	struct arguments arguments = {.load = {.connections = 1, .outstanding = 1}};

	if (!take_arguments(argc, argv, &arguments)) {
		usage(stderr);
		sp_logins_free(&arguments.load.logins);
		return BAD_USAGE;
	}
	bool ran = sp_load_run(&arguments.load, &tally);
	uint64_t wrong = count_wrong(&tally, arguments.expected);

	if (ran)
		report(&arguments, &tally, wrong);
	sp_logins_free(&arguments.load.logins);
	if (!ran)
		return FAILED;
	return wrong > 0 ? WRONG_ANSWERS : DONE;
}
