package linepay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watari/connect/linepay/wire"
)

// merchantClient is the public client for merchants, with what it needs, at the versions that the
// test was written with.
var merchantClient = []string{"line-pay-merchant@0.9.0", "axios@0.26.1", "crypto-js@4.2.0",
	"uuid@8.3.2"}

// installed returns a folder with the client in node_modules. It is installed once for each user
// of the machine, from the registry of npm.
func installed(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "watari", strings.Join(merchantClient, "_"))
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(folder), "npm-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(fresh)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", append([]string{"install", "--prefix", fresh,
		"--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"}, merchantClient...)...)
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("install %s: %v (this test needs Node 20 and the registry of npm)\n%s",
			merchantClient[0], err, out)
	}
	// Another process may have been faster.
	if err := os.Rename(fresh, folder); err != nil {
		if _, there := os.Stat(folder); there != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// client calls the wallet by the public client.
type client struct {
	*rig
	modules, secret string
}

// ask makes one call and returns what the client says of it.
func (c client) ask(call, config string) told {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	script, err := os.ReadFile("testdata/client.js")
	if err != nil {
		c.t.Fatal(err)
	}
	// Node finds modules beside the script, so it is read from the standard input.
	node := exec.CommandContext(ctx, "node", "-", call, config)
	node.Dir, node.Stdin = c.modules, bytes.NewReader(script)
	node.Env = append(os.Environ(), "BASE="+c.server.URL, "SECRET="+c.secret,
		"CHANNEL="+c.front.secrets.ChannelID)
	var problems bytes.Buffer
	node.Stderr = &problems
	out, err := node.Output()
	if err != nil {
		c.t.Fatalf("node: %v\n%s", err, problems.String())
	}
	var a told
	if err := json.NewDecoder(io.LimitReader(bytes.NewReader(out), 1<<20)).Decode(&a); err != nil {
		c.t.Fatalf("%s: %v", out, err)
	}
	return a
}

func (c client) wants(want wire.Code, call, config string) told {
	c.t.Helper()
	a := c.ask(call, config)
	if a.Code != want {
		c.t.Fatalf("%s: got %s %s, want %s", call, a.Code, a.Text, want)
	}
	return a
}

// Goal: the wallet speaks LINE Pay's protocol as others understand it. Method: the whole life of a
// payment by a client that was written by strangers, and the same client with a wrong secret.
func TestPublicClientUnderstandsTheWallet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := client{rig: r, modules: installed(t), secret: r.front.secrets.ChannelSecret}
	stranger := c
	stranger.secret = "not the secret"
	ask := `{"body":` + order("O1", "13.05") + `}`
	stranger.wants(wire.CodeHeader, "request", ask)
	made := into[wire.Reserved](t, c.wants(wire.CodeOK, "request", ask))
	about := fmt.Sprintf(`{"transactionId":"%s","params":{}`, made.TransactionID)
	if len(made.TransactionID) != 19 {
		t.Errorf("the transaction is %q", made.TransactionID)
	}
	c.wants(wire.CodeOK, "checkPaymentStatus", about+`}`)
	r.agree("O1", ann)
	c.wants(wire.CodeAgreed, "checkPaymentStatus", about+`}`)
	stranger.wants(wire.CodeHeader, "confirm", about+`,"body":`+sum+`}`)
	r.spent(ann, 0)
	paid := into[wire.Paid](t, c.wants(wire.CodeOK, "confirm", about+`,"body":`+sum+`}`))
	if paid.TransactionID != made.TransactionID || paid.OrderID != "O1" {
		t.Errorf("confirmed %+v", paid)
	}
	c.wants(wire.CodeSameTransaction, "confirm", about+`,"body":`+sum+`}`)
	c.wants(wire.CodeOK, "refund", about+`,"body":{"refundAmount":3.05}}`)
	all := into[[]wire.Detail](t, c.wants(wire.CodeOK, "paymentDetails",
		fmt.Sprintf(`{"params":{"transactionId":["%s"]}}`, made.TransactionID)))
	if len(all) != 1 || len(all[0].Refunds) != 1 || all[0].Refunds[0].Amount != "-3.05" {
		t.Errorf("the history is %+v", all)
	}
	c.wants(wire.CodeRefundOver, "refund", about+`,"body":{"refundAmount":10.01}}`)
	r.spent(ann, 321_50)
}
