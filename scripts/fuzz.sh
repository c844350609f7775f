#!/bin/sh
# fuzz.sh runs every fuzz target for a while: fuzz.sh [DURATION, 20s by default].
#
# A crasher is written by Go below the package's testdata/fuzz and belongs into the repository.
set -eu

duration=${1:-20s}

grep -ro --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . |
	sort | while IFS=: read -r file declaration; do
	package=$(dirname "$file")
	target=${declaration#func }
	echo "== $package $target for $duration"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$duration" "$package" </dev/null || exit 1
done
