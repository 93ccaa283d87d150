"""The old import name of portrait_client.

A module and not a package, so that another distribution's package of the name
`portrait` is neither overwritten nor hidden.
"""

import sys

import portrait_client

for _name, _module in list(sys.modules.items()):
    if _name.split(".")[0] == "portrait_client":
        sys.modules["portrait" + _name[len("portrait_client"):]] = _module
