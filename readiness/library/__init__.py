"""Files and documents on one side, the core's objects on the other."""
