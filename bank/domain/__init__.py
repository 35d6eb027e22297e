"""Pure rules of the bank: standard library only, no clock, no database, no network."""
