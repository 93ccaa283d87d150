# Shared by the clients' run.sh scripts. Sourced.

clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$clients/../../.." && pwd)

# skip WHY: ends the script with 77, because the toolchain is missing.
skip() {
  echo "SKIPPED: $1; this client's cases did not run" >&2
  exit 77
}

# fetching WHAT COMMAND…: runs a download up to three times, at most five minutes
# each.
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

# unchanged STAMP FOLDER…: whether the folders' files are unchanged since
# `changed_now` last wrote STAMP.
unchanged() {
  stamp=$1
  shift
  print=$(find "$@" -type f -not -path '*/node_modules/*' -not -name '*.pyc' \
    -print0 | sort -z | xargs -0 sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" = "$print" ]
}
changed_now() { printf '%s\n' "$print" >"$stamp"; }
