"""What the market is: the only code that asks the outside world for facts."""
