"""Feeds, media, status and metrics over HTTP: a floor between ``daemon`` and ``cycle``.

Until it is built, any web server serves ``archive/public`` as it is.
"""
