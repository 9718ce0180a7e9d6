# SPDX-License-Identifier: BSD-2-Clause
"""QR codes that a program draws with block characters, read by a decoder that is not ours."""
import shutil
import subprocess

PIXELS = 4  # a module's edge

# (upper half light, lower half light)
HALVES = {" ": (False, False), "\u2580": (True, False), "\u2584": (False, True), "\u2588": (True, True)}


def reader():
    """The path of zbarimg, or None."""
    return shutil.which("zbarimg")


def read(drawn, directory):
    """What the code says whose lines are `drawn`."""
    rows = []
    for line in drawn.splitlines():
        halves = [HALVES[character] for character in line]
        rows += [[upper for upper, _ in halves], [lower for _, lower in halves]]
    assert len({len(row) for row in rows}) == 1, "its lines are not of one length"
    image = directory / "code.pgm"
    with open(image, "wb") as out:
        out.write(f"P5 {len(rows[0]) * PIXELS} {len(rows) * PIXELS} 255\n".encode())
        for row in rows:
            out.write(b"".join((b"\xff" if light else b"\0") * PIXELS for light in row) * PIXELS)
    found = subprocess.run([reader(), "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", image], text=True,
                           capture_output=True, check=False)
    assert found.returncode == 0, "no QR code is found in it"
    return found.stdout.removesuffix("\n")
