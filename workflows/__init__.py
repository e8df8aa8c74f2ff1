"""What each process is: one file a process, declarations and pure guards only."""
