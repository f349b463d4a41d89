r"""What travels between the rooms: frozen values, no behaviour beyond one-line properties.

The river: ``Source`` -> ``Reading`` (a ``Post``, or the ``Problem``\ s that forbid it) ->
``Entry`` (the post with its identity and its ``Asset``\ s) -> ``Edition`` -> ``Document`` and
``Notice`` -> ``Parcel`` -> ``Request`` -> ``Answer`` -> ``Outcome`` -> ``Verdict``. Beside it the
journal's lines (``Kept``, ``Adopted``, ``Version``, ``Removal``, ``Capture``, ``Copy``,
``Joined``, ``Owed``, ``Settled``, ``Reopened``, ``Tried``, ``Switched``, ``Alerted``, ``Noted``,
and what becomes of kept bytes: ``Checked``, ``Damaged``, ``Repaired``, ``Loose``, ``Collected``,
``Forgotten``, and of documents: ``Written``), from which the database can be rebuilt, and the
``Report`` of a pass.

Every ``datetime`` is aware. A ``digest`` is a lower-case hexadecimal SHA-256.

Each is imported from the module that defines it: to build all of them takes a pass that finds
nothing changed a fifth of its time, and it needs few.
"""
