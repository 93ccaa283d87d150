# Shared by the scripts of this folder: installing and building. Sourced.

portrait_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# install_packages [FILE]: installs what is missing of the packages in that file
# of this folder, as root or through sudo.
install_packages() {
  local missing=() name
  while read -r name; do
    case $name in '' | \#*) continue ;; esac
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null |
      grep -q 'install ok installed' || missing+=("$name")
  done <"$portrait_root/deploy/${1:-packages.txt}"
  [ ${#missing[@]} -eq 0 ] && return
  say "Installing ${#missing[@]} Debian packages"
  command -v apt-get >/dev/null ||
    fail "apt-get not found: Portrait installs on Debian 12; missing: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      fail "not root and no sudo; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# The interval of progress reports if there is no terminal.
progress_seconds=30

# report_progress: passes on what ninja writes, but for its status lines, which
# start with "@PERCENT@": only every progress_seconds one of them is reported.
report_progress() {
  local line percent='  0%' reported=$SECONDS
  while true; do
    if IFS= read -r -t "$((progress_seconds > 0 ? progress_seconds : 1))" line; then
      case $line in
      @*%@*)
        percent=${line#@}
        percent=${percent%%@*}
        ;;
      'ninja: Entering directory '* | 'ninja: no work to do.') ;;
      *) printf '%s\n' "$line" ;;
      esac
    # A value above 128 is a timeout, others the end of the input.
    elif [ $? -le 128 ]; then
      return
    fi
    if [ $((SECONDS - reported)) -ge "$progress_seconds" ]; then
      printf 'building: %s\n' "${percent# }"
      reported=$SECONDS
    fi
  done
}

# build PRESET TARGET…: configures and builds under build/PRESET. One at a time:
# a second script beside this one waits for the first.
build() {
  local preset=$1
  shift
  mkdir -p "$portrait_root/build"
  (
    flock -n 9 || {
      say "Another build is under way; waiting for it"
      flock 9
    }
    cd "$portrait_root"
    cmake --preset "$preset" >"build/configure-$preset.log" 2>&1 || {
      cat "build/configure-$preset.log" >&2
      fail "configuring failed"
    }
    # In a log file, a line per step would hide all other lines.
    if [ -t 1 ]; then
      ninja -C "build/$preset" "$@"
    else
      NINJA_STATUS='@%p@ ' ninja -C "build/$preset" "$@" | report_progress
    fi
  ) 9>"$portrait_root/build/.lock"
}
