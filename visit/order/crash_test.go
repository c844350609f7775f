package order_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watari/kit/crash"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/i18n"
	"watari/pay/link"
	"watari/pay/payment"
	"watari/visit/order"
)

// visit is what a visitor does: hold two adults, pay in the wallet, give one back, and wait for the
// money. Done again after it was broken off anywhere, it ends in the same.
func (r *rig) visit() error {
	ctx := context.Background()
	o, err := r.Hold(ctx, order.Request{RequestID: "visit", Seller: "stall", Place: "stl_1",
		VisitorID: "vis_1", Channel: "visitor", IssuerID: r.issuer.ID, Lang: i18n.English,
		Items: []order.Item{{Product: "day", Day: day, Unit: "adult", Count: 2}}})
	if err != nil {
		return fmt.Errorf("hold: %w", err)
	}
	if o.State == order.StateHeld || o.State == order.StatePaying {
		if o, err = r.payNow(o); err != nil {
			return err
		}
	}
	if o.State != order.StatePaid {
		return fmt.Errorf("the order is %s", o.State)
	}
	if _, err = r.Cancel(ctx, o.ID, lines(2), 5580, "c1", "visitor:1"); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	ctx, end := context.WithTimeout(ctx, time.Minute)
	defer end()
	go r.Run(ctx)
	for ctx.Err() == nil {
		if o, err = r.Find(ctx, o.ID); err == nil && o.Refunded == 5580 {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("the money is not back")
}

// payNow pays an order, unless its payment turns out to be paid.
func (r *rig) payNow(o *order.Order) (*order.Order, error) {
	ctx := context.Background()
	address, o, err := r.Pay(ctx, o.ID, back)
	if err != nil || o.State == order.StatePaid {
		return o, err
	}
	p, err := r.pay.ByToken(ctx, address[len("https://pay.example/pay/"):])
	if err != nil {
		return o, err
	}
	form, err := r.pay.Choose(ctx, payment.Choice{Payment: p, IssuerNo: r.issuer.No,
		Way: link.WayPage, Began: r.now()})
	if errors.Is(err, payment.ErrClosed) {
		return r.Settle(ctx, o.ID) // the schedule has found it paid: the payer is sent back
	}
	if err != nil {
		return o, fmt.Errorf("choose: %w", err)
	}
	leg := form.PageURL[len("https://wallet.example/"):]
	if err := r.pay.Notify(ctx, r.issuer.No, link.Notice{OurRequestID: leg,
		Answer: r.wallet.pays(leg)}); err != nil {
		return o, fmt.Errorf("notify: %w", err)
	}
	return r.Settle(ctx, o.ID)
}

// known finds the parties that another process has seeded.
func (r *rig) known() {
	ctx := context.Background()
	var err error
	r.bank, err = r.dir.ByID(ctx, "ACQ_YAMA")
	r.do("find the bank", err)
	r.issuer, err = r.dir.ByID(ctx, "PSP_TEST")
	r.do("find the wallet", err)
	r.stall.point = order.Point{AcquirerNo: r.bank.No, MerchantID: "PARK", StoreID: "GATE"}
	r.stall.issuerNo, r.stall.issuerID = r.issuer.No, r.issuer.ID
}

// deaths are the places at which a visit is broken off: the commits that it makes, of orders and of
// payments alike, and what lies between them.
func deaths() (out []string) {
	for n := range 12 {
		out = append(out, fmt.Sprint(crash.InBatch, " ", n+1))
	}
	for _, p := range []crash.Point{crash.BeforeOpen, crash.AfterOpen, crash.BeforeReturn,
		crash.BeforeGive, crash.AfterGive, crash.AfterReturn, crash.AfterLease} {
		out = append(out, fmt.Sprint(p, " 1"))
	}
	return out
}

// mortal builds this package's tests so that they can be killed at every point.
func mortal(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "mortal.test")
	out, err := exec.Command("go", "test", "-c", "-tags", "crash", "-o", bin, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// Goal: wherever the process dies while a visitor buys and gives back, the visit done again ends as
// if it had not: one order, paid once, one ticket, the refund made once, and everything verifies.
// Method: a process for each death, killed there; then the visit once more on the same store, with
// the wallet as it is.
func TestVisitSurvivesEveryDeath(t *testing.T) {
	t.Parallel()
	bin := mortal(t)
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			for _, death := range deaths() {
				dies(t, bin, e, death)
			}
		})
	}
}

func dies(t *testing.T, bin string, e db.Engine, death string) {
	t.Helper()
	location := dbtest.Migrated(t, e, sets()...)
	d := dbtest.Open(t, location, db.Options{})
	r := newRig(t, d)
	r.seed()
	r.wallet.shared = filepath.Join(t.TempDir(), strings.ReplaceAll(death, " ", "-"))
	point, nth, _ := strings.Cut(death, " ")
	cmd := exec.Command(bin)
	cmd.Env = append(os.Environ(), childStore+"="+location, childBook+"="+r.wallet.shared,
		childVisit+"=1", "WATARI_CRASH_AT="+point, "WATARI_CRASH_NTH="+nth)
	out, err := cmd.CombinedOutput()
	var killed *exec.ExitError
	if !errors.As(err, &killed) || killed.ExitCode() != -1 {
		t.Errorf("%s: it did not die: %v\n%s", death, err, out)
	}
	r.forward(time.Minute) // the requests of the dead have ended, its leases are over
	stop := r.schedule()
	if err := r.visit(); err != nil {
		t.Errorf("%s: again: %v", death, err)
	}
	stop()
	os, _, err := r.List(t.Context(), order.Filter{Seller: "stall", Place: "stl_1"})
	if err != nil || len(os) != 1 || os[0].State != order.StatePaid || os[0].Price() != 5580 {
		t.Errorf("%s: %d orders, %v", death, len(os), err)
	}
	paid, back := 0, 0
	r.wallet.gave("") // reads what the dead process did
	for leg := range r.wallet.paid {
		_, n := r.wallet.gave(leg)
		paid, back = paid+1, back+n
	}
	if paid != 1 || back != 1 {
		t.Errorf("%s: %d payments, %d refunds", death, paid, back)
	}
	r.verify()
}
