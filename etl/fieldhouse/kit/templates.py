"""What `source new` writes besides the SDK: a declaration, a mapping, a sample, and a script that runs it without an image."""

#: The programs that an extractor needs on PATH where it runs without its image.
NEEDS = {
    "elixir": ("mix", "elixir"),
    "python": ("python3",),
    "rust": ("cargo", "curl-config"),
    "shell": ("curl", "jq", "gzip", "sha256sum"),
}
DECLARATION = """\
# What each field means: docs/sources.md. What an extractor owes: docs/protocol.md.
name = "{name}"
title = "{title}"
homepage = "https://data.example/{name}"
licence = "CC0-1.0"
attribution = ""
owner = "data"
schedule = "0 6 * * *"
rank = {rank}

[extractor]
language = "{language}"
command = ["native"]
needs = [{needs}]

[limits]
deadline_s = 600
silence_s = 120
requests_per_second = 4
concurrency = 2

[config]
contact = "https://data.example/contact"

[bases.main]
url = "https://data.example/{name}/"
mirror = "data"

[feeds.competition]
format = "csv"
key = "competitions.csv"

[feeds.competition.records.competition.fields]
code = {{ type = "text" }}
name = {{ type = "text" }}
country = {{ type = "text", null = true, nulls = [""] }}
"""
MAPPING = """\
-- One record is one competition. The columns are those of datasets/core/competition.toml.
SELECT
  code AS competition_id,
  code AS slug,
  name,
  'football' AS sport,
  'men' AS gender,
  'league' AS kind,
  country,
  _record
FROM raw
"""
SAMPLE = """\
code,name,country
xa.1,First Example League,Exampleland
xa.2,Second Example League,Exampleland
xa.cup,Example Cup,
"""
ABOUT = """\
# The sample

Invented: put a few real files of the source here, laid out as below its base, and say where they are from.

| | |
|---|---|
| origin | {title} |
| licence | CC0-1.0 |
| proof | `sha256sum --check SHA256SUMS` in this folder |
"""
_HEAD = '#!/bin/sh\n# Runs the extractor without its image: native REQUEST OUT\nset -eu\nhere=$(cd "$(dirname "$0")" && pwd)\n'
_CACHE = 'cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/fieldhouse/$(printf %s "$here" | cksum | tr " " -)\n'
_RELEASE = """\
cd "$here"
app=$cache-$(find mix.exs lib -type f -exec cat {} + | cksum | tr " " -)
if [ ! -d "$app" ]; then # built once for each state of its code; of two that build at once one is kept
  mkdir -p "$(dirname "$app")"
  made=$(mktemp -d "$app.XXXXXX")
  MIX_ENV=prod MIX_BUILD_PATH="$made/build" mix release --path "$made/app" >&2 || exit 126
  mv -T "$made/app" "$app" 2>/dev/null || [ -d "$app" ]
  rm -rf "$made"
fi
export RELEASE_DISTRIBUTION=none RELEASE_COOKIE=unused ERL_CRASH_DUMP_BYTES=0
exec "$app/bin/extractor" eval "Extractor.CLI.eval()" "$@"
"""
#: How a language's extractor runs as it stands in its folder, where its SDK does not say so itself.
NATIVE = {
    "python": _HEAD + 'exec python3 -B "$here/extract.py" "$@"\n',
    "shell": _HEAD + 'exec sh "$here/extract" "$@"\n',
    "elixir": _HEAD + _CACHE + _RELEASE,
}


def needs(language: str) -> str:
    """The programs as they stand in a declaration."""
    return ", ".join(f'"{program}"' for program in NEEDS[language])
