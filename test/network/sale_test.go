package network

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"watari/kit/id"
	"watari/test/program"
)

// sale is one payment that a shop wants.
type sale struct {
	id   string // the bank's request id
	bank *bank
	shop program.Store
	user string
	code string
	yen  int64
}

// sale makes the n-th sale: another shop, another user, a fresh code.
func (w *world) sale(n int) (*sale, error) {
	b := w.banks[n%len(w.banks)]
	s := &sale{id: "r-" + id.Secret(12), bank: b, shop: b.shops[n/len(w.banks)%len(b.shops)],
		user: w.user(n), yen: 100 + int64(n%200)}
	var err error
	s.code, _, err = w.wallet.code(s.user)
	return s, err
}

// sales makes many, some at a time.
func (w *world) sales(from, count int) ([]*sale, error) {
	all := make([]*sale, count)
	err := crowd(count, 24, func(i int) (err error) {
		all[i], err = w.sale(from + i)
		return err
	})
	return all, err
}

// crowd calls fn for 0 to n-1, so many at a time, and returns the errors.
func crowd(n, atOnce int, fn func(i int) error) error {
	errs := make([]error, n)
	room := make(chan struct{}, atOnce)
	for i := range n {
		room <- struct{}{}
		go func() {
			defer func() { <-room }()
			errs[i] = fn(i)
		}()
	}
	for range atOnce {
		room <- struct{}{}
	}
	return errors.Join(errs...)
}

// message is the sale as an Alipay+ pay request.
func (s *sale) message(st style) object {
	return object{
		"paymentRequestId": s.id,
		"paymentAmount":    st.yen(s.yen),
		"paymentMethod": object{"paymentMethodType": "CONNECT_WALLET",
			"paymentMethodId": s.code},
		"paymentFactor": object{"isInStorePayment": st.flag(true),
			"inStorePaymentScenario": "PaymentCode"},
		"order": object{
			"referenceOrderId": "order-" + s.id, "orderDescription": "飛騨牛まん",
			"orderAmount": st.yen(s.yen),
			"merchant": object{"referenceMerchantId": s.shop.MerchantID,
				"merchantName": s.shop.Name, "merchantMCC": s.shop.MCC,
				"store": object{"referenceStoreId": s.shop.ID, "storeName": s.shop.Name,
					"storeMCC": s.shop.MCC}},
			"env": object{"storeTerminalId": s.shop.TerminalID},
		},
	}
}

// pay asks for the sale over Alipay+. change alters the message; nil is none. What had no place in
// the queue, or no answer at all, is sent again: the protocol asks for that.
func (s *sale) pay(st style, change func(object)) (answer, error) {
	return s.bank.aps.insist(st, pathPay, func() object {
		m := s.message(st)
		if change != nil {
			change(m)
		}
		return m
	})
}

// tries bounds how often a request without an answer is sent again.
const tries = 8

// insist sends a message until it has an answer that says something.
func (a *acquirer) insist(st style, path string, message func() object) (answer, error) {
	var got answer
	var err error
	for range tries {
		got, err = a.call(context.Background(), st, path, message())
		if err == nil && got.Result.Code != "REQUEST_TRAFFIC_EXCEED_LIMIT" &&
			got.Result.Code != "UNKNOWN_EXCEPTION" {
			return got, nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return got, err
}

// byRequest names the payment in an inquiry or cancel.
func (s *sale) byRequest() object { return object{"paymentRequestId": s.id} }

// inquire asks how the sale stands.
func (s *sale) inquire(st style) (answer, error) {
	return s.bank.aps.insist(st, pathInquiry, s.byRequest)
}

// cancel gives the sale up.
func (s *sale) cancel(st style) (answer, error) {
	return s.bank.aps.insist(st, pathCancel, s.byRequest)
}

// refund gives some yen back under a refund request id.
func (s *sale) refund(st style, id string, yen int64) (answer, error) {
	return s.bank.aps.insist(st, pathRefund, func() object {
		return object{"paymentRequestId": s.id, "refundRequestId": id,
			"refundAmount": st.yen(yen), "refundReason": "cold"}
	})
}

// body is the sale as a /v1 request.
func (s *sale) body() object {
	return object{"store_id": s.shop.ID, "terminal_id": s.shop.TerminalID, "code": s.code,
		"amount":    object{"currency": "JPY", "value": s.yen},
		"order_ref": "order-" + s.id}
}

// post asks for the sale over /v1, again when the network was busy. change alters the body.
func (s *sale) post(change func(object)) (got reply, err error) {
	for range tries {
		body := s.body()
		if change != nil {
			change(body)
		}
		got, err = s.bank.api.do(http.MethodPost, "/v1/payments", s.id, body)
		if err == nil && got.status != http.StatusServiceUnavailable {
			return got, nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return got, err
}

// isFinal tells whether an answer to pay can never change.
func (a answer) isFinal() bool { return a.Result.Status == "S" || a.Result.Status == "F" }

// sameAnswers refuses two final answers that differ by a byte.
func sameAnswers(a, b answer) error {
	if a.isFinal() && b.isFinal() && a.text != b.text {
		return fmt.Errorf("one request has two answers:\n%s\n%s", a.text, b.text)
	}
	return nil
}

// inconsistent wants a refusal of changed fields that names one.
func inconsistent(a answer, field string) error {
	if a.Result.String() != "F REPEAT_REQ_INCONSISTENT" ||
		!strings.Contains(a.Result.Message, field) {
		return fmt.Errorf("another %s is answered %+v", field, a.Result)
	}
	return nil
}
