"""What may differ between two deployments. Imports nothing of ours."""
