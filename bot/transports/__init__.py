"""One file per platform: what it says becomes a Request, a Reply becomes what it shows."""
