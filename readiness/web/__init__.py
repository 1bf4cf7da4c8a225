"""What people see: pages parse, call one use case, and render."""
