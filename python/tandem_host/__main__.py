"""Started by the server: python -u PACKAGE/python/tandem_host

Descriptors 3, 4, 5, … are what docs/host-protocol.md says.
"""

import os
import sys

# Python put this folder first, where a model would find these files in place of its own ones of the same names.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
from tandem_host.host import main  # noqa: E402

del sys.path[0]
main()
