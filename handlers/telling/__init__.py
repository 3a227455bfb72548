"""
Sentences about the market, shared by briefings, alerts and commands.

Each is made from facts alone: the same facts give the same words, every number stands among the facts, and a word
like "fell" or "below" is chosen by the sign of the number beside it.
"""
