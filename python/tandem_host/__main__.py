"""Started by the server: python -u PACKAGE/python/tandem_host

Descriptors 3, 4, 5, … are what docs/host-protocol.md says.
"""

import os
import sys

# Python may have put this folder first, where a model would find these files in place of its own of the same names.
folder = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [os.path.dirname(folder), *(entry for entry in sys.path if entry != folder)]
from tandem_host.host import main  # noqa: E402

del sys.path[0]
main()
