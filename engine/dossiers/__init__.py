"""The audit folder of a case: what belongs in it, whether it is there, and since when. Only `making` reads."""
