"""Documents and drawings, made from plain values only; they know no request, no database and no rubric."""
