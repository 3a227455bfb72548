"""What may differ between two deployments. Imports nothing of ours."""

VERSION = "0.1.0"
