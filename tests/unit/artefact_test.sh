#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The built plugin: what it shows to its host's process, and what it takes from it.
# Run in the build directory, as make check does.
plugin=.libs/libsendpass.so
failed=0

# check NAME WANTED FOUND
check() {
	if [ "$2" = "$3" ]; then
		echo "ok $1"
	else
		echo "not ok $1: wanted \"$2\", found \"$3\""
		failed=1
	fi
}

[ -f "$plugin" ] || { echo "no $plugin here"; exit 77; }
exports=$(nm -D --defined-only "$plugin" | awk '{print $3}')
check only_the_entry_point_is_exported sasl_auxprop_plug_init "$exports"

# The sanitizers bring libraries and calls of their own.
if nm -D --undefined-only "$plugin" | grep -q __asan_; then
	echo "a sanitizer build: libraries and calls are not judged"
	exit $failed
fi
needed=$(readelf -d "$plugin" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
check only_libc_is_needed libc.so.6 "$needed"

# A guest starts no threads, leaves nothing behind when it is unloaded, looks
# nobody up, and changes nothing of the process.
calls=$(nm -D --undefined-only "$plugin" | awk '{print $2}' | sed 's/@.*//' | grep -E \
	'^(pthread_|thrd_|atexit|on_exit|__cxa_atexit|dlopen|dlsym|fork|exec|system|popen|signal|sigaction|alarm|setitimer|umask|chdir|chroot|set[a-z]*[ug]id|getenv|setenv|putenv|setlocale|getpw|getgr|getaddrinfo|malloc|calloc|realloc|free|exit|abort)' |
	tr '\n' ' ')
check the_host_is_left_as_it_is "" "$calls"
exit $failed
