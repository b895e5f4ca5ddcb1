# shellcheck shell=sh disable=SC2119,SC2120,SC2034
# What an extractor in shell would write again and again: request, log, signals, polite fetching, seal.
#
#     . "$(dirname "$0")/extractor.sh"
#     begin "$@"
#     for feed in $feeds; do … fetch "$file" "$url" || failed; sealed … ; done
#     seal
#
# POSIX sh with curl, jq, gzip, sha256sum and the usual tools. Copy it; docs/protocol.md says what it keeps to.
set -u
export LC_ALL=C

# ---- The log ----------------------------------------------------------------------------------------------------------

# say LEVEL MESSAGE [NAME VALUE]…: one line of JSON; numbers stay numbers.
say() {
  level=$1 message=$2
  shift 2
  # shellcheck disable=SC2016 # a program of jq
  jq -nc --arg level "$level" --arg msg "$message" '
    ["code", "retry_after_s", "n", "of", "bytes"] as $numbers
    | reduce range(0; $ARGS.positional | length; 2) as $i ({$level, $msg};
        $ARGS.positional[$i] as $name | $ARGS.positional[$i + 1] as $value
        | .[$name] = (if $numbers | index($name) then $value | tonumber else $value end))
  ' --args -- "$@" >&2 || printf '{"level":"%s","msg":"the log cannot be written"}\n' "$level" >&2
}

# fail CODE MESSAGE [NAME VALUE]…: the last line, and the end.
fail() {
  code=$1 message=$2
  shift 2
  say error "$message" code "$code" "$@"
  exit "$code"
}

# What cannot be written ends the run with 74.
unwritten() { fail 74 "cannot write below $OUT: is the disk full?"; }

# ---- Beginning, signals, the end --------------------------------------------------------------------------------------

# begin REQUEST OUT: read the request; afterwards $feeds, $mirror, … say what is asked, and signals end the run as they should.
begin() {
  child='' ticker=''
  trap 'ended_by_signal 143 SIGTERM' TERM
  trap 'ended_by_signal 130 SIGINT' INT
  trap stop_children EXIT
  [ $# -eq 2 ] || fail 64 "usage: $0 REQUEST OUT"
  REQUEST=$1 OUT=$2 TMP=$2/tmp
  protocol='' task='' source='' run='' attempt='' interval='' known='' mirror='' contact='' feeds=''
  max_bytes='' max_file_bytes='' max_files='' deadline_s='' silence_s='' per_second=''
  # shellcheck disable=SC2016 # a program of jq
  asked=$(jq -er '
    @sh "protocol=\(.protocol) task=\(.task) source=\(.source) run=\(.run) attempt=\(.attempt)",
    @sh "interval=\(.interval | tojson) known=\(.known // "") mirror=\(.mirror // "")",
    @sh "contact=\(.config.contact // "-") feeds=\(.feeds | keys_unsorted | join(" "))",
    @sh "max_bytes=\(.limits.max_bytes) max_file_bytes=\(.limits.max_file_bytes) max_files=\(.limits.max_files)",
    @sh "deadline_s=\(.limits.deadline_s) silence_s=\(.limits.silence_s) per_second=\(.limits.requests_per_second)"
  ' "$REQUEST" 2>&1) || fail 64 "the request cannot be read: $asked"
  eval "$asked"
  [ "$protocol" = 1 ] || fail 64 "protocol $protocol is not known here, only 1"
  [ "$task" = extract ] || fail 64 "task $task is not known here, only extract"
  [ "$interval" = null ] || [ -n "${INTERVALS:-}" ] || fail 64 "this source cannot be asked for an interval"
  [ -n "$known" ] || known=/dev/null
  deadline=$(($(date +%s) + ${deadline_s%.*})) asked_before=''
  near=$(case $mirror in http://127.*|http://localhost*|"http://[::1]"*) echo yes ;; esac)
  { mkdir -p "$TMP" && : >"$TMP/files.ndjson"; } || unwritten
  tick &
  ticker=$!
}

# A line now and then says that it is alive, however long a request takes; limits end what hangs.
tick() {
  trap - TERM INT EXIT
  pause=$(calculate "$silence_s / 3 < 20 ? $silence_s / 3 : 20")
  while sleep "$pause" >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    printf '{"level":"info","msg":"still at it"}\n' >&2
  done
}

stop_children() {
  for process in $child $ticker; do kill "$process" 2>/dev/null; done
}

ended_by_signal() {
  trap '' TERM INT
  stop_children
  fail "$1" "ended by $2"
}

# patient COMMAND…: run it so that a signal is heard at once; a shell hears none while it waits for a command in front.
patient() {
  "$@" &
  child=$!
  wait "$child"
  ended=$?
  child=''
  return "$ended"
}

calculate() { awk "BEGIN { printf \"%.3f\", ($1) }"; }
seconds_left() { echo $((deadline - $(date +%s))); }
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# ---- What is asked ----------------------------------------------------------------------------------------------------

# of_feed FEED NAME [DEFAULT]: a field of the feed's table, as text.
of_feed() { jq -r --arg feed "$1" --arg name "$2" --arg default "${3:-}" '.feeds[$feed][$name] // $default' "$REQUEST"; }

# base [BASE]: where its files are: upstream, or the mirror that stands in for it. Without a name: the only one there is.
base() {
  # shellcheck disable=SC2016 # a program of jq
  jq -er --arg base "$1" '
    (if $base == "" and (.bases | length) == 1 then .bases[] else .bases[$base] end) as $table
    | if $table == null then null
      elif .mirror == null then $table.url
      else ([.mirror, .source, $table.mirror // empty] | map(sub("/+$"; "")) | join("/")) + "/" end
    | sub("/*$"; "/")
  ' "$REQUEST" 2>/dev/null || fail 78 "there is no base \"$1\""
}

# known_of FEED KEY: sets known_sha256, known_bytes, known_etag, known_modified; all empty where the lake does not know it.
known_of() {
  known_sha256='' known_bytes='' known_etag='' known_modified=''
  # shellcheck disable=SC2016 # a program of jq
  eval "$(jq -nr --arg feed "$1" --arg key "$2" '
    first((inputs | select(.feed == $feed and .key == $key)), {})
    | @sh "known_sha256=\(.sha256 // "") known_bytes=\(.bytes // "")",
      @sh "known_etag=\(.etag // "") known_modified=\(.last_modified // "")"
  ' "$known")"
}

# ---- Fetching ---------------------------------------------------------------------------------------------------------

# fetch FILE URL [ETAG [LAST_MODIFIED]]: a conditional GET into FILE, tried five times. Sets status (200, 304, 404, 410),
# etag and last_modified as upstream said. Returns 1 where it came to nothing: why_code, why and why_pause say why.
fetch() {
  tries=0
  while :; do
    tries=$((tries + 1)) why_code=75 why_pause=''
    once "$@" && return
    [ "$why_code" = 75 ] && [ "$tries" -lt "${TRIES:-5}" ] || return 1
    pause=${why_pause:-$(backoff "$tries")}
    if [ "$(calculate "$pause < $(seconds_left)")" = 0.000 ]; then
      return 1
    fi
    say warning "$why; again in $pause s"
    patient sleep "$pause"
  done
}

backoff() {
  awk -v first="${FIELDHOUSE_HTTP_BACKOFF_S:-1}" -v tries="$1" -v seed="$$$(date +%S)" \
    'BEGIN { srand(seed); printf "%.2f", first * 2 ^ (tries - 1) * (0.5 + rand() / 2) }'
}

# failed [NAME VALUE]…: the end that the last fetch has earned.
failed() { fail "$why_code" "$why" ${why_pause:+retry_after_s "$why_pause"} "$@"; }

because() {
  why_code=$1 why=$2 why_pause=${3:-}
  return 1
}

once() {
  url=$2 hops=0 first=$2
  while :; do
    get "$1" "$url" "${3:-}" "${4:-}" || return
    case $status in
      301|302|303|307|308) next_hop || return ;;
      *) break ;;
    esac
  done
  case $status in
    200|203) status=200; undo_coding "$1" ;;
    304) [ -n "${3:-}${4:-}" ] || because 65 "$(shown "$url"): status 304 to a question without conditions" ;;
    404|410) ;;
    401|403|407) because 77 "$(shown "$url"): status $status: access is denied" ;;
    408|425|429|5??) because 75 "$(shown "$url"): status $status" "$(retry_after)" ;;
    2??|3??) because 65 "$(shown "$url"): status $status carries no data" ;;
    *) because 69 "$(shown "$url"): status $status" ;;
  esac
}

# get FILE URL ETAG LAST_MODIFIED: one request; its head is in $TMP/head.
get() {
  left=$(seconds_left)
  [ "$left" -gt 0 ] || { because 75 "the deadline of $deadline_s s has come"; TRIES=0; return 1; }
  if [ -n "$asked_before" ] && [ -z "$near" ]; then patient sleep "$(calculate "1 / $per_second")"; fi
  asked_before=yes
  out=$1 target=$2
  set -- -H 'Accept: */*' -H 'Accept-Encoding: gzip' ${3:+-H "If-None-Match: $3"} ${4:+-H "If-Modified-Since: $4"}
  rm -f "$out" "$TMP/head"
  patient limited curl -q -sS --globoff --proto '=http,https' -o "$out" -D "$TMP/head" \
    -A "fieldhouse-shell/1 ($contact)" "$@" ${SSL_CERT_FILE:+--cacert "$SSL_CERT_FILE"} \
    --connect-timeout "${FIELDHOUSE_HTTP_CONNECT_S:-10}" --max-time "$left" \
    --speed-limit 1000 --speed-time "$(whole "${FIELDHOUSE_HTTP_FLOOR_S:-60}")" \
    -w '%{http_code}\n%{redirect_url}\n%{remote_ip}\n' -- "$target" >"$TMP/said" 2>"$TMP/error"
  ended=$?
  { read -r status; read -r redirect; read -r peer; } <"$TMP/said" || :
  case $ended in
    0) [ "$hops" -eq 0 ] || is_private "$first" || [ -n "${HTTPS_PROXY:-}${https_proxy:-}${http_proxy:-}" ] \
         || ! is_private "x://$peer/" || because 69 "$(shown "$target") is a private address" ;;
    1|3) because 78 "$(shown "$target") is no URL that can be asked" ;;
    23) because 74 "cannot write: $(cat "$TMP/error")" ;;
    51|58|60|77|83|90|91) because 69 "$(shown "$target"): its certificate is not trusted: $(head -c 300 "$TMP/error")" ;;
    153) because 65 "$(shown "$target") has more than limits.max_file_bytes = $max_file_bytes bytes" ;;
    *) because 75 "$(shown "$target"): $(head -c 300 "$TMP/error")" ;;
  esac || return
  etag=$(header etag) last_modified=$(header last-modified)
  [ -e "$out" ] || : >"$out" || unwritten
}

# limited COMMAND…: no file that it writes can grow over max_file_bytes, whatever a server says or a gzip holds.
limited() {
  ulimit -f $((max_file_bytes / 512 + 1))
  exec "$@"
}

whole() { awk -v n="$1" 'BEGIN { print (n < 1) ? 1 : int(n) }'; }

# header NAME: the header of the last answer; empty where it is missing, or too long to be one.
header() {
  awk -v name="$1" '
    /^HTTP\// { found = "" }
    { split($0, part, ":"); if (tolower(part[1]) == name) { found = substr($0, length(part[1]) + 2) } }
    END { gsub(/^[ \t]+|[ \t\r]+$/, "", found); if (length(found) <= 1024) print found }' "$TMP/head"
}

# Where a redirect leads: at most five, never from https to http, never from the public into a private network.
next_hop() {
  hops=$((hops + 1))
  [ "$hops" -le 5 ] || { because 69 "$(shown "$first"): more than 5 redirects"; return 1; }
  [ -n "$redirect" ] || { because 65 "$(shown "$url"): status $status leads nowhere"; return 1; }
  case $url/$redirect in https:*/http:*) because 69 "$(shown "$url") leads to an unencrypted address"; return 1 ;; esac
  if is_private "$redirect" && ! is_private "$first"; then
    because 69 "$(shown "$url") leads to a private address"
    return 1
  fi
  url=$redirect
}

is_private() {
  host=${1#*://} host=${host%%/*} host=${host##*@}
  case $host in
    localhost|localhost:*|127.*|0.*|10.*|192.168.*|169.254.*|172.1[6-9].*|172.2[0-9].*|172.3[01].*) return 0 ;;
    "["*|::1|f[cd]*:*:*|fe[89ab]*:*:*) return 0 ;;
    *) return 1 ;;
  esac
}

# A URL as it may stand in a log: without user, query and fragment.
shown() { printf '%s' "$1" | sed -E 's#[?].*##; s/#.*//; s#//[^/]*@#//#'; }

# Seconds that the server asks for, in either form; only where it may.
retry_after() {
  said=$(header retry-after)
  case $status/$said in
    */) ;;
    429/*[!0-9]*|503/*[!0-9]*)
      until=$(date -d "$said" +%s 2>/dev/null) && [ $((until - $(date +%s))) -gt 0 ] && echo $((until - $(date +%s))) ;;
    429/*|503/*) echo "$said" ;;
  esac
}

# The body as it was before HTTP compressed it. A stream that is cut is temporary; one that grows too large is no data.
undo_coding() {
  case $(header content-encoding) in
    ''|identity) return 0 ;;
    gzip|x-gzip) ;;
    *) because 65 "$(shown "$url") has a content coding that nobody asked for"; return 1 ;;
  esac
  mv "$1" "$1.gz" || unwritten
  patient limited gzip -dc -- "$1.gz" >"$1" 2>"$TMP/error"
  case $? in
    0) rm "$1.gz" ;;
    153) because 65 "$(shown "$url") has more than limits.max_file_bytes = $max_file_bytes bytes" ;;
    *) if grep -q 'space left' "$TMP/error"; then unwritten; fi
       because 75 "$(shown "$url"): its gzip stream is cut" ;;
  esac
}

# looks_like FORMAT FILE: whether its bytes may be csv, json, ndjson or text; else because 65.
looks_like() {
  start=$(head -c 4096 "$2" | tr -d '\000' | sed '1s/^\xef\xbb\xbf//' | tr -d ' \t\r\n' | head -c 60 | tr '[:upper:]' '[:lower:]')
  end=$(tail -c 64 "$2" | tr -d '\000 \t\r\n' | tail -c 1)
  case $start in
    '') because 65 "the body is empty; $1 is expected"; return 1 ;;
    '<!doctypehtml'*|'<html'*|'<head'*|'<body'*) because 65 "the body is an HTML page; $1 is expected"; return 1 ;;
  esac
  case $1/$start/$end in
    text/*|json/"{"*/"}"|json/"["*/"]"|ndjson/"{"*/"}"|ndjson/"["*/"]") ;;
    csv/"<"*|csv/'{"'*) because 65 "the body does not begin like a CSV file" ;;
    csv/*) [ "$(head -c 4096 "$2" | tr -cd '\000' | wc -c)" -eq 0 ] || because 65 "the body does not begin like a CSV file" ;;
    *) because 65 "the body begins or ends unlike $1: it is cut, or something else" ;;
  esac
}

# ---- The seal ---------------------------------------------------------------------------------------------------------

# sealed STATUS FEED KEY BYTES SHA256 URL ETAG LAST_MODIFIED: a line of the seal. What is empty is null.
sealed() {
  # shellcheck disable=SC2016 # a program of jq
  jq -nc --arg status "$1" --arg feed "$2" --arg key "$3" --arg bytes "$4" --arg sha256 "$5" --arg url "$6" \
    --arg etag "$7" --arg last_modified "$8" --arg fetched_at "$(now)" '
    {$feed, $key, $status, $bytes, $sha256, $url, $etag, $last_modified, $fetched_at}
    | map_values(if . == "" then null else . end)
    | if .bytes then .bytes |= tonumber else . end
  ' >>"$TMP/files.ndjson" || unwritten
}

# land FEED KEY FILE URL: what was fetched, as new or, where the lake has the same bytes, as unchanged.
land() {
  known_of "$1" "$2"
  sha256=$(sha256sum <"$3") || unwritten
  sha256=${sha256%% *} bytes=$(wc -c <"$3")
  if [ "$sha256" = "$known_sha256" ]; then
    sealed unchanged "$1" "$2" "$bytes" "$sha256" "$4" "$etag" "$last_modified"
  else
    { mkdir -p "$(dirname "$OUT/files/$1/$2")" && mv "$3" "$OUT/files/$1/$2"; } || unwritten
    sealed new "$1" "$2" "$bytes" "$sha256" "$4" "$etag" "$last_modified"
  fi
}

# seal [STATE]: all lines of $TMP/files.ndjson, renamed last. STATE: JSON for the next run, or nothing.
seal() {
  head=$(jq -c '{protocol, source, run, attempt}' "$REQUEST")
  {
    printf '%s,"files":[\n' "${head%?}" && sed '$!s/$/,/' "$TMP/files.ndjson" && printf '],"state":%s}\n' "${1:-null}"
  } >"$TMP/manifest.json" || unwritten
  mv "$TMP/manifest.json" "$OUT/manifest.json" || unwritten
  say info "sealed" n "$(wc -l <"$TMP/files.ndjson")"
}
