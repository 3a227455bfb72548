"""How a Reply looks on each platform."""
