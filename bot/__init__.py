"""The process: who listens, when, and how messages leave."""
