/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay.c - main() of a harness that is built without libFuzzer
 *
 *	NAME_fuzzer [FILE...]	hands over the files, or else all of fuzz/corpus/NAME
 */
#include <dirent.h>
#include <errno.h>

#include "fuzz/fuzz.h"

#define SIZE_MAX_OF_ONE (1024 * 1024)

static int give_up(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return EXIT_FAILURE;
}

static int replay(const char *path)
{
	FILE *file = fopen(path, "r");
	char *buffer = malloc(SIZE_MAX_OF_ONE);

	if (file == NULL || buffer == NULL)
		return give_up(path);
	size_t size = fread(buffer, 1, SIZE_MAX_OF_ONE, file);
	if (ferror(file))
		return give_up(path);
	fclose(file);
	uint8_t *data = malloc(size > 0 ? size : 1);
	if (data == NULL)
		return give_up(path);
	memcpy(data, buffer, size);
	free(buffer);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return EXIT_SUCCESS;
}

/* A harness that nothing is handed to would hold nothing. */
static int replay_corpus(const char *directory)
{
	struct dirent *entry;
	DIR *files = opendir(directory);
	int count = 0, status = EXIT_SUCCESS;
	char *path;

	if (files == NULL)
		return give_up(directory);
	while (status == EXIT_SUCCESS && (entry = readdir(files)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&path, "%s/%s", directory, entry->d_name) < 0)
			return give_up(directory);
		status = replay(path);
		free(path);
		count++;
	}
	closedir(files);
	fprintf(stderr, "%d inputs of %s\n", count, directory);
	return count > 0 ? status : EXIT_FAILURE;
}

static int replay_own_corpus(void)
{
	const char *name = program_invocation_short_name;
	int length = (int)(strlen(name) - strlen("_fuzzer"));
	char *directory;

	if (asprintf(&directory, "%s/%.*s", SP_FUZZ_CORPUS, length, name) < 0)
		return give_up(name);
	int status = replay_corpus(directory);
	free(directory);
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return replay_own_corpus();
	for (int i = 1; i < argc; i++) {
		if (replay(argv[i]) != EXIT_SUCCESS)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
