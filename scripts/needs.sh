#!/bin/sh
# needs.sh makes sure that what the tests need is on this machine: PostgreSQL (its server
# programs; no running server), Chromium, a font with Chinese, Japanese and Korean glyphs, and
# poppler's tools, which draw the pages of a PDF.
#
# What is missing is installed from Debian's packages, as root or by a sudo that asks nothing.
# Otherwise the one command that a person has to run is printed, and the script fails.
set -eu

have_postgres() {
	for initdb in "${PG_BIN:-/nowhere}/initdb" /usr/lib/postgresql/*/bin/initdb; do
		[ -x "$initdb" ] && return 0
	done
	command -v initdb >/dev/null 2>&1
}

have_chromium() {
	[ -x "${WATARI_CHROMIUM:-/nowhere}" ] ||
		command -v chromium >/dev/null 2>&1 ||
		command -v chromium-browser >/dev/null 2>&1 ||
		command -v google-chrome >/dev/null 2>&1
}

have_cjk_font() {
	if command -v fc-list >/dev/null 2>&1; then
		[ -n "$(fc-list :lang=ja family)" ] && [ -n "$(fc-list :lang=zh-cn family)" ]
	else
		ls /usr/share/fonts/opentype/noto/NotoSansCJK-*.ttc >/dev/null 2>&1
	fi
}

have_poppler() {
	command -v pdftoppm >/dev/null 2>&1 && command -v pdftotext >/dev/null 2>&1
}

missing() {
	have_postgres || printf ' postgresql'
	have_chromium || printf ' chromium'
	have_cjk_font || printf ' fonts-noto-cjk'
	have_poppler || printf ' poppler-utils'
}

packages=$(missing)
[ -n "$packages" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "The tests need these, under Debian's names:$packages" >&2
	echo "This machine has no apt-get: install them its own way, then run make test again." >&2
	exit 1
fi

options='-y --no-install-recommends -o DPkg::Lock::Timeout=300'
install="apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install $options$packages"

if [ "$(id -u)" = 0 ]; then
	echo "installing:$packages"
	sh -c "$install" </dev/null
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	echo "installing (by sudo):$packages"
	sudo -n sh -c "$install" </dev/null
else
	echo "The tests need:$packages. Run this once, as root:" >&2
	echo >&2
	echo "  $install" >&2
	exit 1
fi

packages=$(missing)
if [ -n "$packages" ]; then
	echo "still missing after the installation:$packages" >&2
	exit 1
fi
