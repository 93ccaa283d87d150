# Shared by the clients' run.sh scripts. Sourced.

clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$clients/../../.." && pwd)

# skip WHY: what the toolchain is missing for.
skip() {
  echo "SKIPPED: $1; this client's cases did not run" >&2
  exit 77
}

# fetching WHAT COMMAND…: a download, tried three times, five minutes each.
fetching() {
  local what=$1 try
  shift
  for try in 1 2 3; do
    timeout 300 "$@" && return
    echo "try $try of 3: $what could not be fetched or built" >&2
    sleep "$try"
  done
  echo "FAILED: $what could not be fetched or built; see above. The first run" \
    "needs the language's package registry." >&2
  exit 1
}

# unchanged STAMP FOLDER…: whether the folders' files are those that STAMP was
# last written for; writes it with `changed_now`.
unchanged() {
  stamp=$1
  shift
  print=$(find "$@" -type f -not -path '*/node_modules/*' -not -name '*.pyc' \
    -print0 | sort -z | xargs -0 sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" = "$print" ]
}
changed_now() { printf '%s\n' "$print" >"$stamp"; }
