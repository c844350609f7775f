package fee_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"watari/kit/money"
	"watari/pay/fee"
)

// Goal: fees are those of hand-checked cases (E1, E2, E4). Method: testdata/fees.txt.
func TestFeesOfPlans(t *testing.T) {
	t.Parallel()
	var plan fee.Plan
	for n, line := range lines(t, "testdata/fees.txt") {
		if prices, ok := strings.CutPrefix(line, "plan "); ok {
			plan = readPlan(t, prices)
			continue
		}
		question, answer, ok := strings.Cut(line, " => ")
		currency, minor, ok2 := strings.Cut(question, " ")
		if !ok || !ok2 {
			t.Fatalf("case %d: %q is not a case", n, line)
		}
		amount := money.MustNew(number(t, minor), money.Currency(currency))

		p := fee.Of(plan, amount)

		got := fmt.Sprintf("%d %d %d %d", p.MDR, p.Interchange, p.Scheme, p.Bank())
		if got != answer {
			t.Errorf("%s under %+v: got %s, want %s", question, plan, got, answer)
		}
	}
}

// Goal: steps are those of hand-checked cases. Method: testdata/refunds.txt.
func TestStepsOfRefunds(t *testing.T) {
	t.Parallel()
	for _, line := range lines(t, "testdata/refunds.txt") {
		question, want, _ := strings.Cut(line, " => ")
		amounts, refunds, _ := strings.Cut(question, " : ")
		first, second, _ := strings.Cut(amounts, " of ")
		total, paid := number(t, first), number(t, second)

		var cumulative, given int64
		var got []string
		for refund := range strings.FieldsSeq(refunds) {
			cumulative += number(t, refund)
			step := fee.Step(total, paid, cumulative, given)
			given += step
			got = append(got, strconv.FormatInt(step, 10))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: got %s, want %s", question, text, want)
		}
	}
}

// Goal: fees stay within the amount, and the bank earns at a price that covers its costs (E2, E3).
// Method: property.
func TestRoundingNeverCostsTheBank(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ppm := rapid.Int64Range(0, 200_000)
		fixed := rapid.Int64Range(0, 20)
		p := fee.Plan{
			Interchange:      money.PPM(ppm.Draw(t, "interchange")),
			InterchangeFixed: fixed.Draw(t, "interchange fixed"),
			Scheme:           money.PPM(ppm.Draw(t, "scheme")),
			SchemeFixed:      fixed.Draw(t, "scheme fixed"),
		}
		p.MDR = p.Interchange + p.Scheme + money.PPM(ppm.Draw(t, "margin"))
		p.MDRFixed = p.InterchangeFixed + p.SchemeFixed + fixed.Draw(t, "margin fixed")
		amount := money.MustNew(rapid.OneOf(rapid.Int64Range(1, 10_000),
			rapid.Int64Range(1, money.MinorMax)).Draw(t, "amount"), "JPY")

		parts := fee.Of(p, amount)

		if parts.MDR < 0 || parts.Interchange < 0 || parts.Scheme < 0 ||
			parts.MDR > amount.Minor() || parts.Interchange+parts.Scheme > amount.Minor() {
			t.Fatalf("%+v on %s is outside the amount", parts, amount)
		}
		if parts.Bank() < 0 {
			t.Fatalf("%+v on %s under %+v costs the bank %d", parts, amount, p, -parts.Bank())
		}
	})
}

// Goal: a broken plan is a defect, not a price. Method: each limit.
func TestBrokenPlanPanics(t *testing.T) {
	t.Parallel()
	for _, p := range []fee.Plan{{MDR: -1}, {MDR: money.Whole + 1}, {Interchange: -1},
		{Scheme: money.Whole + 1}, {MDRFixed: -1}, {SchemeFixed: money.MinorMax + 1}} {
		if p.Valid() {
			t.Errorf("%+v is valid", p)
		}
		panics(t, func() { fee.Of(p, money.MustNew(1, "JPY")) })
	}
}

// Goal: 1,980 refunds of one yen return exactly everything (E5). Method: do them.
func TestEveryYenRefundedAloneReturnsExactlyTheFees(t *testing.T) {
	t.Parallel()
	total := fee.Of(fee.Plan{MDR: 32_500, Interchange: 11_000, Scheme: 2_000},
		money.MustNew(1980, "JPY"))

	var given fee.Parts
	var payTo int64
	for n := int64(1); n <= 1980; n++ {
		step := fee.Returned(total, 1980, n, given)
		if step.MDR < 0 || step.MDR > 1 || step.Interchange < 0 || step.Scheme < 0 {
			t.Fatalf("refund %d returns %+v", n, step)
		}
		given = given.Plus(step)
		payTo += fee.Step(8464, 1980, n, payTo)
	}
	if given != total || payTo != 8464 {
		t.Errorf("returned %+v of %+v and %d of 8464", given, total, payTo)
	}
}

// Goal: any sequence of refunds, with some that fail, never returns too much, and exactly the
// total at the end (E5). Method: property: reserve, then succeed or fail in any order.
func TestAnySequenceOfRefundsReturnsExactlyTheTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		paid := rapid.Int64Range(1, 5_000).Draw(t, "paid")
		total := fee.Parts{
			MDR:         rapid.Int64Range(0, paid).Draw(t, "mdr"),
			Interchange: rapid.Int64Range(0, 3).Draw(t, "interchange"),
			Scheme:      rapid.Int64Range(0, money.MinorMax).Draw(t, "scheme"),
		}
		type refund struct {
			minor int64
			parts fee.Parts
		}
		var open []refund
		var cumulative int64
		var given fee.Parts
		reserve := func(minor int64) {
			cumulative += minor
			r := refund{minor, fee.Returned(total, paid, cumulative, given)}
			given = given.Plus(r.parts)
			open = append(open, r)
		}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			if cumulative < paid && rapid.Bool().Draw(t, "reserve") {
				reserve(rapid.Int64Range(1, paid-cumulative).Draw(t, "refund"))
			} else if len(open) > 0 {
				i := rapid.IntRange(0, len(open)-1).Draw(t, "which")
				if rapid.Bool().Draw(t, "fails") {
					cumulative -= open[i].minor
					given = given.Plus(fee.Parts{MDR: -open[i].parts.MDR,
						Interchange: -open[i].parts.Interchange, Scheme: -open[i].parts.Scheme})
				}
				open = append(open[:i], open[i+1:]...)
			}
			if given.MDR > total.MDR || given.Interchange > total.Interchange ||
				given.Scheme > total.Scheme || given.MDR < 0 || given.Scheme < 0 {
				t.Fatalf("given %+v of %+v", given, total)
			}
		}
		if cumulative < paid {
			reserve(paid - cumulative)
		}
		if given != total {
			t.Fatalf("after the full refund: given %+v of %+v", given, total)
		}
	})
}

// Goal: a refund that was not checked is a defect. Method: each limit of Step.
func TestUncheckedRefundPanics(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]int64{{10, 100, 0, 0}, {10, 100, 101, 0}, {10, 100, 50, 11},
		{10, 100, 50, -1}, {10, 0, 0, 0}} {
		panics(t, func() { fee.Step(c[0], c[1], c[2], c[3]) })
	}
}

// lines returns the lines of a case file without comments and empty lines.
func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// readPlan reads "mdr 32500+10 interchange 11000 scheme 0+1".
func readPlan(t *testing.T, text string) fee.Plan {
	t.Helper()
	words := strings.Fields(text)
	if len(words) != 6 {
		t.Fatalf("%q is not a plan", text)
	}
	prices := map[string][2]int64{}
	for i := 0; i < len(words); i += 2 {
		rate, fixed, ok := strings.Cut(words[i+1], "+")
		if !ok {
			fixed = "0"
		}
		prices[words[i]] = [2]int64{number(t, rate), number(t, fixed)}
	}
	m, i, s := prices["mdr"], prices["interchange"], prices["scheme"]
	return fee.Plan{MDR: money.PPM(m[0]), MDRFixed: m[1], Interchange: money.PPM(i[0]),
		InterchangeFixed: i[1], Scheme: money.PPM(s[0]), SchemeFixed: s[1]}
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func panics(t *testing.T, fn func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("want a panic")
		}
	}()
	fn()
}
