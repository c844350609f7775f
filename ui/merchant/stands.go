package merchant

import (
	"mime"
	"net/http"
	"slices"
	"strconv"

	"watari/pay/party"
	"watari/pay/report"
	"watari/ui/console"
)

// standsMax is how many stands one file holds.
const standsMax = 500

func (a *app) showStands(v *console.Visit) error {
	p, err := a.placeOf(v)
	if err != nil {
		return err
	}
	stores := slices.DeleteFunc(p.stores, func(s report.Store) bool {
		return s.Status == party.Closed
	})
	page := console.Page{Title: v.T("stands.title"), Tab: "stands", Lead: v.T("stands.lead")}
	return v.Show(http.StatusOK, page, standsPage(v, stores))
}

// drawStand is the picture of a stand on the page.
func (a *app) drawStand(v *console.Visit) error {
	st, err := a.storeAt(v)
	if err != nil {
		return err
	}
	file, err := a.Stands.Print(v.Ctx(), []int64{st.No}, "a6", "svg")
	if err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", file.Type)
	h.Set("Cache-Control", "private, max-age=60")
	_, _ = v.W.Write(file.Body)
	return nil
}

// downloadStand is a file to print: size, form, and store for one of them.
func (a *app) downloadStand(v *console.Visit) error {
	p, err := a.placeOf(v)
	if err != nil {
		return err
	}
	size, form := v.R.Form.Get("size"), v.R.Form.Get("form")
	if !slices.Contains([]string{"a5", "a6"}, size) ||
		!slices.Contains([]string{"pdf", "sheet", "svg"}, form) {
		return v.NotFound()
	}
	if asked := v.R.Form.Get("store"); asked != "" && asked != p.chosen {
		return v.NotFound()
	}
	var nos []int64
	for _, s := range p.stores {
		if s.Status != party.Closed && (p.chosen == "" || s.No == p.scope.StoreNo) {
			nos = append(nos, s.No)
		}
	}
	if len(nos) == 0 || form == "svg" && len(nos) > 1 {
		return v.NotFound()
	}
	file, err := a.Stands.Print(v.Ctx(), nos[:min(len(nos), standsMax)], size, form)
	if err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", file.Type)
	h.Set("Content-Disposition",
		mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	h.Set("Cache-Control", "no-store")
	_, _ = v.W.Write(file.Body)
	return nil
}

// standHref is the address of a file to print; store 0 is all of them.
func standHref(store int64, size, form string) string {
	no := ""
	if store != 0 {
		no = strconv.FormatInt(store, 10)
	}
	return query("/merchant/stands/file", "store", no, "size", size, "form", form)
}
