/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/qr.h"

#include <qrcodegen.h>
#include <string.h>

#include "tool/message.h"
#include "tool/table.h"

#define QUIET_ZONE 4 /* modules, section 5.3.8 of ISO/IEC 18004:2015 */

static const char white_on_black[] = "\x1b[40;97m";
static const char as_before[] = "\x1b[0m";

/* Two modules, one below the other; what is out of the code is light. */
static const char *block(const uint8_t *code, int x, int y)
{
	static const char *const blocks[2][2] = {
	    {" ", "\u2584"},
	    {"\u2580", "\u2588"},
	};
	bool upper_light = !qrcodegen_getModule(code, x, y);
	bool lower_light = !qrcodegen_getModule(code, x, y + 1);

	return blocks[upper_light][lower_light];
}

enum sp_exit sp_qr_draw(FILE *out, const char *text)
{
	uint8_t code[qrcodegen_BUFFER_LEN_MAX], scratch[qrcodegen_BUFFER_LEN_MAX];
	bool coloured = sp_shows_colours(out);
	bool ok = qrcodegen_encodeText(text, scratch, code, qrcodegen_Ecc_LOW,
	    qrcodegen_VERSION_MIN, qrcodegen_VERSION_MAX, qrcodegen_Mask_AUTO, true);
	int size = ok ? qrcodegen_getSize(code) : 0;

	for (int y = -QUIET_ZONE; ok && y < size + QUIET_ZONE; y += 2) {
		fputs(coloured ? white_on_black : "", out);
		for (int x = -QUIET_ZONE; x < size + QUIET_ZONE; x++)
			fputs(block(code, x, y), out);
		fprintf(out, "%s\n", coloured ? as_before : "");
	}
	explicit_bzero(code, sizeof(code));
	explicit_bzero(scratch, sizeof(scratch));
	return ok ? SP_EXIT_OK : sp_fail(SP_EXIT_FAILED, "this is too much for a QR code");
}
