#!/bin/sh
# tools.sh checks that Go and Node are there and new enough, before a build fails less clearly.
set -eu

fail() {
	echo "$1" >&2
	exit 1
}

# at_least GOT WANTED compares two versions, number by number.
at_least() {
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

command -v go >/dev/null 2>&1 || fail 'Watari is built with Go 1.26 or newer (https://go.dev/dl/).'
go=$(go env GOVERSION | sed 's/^go//; s/[^0-9.].*//')
at_least "$go" 1.26 || fail "Watari is built with Go 1.26 or newer; this is Go $go."

command -v npm >/dev/null 2>&1 ||
	fail 'The pages are bundled with Node 20 or newer (https://nodejs.org/).'
node=$(node --version | sed 's/^v//')
at_least "$node" 20 || fail "The pages are bundled with Node 20 or newer; this is Node $node."
