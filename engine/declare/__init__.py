"""Rules checked: what each template means, whether a history keeps it, and in words what broke it."""
