"""Real crashes, real databases: what clients were told had happened must be found there after.

`make crash` runs a few faults of every kind: the service and a worker killed, PostgreSQL killed,
the network between them cut, the disk filled, clocks set wrong, a standby promoted. What the
clients were told, and when, is kept outside and compared with the database at the end.
"""
