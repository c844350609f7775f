#!/bin/sh
# bench.sh measures payments a second over the whole path, on both engines: bench.sh [DURATION].
#
# SQLite works in a fresh folder below .tmp (on the disk of the repository, not in memory);
# PostgreSQL in a cluster of its own whose commits are durable. docs/performance.md says what the
# figures mean and keeps those of a known machine.
set -eu
cd "$(dirname "$0")/.."

duration=${1:-20s}
mkdir -p .tmp
folder=$(mktemp -d .tmp/bench-XXXXXX)
trap 'rm -rf "$folder"' EXIT

for clients in 1 256; do
	echo "== SQLite, $clients at a time"
	bin/watari bench pay --concurrency "$clients" --duration "$duration" \
		--data "$folder/sqlite-$clients"
	echo "== PostgreSQL, $clients at a time"
	# shellcheck disable=SC2016 # the address is known inside the cluster only
	bin/cluster -fsync sh -c 'bin/watari bench pay --concurrency "$1" --duration "$2" \
		--database "$WATARI_TEST_PG"' sh "$clients" "$duration"
done
