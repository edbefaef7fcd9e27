"""Settings become objects: the only place that builds them, for app.py, commands and tests.

What takes long to import, and is not needed by all who come to a module, is imported where it is built.
"""
