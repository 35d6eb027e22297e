"""Tables as a bank's data scientist brings them: what a column is, reading, checking."""
