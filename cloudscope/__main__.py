"""`python -m cloudscope`."""

from __future__ import annotations

import sys

from cloudscope.cli import main

sys.exit(main())
