#!/usr/bin/env bash
# Runs the cases with the Java client, which Maven builds in a build folder.
#
#   run.sh BUILD_FOLDER [CASE…]
#
# PORTRAIT_BUILD is where Portrait was built. Exits with 77 if there is no
# JDK 17 or Maven.
set -euo pipefail
build=$(realpath -m "${1:?the build folder}")
shift
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

command -v javac >/dev/null || skip "no JDK is installed"
command -v mvn >/dev/null || skip "Maven is not installed"
version=$(javac -version 2>&1 | sed 's/javac \([0-9]*\).*/\1/')
[ "$version" -ge 17 ] || skip "Java is $version, the client needs 17 or newer"

mkdir -p "$build"
cd "$build"
# Built from a copy: the client must need nothing outside its folder.
if ! unchanged "$build/built" "$root"/client/java/{pom.xml,src}; then
  rm -rf "$build/package" && mkdir "$build/package"
  cp -r "$root"/client/java/{pom.xml,src} "$build/package"
  fetching "the Java client" mvn --quiet --batch-mode --no-transfer-progress \
    -f "$build/package/pom.xml" -Dportrait.target="$build/client" \
    -Prelease clean package dependency:copy-dependencies
  changed_now
fi
for jar in sources javadoc; do
  ls "$build"/client/portrait-client-*-"$jar".jar >/dev/null
done
classpath="$build/client/*:$build/client/dependency/*"
rm -rf "$build/tests"
javac -Xlint:all -Werror -cp "$classpath" -d "$build/tests" \
  "$clients"/java/*.java "$root"/client/java/examples/*.java
export CLASSPATH="$build/tests:$classpath"
# These programs are short, so less compilation is faster.
export JDK_JAVA_OPTIONS=-XX:TieredStopAtLevel=1
exec python3 "$clients/world.py" bash -c '
  java ClientsTest "$@" &&
  python3 "$0/tests/interop/clients/examples_test.py" \
    "java EnrichCsv" "java FollowChanges" &&
  python3 "$0/tests/interop/clients/readme_test.py" "$0/client/java/README.md" \
    java Main.java java' "$root" "$@"
