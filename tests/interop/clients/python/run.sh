#!/usr/bin/env bash
# Runs the cases with the Python client, which pip installs into a build folder.
#
#   run.sh BUILD_FOLDER [ARGUMENT_OF_UNITTEST…]
#
# PORTRAIT_BUILD is where Portrait was built. Exits with 77 if there is no
# Python 3.9 with venv.
set -euo pipefail
build=$(realpath -m "${1:?the build folder}")
shift
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' ||
  skip "Python is $(python3 --version), the client needs 3.9 or newer"
python3 -c 'import venv, ensurepip' ||
  skip "Python has no venv (Debian: python3-venv)"

mkdir -p "$build"
sources=("$root"/client/python/{pyproject.toml,README.md,portrait.py,portrait_client})
if ! unchanged "$build/installed" "${sources[@]}"; then
  # pip writes to the folder of the sources, so it gets a copy.
  rm -rf "$build/package" && mkdir "$build/package"
  cp -r "${sources[@]}" "$build/package"
  python3 -m venv "$build/venv"
  fetching "the Python client" "$build/venv/bin/pip" install --quiet \
    --retries 2 --timeout 60 --disable-pip-version-check \
    --force-reinstall --no-deps "$build/package"
  fetching "the Python client's packages" "$build/venv/bin/pip" install \
    --quiet --retries 2 --timeout 60 --disable-pip-version-check \
    "$build/package"
  fetching "pandas, which the tests use" "$build/venv/bin/pip" install \
    --quiet --retries 2 --timeout 60 --disable-pip-version-check pandas
  changed_now
fi
export PYTHONDONTWRITEBYTECODE=1
export EXAMPLES="$build/venv/bin/python $root/client/python/examples"
cd "$build"
exec python3 "$clients/world.py" bash -c '
  "$0" "$@" && python3 '"$clients"'/examples_test.py \
    "$EXAMPLES/enrich_csv.py" "$EXAMPLES/follow_changes.py" &&
  python3 '"$clients"'/readme_test.py '"$root"'/client/python/README.md \
    python example.py "$0"' \
  "$build/venv/bin/python" "$clients/python/clients_test.py" "$@"
