"""A changed workflow file, tried on the office's own past and on its open cases. Begin in `engine.rehearsal`."""
