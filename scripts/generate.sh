#!/bin/sh
# generate.sh writes anew what tools make and the repository keeps: the Go code of the pages, the
# diagrams of the state tables, the API's document, the Go client of the API.
#
# generate.sh --check writes nothing: it fails when the Go code of a page is not what its .templ
# file says, or the client not what the document says. (The diagrams and the document are compared
# by tests of their own.)
set -eu
cd "$(dirname "$0")/.."

templates=$(git -c safe.directory='*' ls-files -co --exclude-standard '*.templ')

# templ_generate FOLDER runs templ, at the version that go.mod names, on all pages in FOLDER.
templ_generate() {
	version=$(go list -m -f '{{.Version}}' github.com/a-h/templ)
	tool="$PWD/.tmp/templ-$version"
	[ -x "$tool/templ" ] ||
		GOBIN="$tool" go install "github.com/a-h/templ/cmd/templ@$version"
	(cd "$1" && "$tool/templ" generate -log-level error)
}

# client_generate FOLDER DOCUMENT runs oapi-codegen, at this version, for the client in FOLDER.
# Generated files say so in their first line, so what stands before that is dropped.
client_generate() {
	version=v2.8.2
	tool="$PWD/.tmp/oapi-codegen-$version"
	[ -x "$tool/oapi-codegen" ] || GOBIN="$tool" go install \
		"github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@$version"
	for part in models client; do
		(cd "$1" && "$tool/oapi-codegen" -config "$part.yaml" "$2" &&
			sed -i '1,/^\/\/ Code generated /{/^\/\/ Code generated /!d}' "$part.gen.go")
	done
}

if [ "${1:-}" = --check ]; then
	copy=$(mktemp -d)
	trap 'rm -rf "$copy"' EXIT
	for template in $templates; do
		mkdir -p "$copy/$(dirname "$template")"
		cp "$template" "$copy/$template"
	done
	templ_generate "$copy"
	stale=0
	for template in $templates; do
		code=${template%.templ}_templ.go
		cmp -s "$copy/$code" "$code" || { echo "$code is not what $template says"; stale=1; }
	done
	mkdir "$copy/client"
	cp api/client/*.yaml "$copy/client"
	client_generate "$copy/client" "$PWD/api/openapi.json"
	for part in models client; do
		cmp -s "$copy/client/$part.gen.go" "api/client/$part.gen.go" ||
			{ echo "api/client/$part.gen.go is not what api/openapi.json says"; stale=1; }
	done
	[ "$stale" = 0 ] || echo 'run make generate'
	exit "$stale"
fi

[ -z "$templates" ] || templ_generate .
drawn=$(grep -rl --include='*_test.go' 'fsmtest\.Diagram(' . | xargs -r -n 1 dirname | sort -u)
for package in $drawn ./api; do
	if ls "$package"/*_test.go >/dev/null 2>&1; then
		WATARI_UPDATE=1 go test -count=1 "$package"
	fi
done
client_generate api/client "$PWD/api/openapi.json"
