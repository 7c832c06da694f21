"""How a state is kept on disk: atomic writes, conflict checks, the sidecar's layout."""
