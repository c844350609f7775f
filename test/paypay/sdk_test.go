package paypay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/sandbox/paypay"
	"watari/sandbox/wallet"
)

const user = "pochi-01"

// merchant is a shop that uses the library, and the wallet that it calls.
type merchant struct {
	t       *testing.T
	folder  string // with the library
	env     []string
	wallet  *wallet.Wallet
	front   *paypay.Front
	secrets paypay.Secrets
}

func newMerchant(t *testing.T) *merchant {
	t.Helper()
	m := &merchant{t: t, folder: t.TempDir()}
	_, own, err := paypay.Credentials("pochi")
	m.do("make an agreement", err)
	m.do("read it", json.Unmarshal(own, &m.secrets))
	log := slog.New(slog.DiscardHandler)
	m.wallet = wallet.New(dbtest.New(t, db.SQLite, wallet.Migrations), wallet.Profile{ID: "pochi",
		Protocol: "paypay", Name: "Pochi Pay", Currency: "JPY", Opening: 100_000,
		PINAbove: 50_000, Lang: "ja", Terms: paypay.Terms()}, wallet.Timing{}, log)
	m.do("open an account", m.wallet.AddUsers(t.Context(), wallet.User{ID: user}))
	mux := http.NewServeMux()
	server := httptest.NewUnstartedServer(mux)
	server.StartTLS() // the library speaks nothing else
	m.front, err = paypay.New(wallet.Parts{Wallet: m.wallet, Timing: m.wallet.Timing(), Log: log,
		BaseURL: server.URL, Secrets: own,
		Networks: func(context.Context) ([]string, error) { return nil, nil }})
	m.do("make the front", err)
	wallet.NewServer(m.wallet, m.front, log).Register(mux)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { m.wallet.Run(ctx, m.front) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		server.Close()
		m.front.Close()
	})
	authority := filepath.Join(m.folder, "authority.pem")
	m.do("write the certificate", os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{
		Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	u, err := url.Parse(server.URL)
	m.do("read the address", err)
	m.env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+authority, "PAYPAY_PORT="+u.Port(),
		"PAYPAY_KEY="+m.secrets.APIKey, "PAYPAY_SECRET="+m.secrets.APISecret,
		"PAYPAY_MERCHANT="+m.secrets.MerchantID)
	m.install()
	return m
}

func (m *merchant) do(what string, err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatalf("%s: %v", what, err)
	}
}

// install puts the library into the merchant's folder.
func (m *merchant) install() {
	m.t.Helper()
	for _, name := range []string{"package.json", "package-lock.json", "drive.js"} {
		text, err := os.ReadFile(name)
		m.do("read "+name, err)
		m.do("copy "+name, os.WriteFile(filepath.Join(m.folder, name), text, 0o600))
	}
	m.run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")
}

// run runs a program of Node.js in the merchant's folder and returns what it printed.
func (m *merchant) run(name string, args ...string) []byte {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = m.folder, m.env
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		m.t.Fatalf("%s: %v (install Debian's nodejs and npm)\n%s%s", name, err, out, &complaint)
	}
	return out
}

// answer is what the library makes of an answer.
type answer struct {
	Status int `json:"STATUS"`
	Body   struct {
		Result struct {
			Code string `json:"code"`
		} `json:"resultInfo"`
		Data map[string]any `json:"data"`
	} `json:"BODY"`
	Error string `json:"ERROR"`
}

// call makes a call with the library.
func (m *merchant) call(name string, args ...any) answer {
	m.t.Helper()
	var a answer
	m.do("read the answer to "+name, json.Unmarshal(m.ask(name, args...), &a))
	return a
}

// ask makes a call and returns the last line of what was printed.
func (m *merchant) ask(name string, args ...any) []byte {
	m.t.Helper()
	text, err := json.Marshal(args)
	m.do("write the arguments", err)
	out := m.run("node", "drive.js", name, string(text))
	return out[bytes.LastIndexByte(out, '\n')+1:]
}

// wants checks an answer.
func (m *merchant) wants(what string, a answer, status int, code string) map[string]any {
	m.t.Helper()
	if a.Status != status || a.Body.Result.Code != code {
		m.t.Fatalf("%s: got %+v, want HTTP %d %s", what, a, status, code)
	}
	return a.Body.Data
}

type object = map[string]any

func code(id string, hold bool) object {
	return object{"merchantPaymentId": id, "codeType": "ORDER_QR", "orderDescription": "寿司",
		"amount": object{"amount": 1980, "currency": "JPY"}, "isAuthorization": hold,
		"redirectUrl": "https://shop.example/back", "redirectType": "WEB_LINK"}
}

// scan is a user who scans a code and agrees.
func (m *merchant) scan(text any) {
	m.t.Helper()
	s, err := m.wallet.Scan(m.t.Context(), m.front, user, text.(string), nil)
	m.do("scan", err)
	p, err := m.wallet.Payment(m.t.Context(), s.RequestID)
	m.do("find the payment", err)
	_, err = m.wallet.Confirm(m.t.Context(), user, p.PaymentID, wallet.PIN)
	m.do("agree", err)
}

// The goal is that PayPay's own library can do everything with the sandbox that Watari does: codes,
// payments, refunds, cancels, promises, consents; and nothing with another key or merchant.
func TestOfficialLibraryWorksWithTheSandbox(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	m.pay()
	m.hold()
	m.consent()
	m.wrong()
}

func (m *merchant) pay() {
	m.t.Helper()
	made := m.wants("make a code", m.call("QRCodeCreate", code("M-1", false)), 201, "SUCCESS")
	open := m.wants("look", m.call("GetCodePaymentDetails", []string{"M-1"}), 200, "SUCCESS")
	if open["status"] != "CREATED" {
		m.t.Errorf("before it is paid: %v", open)
	}
	m.scan(made["url"])
	paid := m.wants("look", m.call("GetCodePaymentDetails", []string{"M-1"}), 200, "SUCCESS")
	if paid["status"] != "COMPLETED" || paid["merchantPaymentId"] != "M-1" {
		m.t.Errorf("paid: %v", paid)
	}
	m.wants("make it again", m.call("QRCodeCreate", code("M-1", false)), 400,
		"DUPLICATE_DYNAMIC_QR_REQUEST")
	m.wants("delete it", m.call("QRCodeDelete", []any{made["codeId"]}), 400,
		"DYNAMIC_QR_ALREADY_PAID")
	m.wants("refund", m.call("PaymentRefund", object{"merchantRefundId": "R-1",
		"paymentId": paid["paymentId"], "amount": object{"amount": 980, "currency": "JPY"}}),
		200, "SUCCESS")
	back := m.wants("look", m.call("GetRefundDetails", []string{"R-1"}), 200, "SUCCESS")
	if back["status"] != "REFUNDED" {
		m.t.Errorf("refunded: %v", back)
	}
	made = m.wants("make a code", m.call("QRCodeCreate", code("M-2", false)), 201, "SUCCESS")
	m.wants("delete it", m.call("QRCodeDelete", []any{made["codeId"]}), 200, "SUCCESS")
	made = m.wants("make a code", m.call("QRCodeCreate", code("M-3", false)), 201, "SUCCESS")
	m.scan(made["deeplink"])
	m.wants("cancel", m.call("PaymentCancel", []string{"M-3"}), 202, "REQUEST_ACCEPTED")
	gone := m.wants("look", m.call("GetPaymentDetails", []string{"M-3"}), 200, "SUCCESS")
	if gone["status"] != "FAILED" {
		m.t.Errorf("cancelled: %v", gone)
	}
	m.wants("look for nothing", m.call("GetCodePaymentDetails", []string{"M-9"}), 400,
		"DYNAMIC_QR_PAYMENT_NOT_FOUND")
}

func (m *merchant) hold() {
	m.t.Helper()
	made := m.wants("make a code", m.call("QRCodeCreate", code("M-4", true)), 201, "SUCCESS")
	m.scan(made["url"])
	held := m.wants("look", m.call("GetCodePaymentDetails", []string{"M-4"}), 200, "SUCCESS")
	if held["status"] != "AUTHORIZED" {
		m.t.Errorf("promised: %v", held)
	}
	taken := m.wants("capture", m.call("PaymentAuthCapture", object{"merchantPaymentId": "M-4",
		"merchantCaptureId": "C-4", "amount": object{"amount": 1500, "currency": "JPY"},
		"orderDescription": "寿司"}), 200, "SUCCESS")
	if taken["status"] != "COMPLETED" {
		m.t.Errorf("captured: %v", taken)
	}
	made = m.wants("make a code", m.call("QRCodeCreate", code("M-5", true)), 201, "SUCCESS")
	m.scan(made["url"])
	held = m.wants("look", m.call("GetCodePaymentDetails", []string{"M-5"}), 200, "SUCCESS")
	m.wants("revert", m.call("PaymentAuthRevert", object{"merchantRevertId": "V-5",
		"paymentId": held["paymentId"]}), 200, "SUCCESS")
}

func (m *merchant) consent() {
	m.t.Helper()
	session := m.wants("ask", m.call("AccountLinkQRCodeCreate", object{
		"scopes": []string{"direct_debit"}, "nonce": "n-1", "redirectType": "WEB_LINK",
		"redirectUrl": "https://shop.example/back", "referenceId": "U-1"}), 201, "SUCCESS")
	page, err := url.Parse(session["linkQRCodeURL"].(string))
	m.do("read the page's address", err)
	consentID := filepath.Base(page.Path)
	c, err := m.wallet.GiveConsent(m.t.Context(), user, consentID, wallet.PIN)
	m.do("consent", err)
	token := m.brought(c.ReturnURL)
	var claims object
	m.do("read the token", json.Unmarshal(m.ask("ValidateJWT", token, m.secrets.APISecret),
		&claims))
	if claims["result"] != "succeeded" || claims["nonce"] != "n-1" ||
		claims["referenceId"] != "U-1" || claims["userAuthorizationId"] == "" {
		m.t.Fatalf("the token says %v", claims)
	}
	uaid := claims["userAuthorizationId"]
	stands := m.wants("look", m.call("GetUserAuthorizationStatus", []any{uaid}), 200, "SUCCESS")
	if stands["status"] != "ACTIVE" {
		m.t.Errorf("consented: %v", stands)
	}
	charge := func(id string) object {
		return object{"merchantPaymentId": id, "userAuthorizationId": uaid,
			"amount": object{"amount": 700, "currency": "JPY"}}
	}
	m.wants("charge", m.call("CreatePayment", charge("M-6")), 200, "SUCCESS")
	m.wants("charge again", m.call("CreatePayment", charge("M-7")), 400,
		"SUSPECTED_DUPLICATE_PAYMENT")
	m.wants("charge on purpose", m.call("CreatePayment", charge("M-7"), true), 200, "SUCCESS")
	m.wants("unlink", m.call("UnlinkUser", []any{uaid}), 200, "SUCCESS")
	m.wants("charge after the end", m.call("CreatePayment", charge("M-8"), true), 401,
		"INVALID_USER_AUTHORIZATION_ID")
}

// brought follows the wallet's page back to the shop and returns the token in the address.
func (m *merchant) brought(address string) string {
	m.t.Helper()
	u, err := url.Parse(address)
	m.do("read the way back", err)
	mux := http.NewServeMux()
	m.front.Register(mux)
	r := httptest.NewRecorder()
	mux.ServeHTTP(r, httptest.NewRequest(http.MethodGet, u.Path, nil))
	back, err := url.Parse(r.Header().Get("Location"))
	m.do("read where the browser goes", err)
	return back.Query().Get("responseToken")
}

func (m *merchant) wrong() {
	m.t.Helper()
	right := m.env
	for name, value := range map[string]string{"PAYPAY_KEY": "another",
		"PAYPAY_SECRET": "YW5vdGhlcg==", "PAYPAY_MERCHANT": "1"} {
		m.env = append(right[:len(right):len(right)], name+"="+value)
		m.wants(name, m.call("QRCodeCreate", code("M-10", false)), 401, "UNAUTHORIZED")
		m.wants(name, m.call("GetCodePaymentDetails", []string{"M-1"}), 401, "UNAUTHORIZED")
	}
	m.env = right
	bad := code("M-11", false)
	bad["codeType"] = "TOPUP_QR"
	m.wants("another kind", m.call("QRCodeCreate", bad), 400, "INVALID_REQUEST_PARAMS")
	delete(bad, "codeType")
	m.wants("no kind", m.call("QRCodeCreate", bad), 400, "MISSING_REQUEST_PARAMS")
}
