package wechatpay

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/link"
)

// compareGolden compares messages, one a line, with testdata/<name>.txt, or writes the file when
// the environment variable WATARI_UPDATE is 1.
func compareGolden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if os.Getenv("WATARI_UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
	}
}

// The goal is that a change of what is sent is seen. Method: the messages of one payment in the
// three kinds of merchants, compared with files that people read.
func TestMessagesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Credentials{
		"direct":      {MchID: "1900000109", AppID: "wx8888888888888888"},
		"institution": {MchID: "1900000100", AppID: "wx8888888888888888", SubMchID: "1900000109"},
		"sub_app": {MchID: "1900000100", AppID: "wx8888888888888888", SubMchID: "1900000109",
			SubAppID: "wx9999999999999999", MCC: "5999"},
	} {
		acc := &account{Credentials: c}
		sale := link.Authorise{OurRequestID: "leg_01jd9r2k7v0100100000000000b1",
			PaymentID: "pay_1", OrderRef: "TAK-31", Code: "130000000000000001",
			Order: money.MustNew(1980, "JPY"), PayTo: money.MustNew(1980, "JPY"),
			Expires: time.Date(2026, 11, 22, 15, 0, 0, 0, clock.JST),
			Shop: link.Shop{MerchantID: "M-2101", MerchantName: "Sanmachi Sushi KK",
				StoreID: "S-2101-1", StoreName: "三町", TerminalID: "T-1", MCC: "5812",
				Prefecture: "JP-21"}}
		quick := orderOf(acc, sale)
		quick.TradeType, quick.Payer = wire.TradeMicropay, &wire.Payer{AuthCode: sale.Code}
		sale.Description, sale.Shop.MCC, sale.Shop.Prefecture = "飛騨牛にぎり 2 貫", "", ""
		later := orderOf(acc, sale)
		later.TradeType, later.Payer = wire.TradeJSAPI, acc.payer("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
		later.NotifyURL, later.TimeExpire = "https://network.example/n", wire.FormatTime(sale.Expires)
		about := link.About{OurRequestID: sale.OurRequestID, PayTo: sale.PayTo}
		back := refundOf(acc, link.Endpoint{NotifyURL: "https://network.example/n"},
			link.Refund{About: about, RefundID: "ref_1", PayTo: money.MustNew(660, "JPY"),
				Reason: "returned"})
		var lines []string
		for _, m := range []any{quick, later, back, acc.ending()} {
			lines = append(lines, string(wire.Encode(m)))
		}
		lines = append(lines, acc.query(), acc.payerApp(), "")

		compareGolden(t, name, strings.Join(lines, "\n"))
	}
}

// The goal is that texts are cut between characters. Method: every length of a text of characters
// of one to four bytes.
func TestTextsAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	const text = "aé町𠮷b"
	for max := range len(text) + 1 {
		got := cut(text, max)
		if len(got) > max || !strings.HasPrefix(text, got) || strings.ContainsRune(got, '\uFFFD') ||
			len(got)+4 <= max {
			t.Errorf("%d: got %q", max, got)
		}
	}
}
