"""Every setting, its default and its check.

``file`` finds and reads ``syndicator.toml`` and imports nothing heavy: a pass that finds nothing
changed needs no more. ``tables`` says what may stand in it, ``load`` turns it into ``Settings`` or
into every problem at once, ``locate`` knows on which line a key stands, ``secret`` fetches what
must never stand in it, ``units`` reads "20MiB" and "15m".
"""
