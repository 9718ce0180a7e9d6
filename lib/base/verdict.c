/* SPDX-License-Identifier: BSD-2-Clause */
#include "sendpass/verdict.h"

#include <stddef.h>

static const struct {
	const char *name;
	enum sp_result result;
} reasons[] = {
#define REASON_ROW(constant, name, result) [SP_REASON_##constant] = {name, result},
    SP_REASONS(REASON_ROW)
#undef REASON_ROW
};

static bool is_known(enum sp_reason reason)
{
	return (size_t)reason < sizeof(reasons) / sizeof(reasons[0]);
}

enum sp_result sp_reason_result(enum sp_reason reason)
{
	return is_known(reason) ? reasons[reason].result : SP_UNAVAILABLE;
}

const char *sp_reason_name(enum sp_reason reason)
{
	return is_known(reason) ? reasons[reason].name : reasons[SP_REASON_INTERNAL].name;
}

const char *sp_result_name(enum sp_result result)
{
	switch (result) {
	case SP_GRANTED:
		return "granted";
	case SP_DENIED:
		return "denied";
	case SP_UNAVAILABLE:
		break;
	}
	return "unavailable";
}
