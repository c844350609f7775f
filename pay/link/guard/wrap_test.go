package guard_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/pay/link"
	"watari/pay/link/guard"
)

// The optional parts of a connector, each with its answers from the wallet.
type (
	preparer  struct{ *wallet }
	completer struct{ *wallet }
	holder    struct{ *wallet }
	agreer    struct{ *wallet }
)

func (w preparer) Prepare(
	ctx context.Context, _ link.Endpoint, _ link.Prepare,
) (link.Form, link.Answer) {
	return link.Form{CodeText: "code"}, w.meet(ctx, "prepare")
}

func (w completer) Complete(
	ctx context.Context, _ link.Endpoint, _ link.About,
) link.Answer {
	return w.meet(ctx, "complete")
}

func (w holder) Capture(ctx context.Context, _ link.Endpoint, _ link.Capture) link.Answer {
	return w.meet(ctx, "capture")
}

func (w agreer) AskConsent(
	ctx context.Context, _ link.Endpoint, _ link.Consent,
) (link.Form, link.ConsentAnswer) {
	return link.Form{PageURL: "page"}, link.ConsentAnswer{Answer: w.meet(ctx, "ask_consent")}
}

func (w agreer) ConsentState(
	ctx context.Context, _ link.Endpoint, _ link.Consent, _ map[string]string,
) link.ConsentAnswer {
	return link.ConsentAnswer{Answer: w.meet(ctx, "consent_state"), Token: "token"}
}

func (w agreer) Revoke(
	ctx context.Context, _ link.Endpoint, _ link.Consent, _ string,
) link.Answer {
	return w.meet(ctx, "revoke")
}

// can lists the optional interfaces that a connector has.
func can(c link.Connector) (names []string) {
	if _, ok := c.(link.Preparer); ok {
		names = append(names, "Preparer")
	}
	if _, ok := c.(link.Completer); ok {
		names = append(names, "Completer")
	}
	if _, ok := c.(link.Holder); ok {
		names = append(names, "Holder")
	}
	if _, ok := c.(link.Agreer); ok {
		names = append(names, "Agreer")
	}
	return names
}

// Connectors with every combination of them.
type (
	withP struct {
		*wallet
		link.Preparer
	}
	withC struct {
		*wallet
		link.Completer
	}
	withPC struct {
		*wallet
		link.Preparer
		link.Completer
	}
	withH struct {
		*wallet
		link.Holder
	}
	withPH struct {
		*wallet
		link.Preparer
		link.Holder
	}
	withCH struct {
		*wallet
		link.Completer
		link.Holder
	}
	withPCH struct {
		*wallet
		link.Preparer
		link.Completer
		link.Holder
	}
	withA struct {
		*wallet
		link.Agreer
	}
	withPA struct {
		*wallet
		link.Preparer
		link.Agreer
	}
	withCA struct {
		*wallet
		link.Completer
		link.Agreer
	}
	withPCA struct {
		*wallet
		link.Preparer
		link.Completer
		link.Agreer
	}
	withHA struct {
		*wallet
		link.Holder
		link.Agreer
	}
	withPHA struct {
		*wallet
		link.Preparer
		link.Holder
		link.Agreer
	}
	withCHA struct {
		*wallet
		link.Completer
		link.Holder
		link.Agreer
	}
	withPCHA struct {
		*wallet
		link.Preparer
		link.Completer
		link.Holder
		link.Agreer
	}
)

// Goal: a wrapped connector can do what it could, and nothing else (U5). Method: connectors with
// every combination of the optional interfaces.
func TestWrappingKeepsTheOptionalInterfaces(t *testing.T) {
	t.Parallel()
	w := newWallet()
	p, m, h, a := preparer{w}, completer{w}, holder{w}, agreer{w}
	for _, c := range []link.Connector{
		w, withP{w, p}, withC{w, m}, withPC{w, p, m}, withH{w, h}, withPH{w, p, h},
		withCH{w, m, h}, withPCH{w, p, m, h}, withA{w, a}, withPA{w, p, a}, withCA{w, m, a},
		withPCA{w, p, m, a}, withHA{w, h, a}, withPHA{w, p, h, a}, withCHA{w, m, h, a},
		withPCHA{w, p, m, h, a},
	} {
		wrapped := guard.Wrap(c, guard.Config{})
		if got, want := can(wrapped), can(c); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if wrapped.Name() != "scripted" || wrapped.Capabilities().IDMax != 7 {
			t.Errorf("%v: another name or other capabilities", can(c))
		}
	}
}

// Goal: no optional interface of the contract is lost in wrapping, the next one included. Method:
// the interfaces of package link whose methods are called at an endpoint, read from its source.
func TestEveryOptionalInterfaceIsKnown(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if _, ok := spec.Type.(*ast.InterfaceType); ok &&
				!slices.Contains([]string{"Receiver", "SignIn"}, spec.Name.Name) {
				found = append(found, spec.Name.Name)
			}
			return true
		})
	}
	slices.Sort(found)
	want := []string{"Agreer", "Completer", "Connector", "Holder", "Preparer"}
	if !slices.Equal(found, want) {
		t.Errorf("package link has %v; this package wraps %v", found, want)
	}
}

// Goal: each optional call goes through the right lane, and its whole answer comes back. Method:
// all of them at a living wallet, then at one that is not asked.
func TestOptionalCallsGoThroughTheirLane(t *testing.T) {
	t.Parallel()
	bubble(t, guard.Config{Row: 1}, func(w *world) {
		inner := w.wallet
		w.c = w.guard.Wrap(withPCHA{inner, preparer{inner}, completer{inner}, holder{inner},
			agreer{inner}})
		ctx := w.t.Context()
		form, a := w.c.(link.Preparer).Prepare(ctx, to, link.Prepare{})
		page, asked := w.c.(link.Agreer).AskConsent(ctx, to, link.Consent{})
		state := w.c.(link.Agreer).ConsentState(ctx, to, link.Consent{}, nil)
		if form.CodeText != "code" || a != alive || page.PageURL != "page" ||
			asked.Answer != alive || state.Answer != alive || state.Token != "token" {
			t.Errorf("got %+v %+v, %+v %+v, %+v", form, a, page, asked, state)
		}

		w.set(dead, 0)
		w.pay()
		w.inquire()
		w.set(alive, time.Second)
		form, a = w.c.(link.Preparer).Prepare(ctx, to, link.Prepare{})
		w.refused(a)
		page, asked = w.c.(link.Agreer).AskConsent(ctx, to, link.Consent{})
		w.refused(asked.Answer)
		if form.CodeText != "" || page.PageURL != "" {
			t.Errorf("a form of a wallet that was not asked: %+v, %+v", form, page)
		}
		for name, a := range map[string]link.Answer{
			"complete":      w.c.(link.Completer).Complete(ctx, to, link.About{}),
			"capture":       w.c.(link.Holder).Capture(ctx, to, link.Capture{}),
			"consent state": w.c.(link.Agreer).ConsentState(ctx, to, link.Consent{}, nil).Answer,
			"revoke":        w.c.(link.Agreer).Revoke(ctx, to, link.Consent{}, ""),
		} {
			if a.Outcome != link.Unknown || !errors.Is(a.Cause, guard.ErrNotAsked) {
				t.Errorf("%s: %+v", name, a)
			}
		}
		for _, call := range []string{"prepare", "ask_consent", "consent_state"} {
			if n := inner.count(call); n != 1 {
				t.Errorf("%s was called %d times", call, n)
			}
		}
	})
}
