"""The outside world on loopback: venues that speak the real wire formats, driven by a scenario."""
