"""`python tests/benchmarks --feeds DIR`."""

import sys

import running

sys.exit(running.main())
