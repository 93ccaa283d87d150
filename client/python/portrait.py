"""The old import name of portrait_client.

This is a module and not a package, so that it neither overwrites nor hides the
package `portrait` of another distribution.
"""

import sys

import portrait_client

for _name, _module in list(sys.modules.items()):
    if _name.split(".")[0] == "portrait_client":
        sys.modules["portrait" + _name[len("portrait_client"):]] = _module
