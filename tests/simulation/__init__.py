"""Many small lives of an office, each played from a seed: people, workers and the clock at work while things break.

One thread, a clock that is only told, dice that are only seeded: the same seed plays the same life.
"""
