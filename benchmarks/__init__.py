"""What the goals of speed are measured with."""
