"""For authors of extractors: a server with the faults of real upstreams."""
