#!/bin/sh
# bench-connectors.sh measures what a payment costs with each wallet protocol, on one core:
# bench-connectors.sh [ROUNDS]. The rounds are many and short, so that a floor is measured beside
# its payment on a machine that others use as well. Every figure is processor time of the whole
# process, both sides of the protocol in it, and the median of the rounds; a ratio is the median of
# the rounds' ratios.
#
# floor is every signature and verification of one payment, and nothing else. http is an exchange of
# such bytes over loopback that nobody signs. docs/performance.md keeps the figures of a known
# machine. The build with libcrypto is measured where it can be made.
set -eu
cd "$(dirname "$0")/.."

rounds=${1:-9}
time=${BENCH_TIME:-300ms}
connectors="alipayplus wechatpay paypay linepay"
mkdir -p .tmp
folder=$(mktemp -d "$PWD/.tmp/bench-XXXXXX")
trap 'rm -rf "$folder"' EXIT

builds=go
if CGO_ENABLED=1 go build -tags openssl ./kit/seal 2>"$folder/why"; then
	builds="go openssl"
else
	echo "the build with libcrypto is left out (needs cc and libssl-dev):" >&2
	cat "$folder/why" >&2
fi

for build in $builds; do
	tags='' cgo=0
	[ "$build" = go ] || { tags=openssl cgo=1; }
	for c in kit/seal $(printf 'connect/%s ' $connectors); do
		CGO_ENABLED=$cgo go test -c -tags "$tags" -o "$folder/$build-${c#*/}" "./$c"
	done
done

# measure FOLDER CONNECTOR PATTERN runs one round of a package in every build.
measure() {
	for build in $builds; do
		(cd "$1" && "$folder/$build-$2" -test.run '^$' -test.cpu 1 -test.benchtime "$time" \
			-test.bench "$3") | awk -v build="$build" -v name="$2" '
			/^Benchmark/ { for (i = 2; i < NF; i++) if ($(i + 1) == "cpu-ns/op")
				print build, name, substr($1, 10), $i }' >>"$folder/figures"
	done
}

round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	measure kit/seal seal 'Sign|Verify'
	for c in $connectors; do
		measure "connect/$c" "$c" '^Benchmark(Payment|CryptoFloor|Exchange)$'
	done
done

awk '
function median(list,   n, v, i, j, t) {
	n = split(list, v, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) {
			t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
		}
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
function ratios(above, below, more, times,   n, a, c, e, i, list) {
	n = split(above, a, " "); split(below, c, " "); split(more, e, " ")
	for (i = 1; i <= n; i++) list = list " " a[i] / (c[i] + times * e[i])
	return median(list)
}
function row(build, name, part, http,   p, f, e) {
	p = all[build, name, "Payment" part]
	f = all[build, name, "CryptoFloor" part]
	e = all[build, name, "Exchange"]
	if (p != "")
		printf "%-8s %-16s %8.1f %6.1f %9.1f %10.0f %9.2f %14.2f\n", build, name part,
			median(f) / 1000, http * median(e) / 1000, median(p) / 1000, 1e9 / median(p),
			ratios(p, f, e, 0), ratios(p, f, e, http)
}
{ all[$1, $2, $3] = all[$1, $2, $3] " " $4; builds[$1] = 1 }
END {
	n = split("go openssl", order, " ")
	print "build    operation          µs a core"
	for (i = 1; i <= n; i++) if (order[i] in builds) {
		split("Sign/2048 Sign/4096 Verify", ops, " ")
		for (k = 1; k <= 3; k++)
			printf "%-8s %-16s %11.1f\n", order[i], ops[k], median(all[order[i], "seal", ops[k]]) / 1000
	}
	print ""
	print "build    payment         floor µs http µs payment µs  a s. core  to floor  to floor+http"
	for (i = 1; i <= n; i++) if (order[i] in builds) {
		row(order[i], "alipayplus", "/leg", 1)
		row(order[i], "alipayplus", "/whole", 2)
		row(order[i], "wechatpay", "", 1)
		row(order[i], "paypay", "", 1)
		row(order[i], "linepay", "", 1)
	}
}' "$folder/figures"
