/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/process/listener.h"

struct scene {
	char directory[64];
	char path[SP_SOCKET_PATH_SIZE];
	char user[16];
	struct sp_conf_door door;
	struct sp_activation activation;
	struct sp_listener listener;
	char why[SP_CONF_WHY_MAX];
};

static int set_up(void **state)
{
	static struct scene scene;

	scene = (struct scene){.listener = {.fd = -1}};
	snprintf(scene.directory, sizeof(scene.directory), "/tmp/listener_test.XXXXXX");
	if (mkdtemp(scene.directory) == NULL)
		return -1;
	snprintf(scene.path, sizeof(scene.path), "%s/door", scene.directory);
	snprintf(scene.user, sizeof(scene.user), "%u", (unsigned)geteuid());
	scene.door = (struct sp_conf_door){
	    .place = scene.path, .mode = 0620, .owner = scene.user, .group = scene.user};
	*state = &scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	sp_listener_close(&scene->listener);
	unlink(scene->path);
	return rmdir(scene->directory);
}

static bool open_door(struct scene *scene)
{
	return sp_listener_open(&scene->door, &scene->activation, &scene->listener, scene->why);
}

static void assert_refused(struct scene *scene, const char *because)
{
	if (open_door(scene))
		fail_msg("not refused, though %s", because);
	assert_int_equal(scene->listener.fd, -1);
	if (strstr(scene->why, because) == NULL || strstr(scene->why, scene->door.place) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", scene->why, because);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void a_socket_has_the_mode_it_was_asked_for_and_can_be_reached(void **state)
{
	struct scene *scene = *state;
	struct stat status;

	assert_true(open_door(scene));
	assert_int_equal(stat(scene->path, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & 0777, 0620);
	int fd = connect_to(scene->path);
	assert_true(fd >= 0);
	close(fd);
}

static void a_stale_socket_is_replaced(void **state)
{
	struct scene *scene = *state;

	assert_true(open_door(scene));
	sp_listener_close(&scene->listener);
	assert_int_equal(connect_to(scene->path), -1);
	assert_true(open_door(scene));
	int fd = connect_to(scene->path);
	assert_true(fd >= 0);
	close(fd);
}

static void a_live_socket_is_not_stolen(void **state)
{
	struct scene *scene = *state;
	struct sp_listener other;

	assert_true(open_door(scene));
	other = scene->listener;
	assert_refused(scene, "another process listens");
	int fd = connect_to(scene->path);
	assert_true(fd >= 0);
	close(fd);
	sp_listener_close(&other);
}

static void a_file_in_the_way_is_left_alone(void **state)
{
	struct scene *scene = *state;
	FILE *file = fopen(scene->path, "w");
	struct stat status;

	assert_non_null(file);
	fputs("precious", file);
	fclose(file);
	assert_refused(scene, "no socket");
	assert_int_equal(stat(scene->path, &status), 0);
	assert_int_equal(status.st_size, 8);
}

static void a_directory_that_others_can_write_is_refused(void **state)
{
	struct scene *scene = *state;
	static const mode_t modes[] = {0777, 01777, 0770, 0702};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(scene->directory, modes[i]), 0);
		assert_refused(scene, "chmod go-w");
	}
	chmod(scene->directory, 0755);
	assert_true(open_door(scene));
}

static void a_directory_of_a_stranger_is_refused_and_of_a_peer_is_not(void **state)
{
	struct scene *scene = *state;
	char *peers[] = {"65533", NULL};

	if (geteuid() != 0) {
		print_message("skipped: only root can give a directory away\n");
		skip();
	}
	assert_int_equal(chown(scene->directory, 65533, 65533), 0);
	assert_refused(scene, "belongs to another user");
	scene->door.peers = (struct sp_conf_list){.items = peers, .count = 1};
	assert_true(open_door(scene));
}

static void faults_in_the_line_are_named(void **state)
{
	struct scene *scene = *state;
	char *strangers[] = {"no-such-user-here", NULL};

	scene->door.owner = strangers[0];
	assert_refused(scene, "owner is no user");
	scene->door.owner = scene->user;
	scene->door.group = strangers[0];
	assert_refused(scene, "group is unknown");
	scene->door.group = scene->user;
	scene->door.peers = (struct sp_conf_list){.items = strangers, .count = 1};
	assert_refused(scene, "peer is no user");
	scene->door.peers = (struct sp_conf_list){.count = 0};
	snprintf(scene->path, sizeof(scene->path), "%s/none/door", scene->directory);
	assert_refused(scene, "directory does not exist");
}

static void a_passed_socket_is_used_for_its_path_alone(void **state)
{
	struct scene *scene = *state;

	scene->activation.count = 1;
	scene->activation.sockets[0].fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(scene->activation.sockets[0].place, sizeof(scene->activation.sockets[0].place),
	    "%s", scene->path);
	int passed = scene->activation.sockets[0].fd;
	assert_true(open_door(scene));
	assert_int_equal(scene->listener.fd, passed);
	assert_null(sp_activation_unclaimed(&scene->activation));
	assert_int_equal(access(scene->path, F_OK), -1);
}

/* ---- TCP ---- */

/* Asks for a port of 127.0.0.1 that is free. */
static void choose_port(struct scene *scene)
{
	static char place[64];
	struct sp_loopback free_one = {.length = sizeof(struct sockaddr_in),
	    .v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[SP_LOOPBACK_TEXT_MAX];

	assert_int_equal(bind(fd, &free_one.any, free_one.length), 0);
	assert_int_equal(getsockname(fd, &free_one.any, &free_one.length), 0);
	close(fd);
	sp_loopback_print(&free_one, text);
	snprintf(place, sizeof(place), "inet:%s", text);
	scene->door = (struct sp_conf_door){.place = place, .loopback = free_one};
}

static int connect_to_port(const struct scene *scene)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, &scene->door.loopback.any, scene->door.loopback.length) == 0)
		return fd;
	close(fd);
	return -1;
}

static void a_port_of_loopback_can_be_reached_and_no_child_has_it(void **state)
{
	struct scene *scene = *state;

	choose_port(scene);
	assert_true(open_door(scene));
	assert_true(scene->listener.loopback);
	assert_int_equal(scene->listener.peers.count, 0);
	assert_true((fcntl(scene->listener.fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(scene->listener.fd, F_GETFL) & O_NONBLOCK) != 0);
	int fd = connect_to_port(scene);
	assert_true(fd >= 0);
	close(fd);
}

static void a_port_is_taken_again_while_old_connections_linger(void **state)
{
	struct scene *scene = *state;

	choose_port(scene);
	assert_true(open_door(scene));
	int client = connect_to_port(scene);
	assert_true(client >= 0);
	int server = accept(scene->listener.fd, NULL, NULL);
	assert_true(server >= 0);
	sp_listener_close(&scene->listener);
	close(server); /* who closes first, lingers */
	close(client);
	assert_int_equal(connect_to_port(scene), -1);
	assert_true(open_door(scene));
}

static void a_port_on_which_another_listens_is_refused(void **state)
{
	struct scene *scene = *state;
	struct sp_listener other;

	choose_port(scene);
	assert_true(open_door(scene));
	other = scene->listener;
	assert_refused(scene, "another process listens");
	sp_listener_close(&other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_socket_has_the_mode_it_was_asked_for_and_can_be_reached),
	    TEST(a_stale_socket_is_replaced),
	    TEST(a_live_socket_is_not_stolen),
	    TEST(a_file_in_the_way_is_left_alone),
	    TEST(a_directory_that_others_can_write_is_refused),
	    TEST(a_directory_of_a_stranger_is_refused_and_of_a_peer_is_not),
	    TEST(faults_in_the_line_are_named),
	    TEST(a_passed_socket_is_used_for_its_path_alone),
	    TEST(a_port_of_loopback_can_be_reached_and_no_child_has_it),
	    TEST(a_port_is_taken_again_while_old_connections_linger),
	    TEST(a_port_on_which_another_listens_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
