"""`python -m fieldhouse.cli`: the command line where its script is not on the PATH."""

from fieldhouse.cli import main

main()
