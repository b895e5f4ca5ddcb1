"""The example: any source whose feeds are one file each, such as international_results."""

from urllib.parse import quote, urlsplit

from extractor import Exit, Extraction, Failure, Request, Wanted, main


def extract(run: Extraction) -> None:
    """Fetch every feed's one file."""
    run.fetch([wanted(run.request, feed) for feed in run.request.feeds])


def wanted(request: Request, feed: str) -> Wanted:
    """What a feed's table says: `key` is fixed, `url` is the key unless it is given."""
    table = request.feeds[feed]
    key = fixed(table.get("key"), f"feeds.{feed}.key")
    url = fixed(table["url"], f"feeds.{feed}.url") if "url" in table else quote(key)
    path = url.partition("?")[0]
    if urlsplit(url).scheme or path.startswith("/") or {".", ".."} & set(path.split("/")) or "#" in url:
        raise Failure(Exit.CONFIGURATION, f"feeds.{feed}.url: {url!r} does not stay below its base")
    expect = str(table.get("expect", table.get("format")))
    return Wanted(feed, key, request.base(feed) + url, optional(request, feed), expect)


def optional(request: Request, feed: str) -> bool:
    """Whether a key may be absent: always, never, or in a mirror only."""
    match request.feeds[feed].get("optional", False):
        case bool() as value:
            return value
        case "mirror":
            return request.mirror is not None
        case other:
            message = f"feeds.{feed}.optional is {other!r}; true, false or 'mirror' is expected"
            raise Failure(Exit.CONFIGURATION, message)


def fixed(text: object, where: str) -> str:
    """A text without places for values; `{{` stands for a brace."""
    if not isinstance(text, str) or not text:
        raise Failure(Exit.CONFIGURATION, f"{where} is {text!r}; a text is expected")
    bare = text.replace("{{", "").replace("}}", "")
    if "{" in bare or "}" in bare:
        raise Failure(Exit.CONFIGURATION, f"{where} is {text!r}: places for values are not served")
    return text.replace("{{", "{").replace("}}", "}")


if __name__ == "__main__":
    main(extract)
