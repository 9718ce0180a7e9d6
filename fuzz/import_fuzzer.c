/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of other systems for `sendpass import`: each record can be taken or says why not.
 * Input: a digit for the reader, and the file. */
#include "fuzz/fuzz.h"
#include "tool/import_source.h"
#include "tool/verb.h"

/* main.c's, which no test links; nothing here shows help */
void sp_verb_help(const struct sp_verb *verb)
{
	(void)verb;
}

static sp_import_reader *const readers[] = {
    sp_import_dovecot_passwd, sp_import_csv, sp_import_ldif, sp_import_mailcow};

static size_t count_lines(const uint8_t *data, size_t size)
{
	size_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r';
	return lines;
}

static void hold_record(const struct sp_import_record *record, size_t lines)
{
	FUZZ_PROMISE(record->line >= 1 && record->line <= lines);
	if (record->fault != NULL) {
		FUZZ_PROMISE(record->fault[0] != '\0');
		return;
	}
	FUZZ_PROMISE(record->login != NULL && record->login[0] != '\0');
	FUZZ_PROMISE(record->hash != NULL && strncmp(record->hash, "$argon2", 7) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_import_records records = {NULL, 0};
	char why[SP_CONF_WHY_MAX] = "";

	if (size == 0 || data[0] < '0' || data[0] > '3')
		return 0;
	char *bytes = malloc(size);
	FUZZ_PROMISE(bytes != NULL);
	memcpy(bytes, data + 1, size - 1);
	bytes[size - 1] = '\0';
	if (readers[data[0] - '0'](bytes, size - 1, &records, why)) {
		size_t lines = count_lines(data + 1, size - 1);
		for (size_t i = 0; i < records.count; i++)
			hold_record(&records.items[i], lines);
	} else {
		FUZZ_PROMISE(why[0] != '\0');
	}
	sp_import_records_clear(&records);
	FUZZ_PROMISE(records.items == NULL && records.count == 0);
	free(bytes);
	return 0;
}
