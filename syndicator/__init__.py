"""Markdown posts go in; feeds, an image archive and signed webhook pushes come out.

content finds what changed, normalise reads it, archive keeps it, publish decides what readers
get, deliver puts it where they are. ``cycle`` is one pass through these five, in this order;
``cli`` and ``daemon`` start passes; ``doors`` are the only way to the disk, the network and the
database; ``model`` is what travels between them.
"""

__version__ = "0.1.0"
