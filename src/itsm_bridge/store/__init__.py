"""The store: append-only Delta tables, published snapshots, a hash chain, one writer."""
