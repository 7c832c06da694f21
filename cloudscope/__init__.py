"""CloudScope: the desktop application over `acqcore`."""
