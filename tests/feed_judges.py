"""Everybody who may judge a feed in a test: our own judges, feedparser, and a JSON Schema."""

import json
from functools import cache
from pathlib import Path

import feedparser
import jsonschema  # type: ignore[import-untyped]  # the package ships no types

from syndicator.model.feeds import Document
from syndicator.model.posts import Problem
from syndicator.publish.judge import judge

SCHEMA = Path(__file__).parent / "schemas" / "jsonfeed-1.1.schema.json"
FEEDS = (".xml", ".json", ".rss", ".atom")


def faults(document: Document, served: str = "https://feeds.example/") -> tuple[Problem, ...]:
    """Return what our judges say of a document, once the others found nothing in it."""
    if document.path.endswith(".json"):
        validator().validate(json.loads(document.body))
    else:
        read = feedparser.parse(document.body)
        assert read.bozo == 0, read.get("bozo_exception")
    return judge(document.body, document.path, served + document.path)


@cache
def validator() -> jsonschema.Draft202012Validator:
    """Return the validator of JSON Feed 1.1."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)
