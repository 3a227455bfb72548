"""One file per kind of alert."""
