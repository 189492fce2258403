"""Mapping files: read, compiled into decoders and projections."""
