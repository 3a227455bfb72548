"""What the bot says: no network, no Redis, no platform."""
