"""How right and how fast the analyses are, on data whose truth is known.

`cloudscope bench accuracy` and `cloudscope bench speed` print what is measured here, with
published algorithms as the other side, on the same data in the same process.
"""
