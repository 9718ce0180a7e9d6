# SPDX-License-Identifier: BSD-2-Clause
"""Many attempts at once at the auth door."""
import threading

from .auth_client import AuthClient


def all_at_once(path, attempts):
    """Send every (login, password) on a connection of its own before any answer is read. Each
    attempt's first word of the answer, in order."""
    clients = [AuthClient(path) for _ in attempts]
    answers = [""] * len(attempts)
    start = threading.Barrier(len(attempts))

    def run(number):
        login, password = attempts[number]
        start.wait()
        answers[number] = clients[number].plain(login, password, address=f"192.0.2.{number % 250}")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(attempts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    return answers
