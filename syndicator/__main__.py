"""``python -m syndicator`` is ``syndicate``."""

import sys

from syndicator.cli import main

sys.exit(main())
