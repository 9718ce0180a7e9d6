# SPDX-License-Identifier: BSD-2-Clause
"""Private real servers on loopback: each in a directory of its own, none of the host's touched."""
