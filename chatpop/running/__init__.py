"""Setting up and keeping alive the processes of a site. Standard library only, no Flask, no config."""
