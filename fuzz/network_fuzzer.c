/* SPDX-License-Identifier: BSD-2-Clause */
/* Networks in CIDR notation, and addresses in them. Input: NETWORK LF ADDRESS. */
#include <arpa/inet.h>

#include "fuzz/fuzz.h"
#include "lib/base/network.h"

static void print_address(const uint8_t bytes[16], char *text_r, socklen_t size)
{
	FUZZ_PROMISE(inet_ntop(AF_INET6, bytes, text_r, size) != NULL);
}

/* Contains its first and last address, and not the one behind. */
static void hold_network(const struct sp_network *network)
{
	char text[INET6_ADDRSTRLEN + 8], address[INET6_ADDRSTRLEN];
	struct sp_network again;
	uint8_t bytes[16];

	FUZZ_PROMISE(network->bits <= 128);
	print_address(network->prefix, address, sizeof(address));
	FUZZ_PROMISE(sp_network_contains(network, address));
	snprintf(text, sizeof(text), "%s/%u", address, network->bits);
	FUZZ_PROMISE(sp_network_parse(text, &again) && again.bits == network->bits &&
		     memcmp(again.prefix, network->prefix, 16) == 0);
	memcpy(bytes, network->prefix, sizeof(bytes));
	for (unsigned bit = network->bits; bit < 128; bit++)
		FUZZ_PROMISE((bytes[bit / 8] & 0x80 >> bit % 8) == 0);
	for (unsigned bit = network->bits; bit < 128; bit++)
		bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	print_address(bytes, address, sizeof(address));
	FUZZ_PROMISE(sp_network_contains(network, address));
	if (network->bits > 0) {
		bytes[(network->bits - 1) / 8] ^= (uint8_t)(0x80 >> (network->bits - 1) % 8);
		print_address(bytes, address, sizeof(address));
		FUZZ_PROMISE(!sp_network_contains(network, address));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	char *address = text + strcspn(text, "\n");
	struct sp_network network, of_client;

	if (*address == '\n')
		*address++ = '\0';
	bool is_network = sp_network_parse(text, &network);
	if (is_network)
		hold_network(&network);
	if (sp_network_of_client(address, &of_client)) {
		FUZZ_PROMISE(of_client.bits == 64 || of_client.bits == 128);
		FUZZ_PROMISE(sp_network_contains(&of_client, address));
		hold_network(&of_client);
	} else {
		FUZZ_PROMISE(!is_network || !sp_network_contains(&network, address));
	}
	free(text);
	return 0;
}
