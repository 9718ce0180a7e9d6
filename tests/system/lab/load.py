# SPDX-License-Identifier: BSD-2-Clause
"""Many attempts at once, or one after the other, at the auth door."""
import threading
from concurrent.futures import ThreadPoolExecutor

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


def in_turn(path, attempts, connections=4, ahead=25):
    """Send every (login, password) over a few connections, each with so many requests under way at most.
    How many were answered OK."""
    def run(share):
        granted = 0
        with AuthClient(path) as client:
            for begin in range(0, len(share), ahead):
                batch = share[begin:begin + ahead]
                for number, (login, password) in enumerate(batch, begin + 1):
                    client.begin_plain(number, login, password)
                granted += sum(client.line().startswith("OK\t") for _ in batch)
        return granted

    with ThreadPoolExecutor(connections) as pool:
        return sum(pool.map(run, (attempts[first::connections] for first in range(connections))))
