package network

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/test/program"
)

// Paths of the network for banks that register merchants by protocol.
const (
	pathRegister   = "/aps/api/v1/merchants/registration"
	pathRegistered = "/aps/api/v1/merchants/inquiryRegistrationStatus"
)

// ear is where a bank is told how its registrations ended.
type ear struct {
	t    *testing.T
	bank *acquirer
	mu   sync.Mutex
	told map[string][]string // request id to the bodies that came
}

// ServeHTTP takes a notice, once its signature is believed, and signs that it has it.
func (e *ear) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	h := http.Header{"Content-Type": {"application/json; charset=UTF-8"},
		"Signature": r.Header["Signature"], "Response-Time": r.Header["Request-Time"],
		"Client-Id": r.Header["Client-Id"]}
	if err = errors.Join(err, e.bank.believe(r, h, body)); err != nil {
		e.t.Errorf("a notice that is not believed: %v: %s", err, body)
		return
	}
	var m struct {
		RequestID string `json:"registrationRequestId"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		e.t.Errorf("read %s: %v", body, err)
	}
	e.mu.Lock()
	e.told[m.RequestID] = append(e.told[m.RequestID], string(body))
	e.mu.Unlock()
	answer := []byte(`{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}`)
	at, client := iso(clock.Now()), r.Header.Get("Client-Id")
	sum := sha256.Sum256(signedText(r.Method, r.URL.Path, client, at, answer))
	raw, err := rsa.SignPKCS1v15(rand.Reader, e.bank.private, crypto.SHA256, sum[:])
	if err != nil {
		e.t.Errorf("sign: %v", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Client-Id", client)
	w.Header().Set("Response-Time", at)
	w.Header().Set("Signature", fmt.Sprintf(plain, client, escaped(raw)))
	_, _ = w.Write(answer)
}

// heard is what was told of a registration.
func (e *ear) heard(requestID string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.told[requestID]...)
}

// registration is a message that registers a merchant with a store.
func registration(id, merchant, mcc, notify string) object {
	address := object{"region": "JP", "state": "JP-21", "city": "Takayama",
		"address1": "1-2 Kamisannomachi", "zipCode": "5060846"}
	m := object{"registrationRequestId": id, "productCodes": []string{"IN_STORE_PAYMENT"},
		"merchantInfo": object{"referenceMerchantId": merchant, "merchantDisplayName": "Hida Soba",
			"merchantMCC": mcc, "merchantAddress": address, "logo": object{"logoName": "soba"},
			"registrationDetail": object{"legalName": "株式会社飛騨そば",
				"registrationType": "ENTERPRISE_REGISTRATION_NO",
				"registrationNo":   "8700110005901"}},
		"storeInfo": object{"referenceStoreId": "S-" + merchant, "storeName": "Kamisannomachi",
			"storeMCC": mcc, "storeTerminalId": "T-1", "storeAddress": address}}
	if notify != "" {
		m["registrationNotifyUrl"] = notify
	}
	return m
}

// The goal is that a bank which speaks the protocol registers its merchants by it: is told at once
// that the message was taken, how it ended when it asks and at its own address, and can take
// payments there; that what needs a licence waits for somebody at the bank; that nobody else is
// told. The method: a bank written from the documents, the real program on both engines.
func TestMerchantsAreRegisteredByProtocol(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, err := w.sale(0)
		if err != nil {
			t.Fatalf("obtain a code: %v", err)
		}
		e := &ear{t: t, bank: s.bank.aps, told: map[string][]string{}}
		told := httptest.NewServer(e)
		defer told.Close()
		send := func(from *bank, path string, m object, want string) string {
			t.Helper()
			return wants(t, want)(from.aps.call(context.Background(), documented(), path, m)).text
		}
		stands := func(id, whole, each string) {
			t.Helper()
			text := send(s.bank, pathRegistered, object{"registrationRequestId": id}, "S SUCCESS")
			if !strings.Contains(text, `"registrationResult":{"registrationStatus":"`+whole) ||
				!strings.Contains(text, `"registrationStatus":"`+each+`"`) {
				t.Errorf("%s stands at %s, want %s and %s", id, text, whole, each)
			}
		}
		for range 2 {
			send(s.bank, pathRegister, registration("R-1", "M-REG", "5812", told.URL+"/n"),
				"S SUCCESS")
		}
		stands("R-1", "COMPLETED", "APPROVED")
		s.shop = program.Store{ID: "S-M-REG", MerchantID: "M-REG", TerminalID: "T-1",
			Name: "Hida Soba", MCC: "5812"}
		wants(t, "S SUCCESS")(s.pay(documented(), nil))

		send(s.bank, pathRegister, registration("R-2", "M-BET", "7995", told.URL+"/n"), "S SUCCESS")
		stands("R-2", "COMPLETED", "REJECTED")
		send(s.bank, pathRegister, registration("R-3", "M-SAKE", "5921", told.URL+"/n"),
			"S SUCCESS")
		stands("R-3", "PENDING", "PENDING")
		send(s.bank, pathRegister, registration("R-4", "M-SAKE", "5921", ""),
			"F REGISTRATION_UNDER_REVIEW")
		w.licensed(s.bank, "R-3")
		stands("R-3", "COMPLETED", "APPROVED")

		bad := registration("R-5", "M-BAD", "58", "")
		send(s.bank, pathRegister, bad, "F PARAM_ILLEGAL")
		delete(bad["merchantInfo"].(object), "merchantMCC")
		send(s.bank, pathRegister, bad, "F PARAM_ILLEGAL")
		send(s.bank, pathRegistered, object{"registrationRequestId": "R-9"}, "F RECORD_NOT_FOUND")
		send(w.banks[1], pathRegistered, object{"referenceMerchantId": "M-REG"},
			"F RECORD_NOT_FOUND")
		send(s.bank, pathRegistered, object{"referenceMerchantId": "M-REG",
			"referenceStoreId": "S-M-REG"}, "S SUCCESS")
		e.once("R-1", "APPROVED")
		e.once("R-2", "REJECTED")
		e.once("R-3", "APPROVED")
		w.t = t
		w.agree(settleWait)
	})
}

// once wants a registration to have been told once, with this status of its wallets.
func (e *ear) once(id, status string) {
	e.t.Helper()
	eventually(e.t, 20*time.Second, "the bank is told of "+id, func() error {
		if len(e.heard(id)) == 0 {
			return errors.New("nothing came")
		}
		return nil
	})
	all := e.heard(id)
	if len(all) != 1 || !strings.Contains(all[0], `"registrationStatus":"`+status+`"`) ||
		!strings.Contains(all[0], "COMPLETED") {
		e.t.Errorf("%s was told %d times: %v", id, len(all), all)
	}
}

// licensed lets somebody at the bank see the licence and approve a registration over /v1.
func (w *world) licensed(b *bank, text string) {
	w.t.Helper()
	var list struct {
		Items []struct {
			ID      string `json:"id"`
			Version int64  `json:"version"`
		} `json:"items"`
	}
	find := func() string {
		w.t.Helper()
		if err := b.api.read("/v1/applications?state=in_review&text="+text, &list); err != nil ||
			len(list.Items) != 1 {
			w.t.Fatalf("find the application: %v, %+v", err, list)
		}
		return "/v1/applications/" + list.Items[0].ID
	}
	post := func(path string, in any, want int) {
		w.t.Helper()
		r, err := b.api.do(http.MethodPost, path, "", in)
		if err != nil || r.status != want {
			w.t.Errorf("POST %s: %d %s, %v", path, r.status, r.text, err)
		}
	}
	one := find()
	post(one+"/documents", object{"kind": "licence", "name": "licence.pdf",
		"content": []byte("%PDF-1.7 a licence")}, http.StatusCreated)
	post(one+"/screening", object{"outcome": "clear", "note": "lists of today"}, http.StatusOK)
	find()
	post(one+"/approve", object{"version": list.Items[0].Version}, http.StatusOK)
}
