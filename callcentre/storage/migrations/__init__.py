"""The history of the schema, applied by ``callcentre db upgrade``."""
