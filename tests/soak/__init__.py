"""A long time at half of top speed with faults going on: nothing may grow that should not.

`make soak` presses one service and one worker, which nothing restarts, and looks at them from outside:
memory, threads, files, connections, and how long people wait. What it finds in its first window is
compared with its last, and what is held when all is quiet with what was held before.
"""
