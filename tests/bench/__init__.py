"""Measures the engine beside the bare driver, in the same run, as ratios.

`make bench` runs everything, `make bench ONLY=sqlite` a part. Absolute rates depend on
the disk and on how busy the machine is; the ratios are what counts.
"""
