# SPDX-License-Identifier: BSD-2-Clause
"""A folder of SASL plugins: ours and the two mechanisms, and nobody else's."""
import shutil
from pathlib import Path


def copy_plugins(folder, plugin):
    """Copied, not linked: a mail server must reach them without its way through the builder's home."""
    installed = next(Path("/usr/lib").glob("*/sasl2/libplain.so")).parent
    for file in (installed / "libplain.so", installed / "liblogin.so", plugin):
        shutil.copy(file, folder)


def configuration(socket, **options):
    """The text of NAME.conf: sendpass as the one source of passwords, unless options change it.
    An option of None is left out."""
    lines = {"pwcheck_method": "auxprop", "auxprop_plugin": "sendpass", "mech_list": "PLAIN LOGIN",
             "sendpass_socket": str(socket)}
    lines.update(options)
    return "".join(f"{name}: {value}\n" for name, value in lines.items() if value is not None)


def saslauthd_configuration(socket):
    """The text of NAME.conf: whoever listens at that socket is asked in saslauthd's protocol."""
    return configuration(None, pwcheck_method="saslauthd", auxprop_plugin=None, sendpass_socket=None,
                         saslauthd_path=socket)
