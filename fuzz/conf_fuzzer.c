/* SPDX-License-Identifier: BSD-2-Clause */
/* sendpass.conf: what is read is printed as a file that reads the same; what is not is blamed. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "lib/conf/conf.h"

static char path[] = "/dev/shm/sendpass-fuzz-XXXXXX";

static void remove_file(void)
{
	unlink(path);
}

/* One file for all inputs, as a path is what sp_conf_read() takes. */
static void write_file(const void *bytes, size_t size)
{
	static int fd = -1;

	if (fd < 0) {
		fd = mkstemp(path);
		FUZZ_PROMISE(fd >= 0 && atexit(remove_file) == 0);
	}
	FUZZ_PROMISE(ftruncate(fd, 0) == 0 && pwrite(fd, bytes, size, 0) == (ssize_t)size);
}

static char *print(const struct sp_conf *conf)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	FUZZ_PROMISE(out != NULL);
	sp_conf_print(conf, out);
	FUZZ_PROMISE(fclose(out) == 0);
	return text;
}

static void hold_round_trip(const struct sp_conf *conf)
{
	char why[SP_CONF_WHY_MAX], *first = print(conf);
	struct sp_conf *again;

	write_file(first, strlen(first));
	if (!sp_conf_read(path, &again, why)) {
		/* 066 is printed as 0066, and a blank stands on both sides of each = */
		FUZZ_PROMISE(strstr(why, ": the line is longer than ") != NULL);
		free(first);
		return;
	}
	char *second = print(again);
	FUZZ_PROMISE(strcmp(first, second) == 0);
	sp_conf_free(&again);
	free(first);
	free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_conf *conf = (struct sp_conf *)1;
	char why[SP_CONF_WHY_MAX];

	write_file(data, size);
	if (sp_conf_read(path, &conf, why)) {
		FUZZ_PROMISE(conf != NULL && why[0] == '\0');
		hold_round_trip(conf);
		sp_conf_free(&conf);
	} else {
		FUZZ_PROMISE(conf == NULL && strnlen(why, sizeof(why)) < sizeof(why));
		FUZZ_PROMISE(strncmp(why, path, strlen(path)) == 0 && why[strlen(path)] == ':');
		for (const char *c = why; *c != '\0'; c++)
			FUZZ_PROMISE((*c & 0x80) != 0 || (*c >= ' ' && *c != 0x7f) || *c == '\t');
	}
	return 0;
}
