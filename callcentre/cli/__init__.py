"""The service's command line.  Commands only parse, call one use case, and print."""
