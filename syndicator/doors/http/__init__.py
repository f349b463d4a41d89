"""The door to the network: one guarded client that fetches pictures and sends notices.

``addresses`` judges where a request may go (pure), ``urls`` reads what was asked, ``dial`` opens
connections to judged addresses only, ``body`` reads what comes back within bounds, ``web`` puts
them together, and ``far`` has other machines do it. The only room that imports httpx, httpcore and
tenacity.
"""

from syndicator.doors.http.dial import Limits, Manners
from syndicator.doors.http.far import Fetcher, by
from syndicator.doors.http.urls import shown
from syndicator.doors.http.web import Web

__all__ = ["Fetcher", "Limits", "Manners", "Web", "by", "shown"]
