"""Reference agents for bank cases, the workflows they work on, and a sandbox bank to work with."""
