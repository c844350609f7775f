package start

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"watari/kit/i18n"
	"watari/sandbox/seed"
)

// queryMax is the longest search, in characters; what is beyond is not looked at.
const queryMax = 100

// shop is a shop of the sandbox, ready to be listed and searched.
type shop struct {
	seed.Shop
	names  map[string]string // of its prefecture, by language
	region string
	find   string // everything by which it is searched, plain
}

// parkRegion is under what the shops of the park are listed, after all others.
const parkRegion = "Park"

// known lists the shops from north to south.
func (s *Start) known() []shop {
	var all []shop
	park := len(seed.Shops()) // from here on
	for i, one := range seed.All() {
		names, region := one.Prefectures()
		if i >= park {
			region = parkRegion
		}
		words := []string{one.Store, one.StoreJA, one.StoreID, one.Prefecture, region}
		for _, name := range names {
			words = append(words, name)
		}
		for _, lang := range i18n.Langs() {
			t := s.texts.For(lang)
			words = append(words, t.T("region."+region), t.T("mcc."+one.MCC))
		}
		all = append(all, shop{one, names, region, plain(strings.Join(words, " "))})
	}
	return all
}

// plain brings texts that look alike to one form: compatibility characters as their plain ones
// (ｶﾌｪ as カフェ), lower case, single blanks. The page's script does the same.
func plain(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(s))), " ")
}

// fits says whether a shop has all the words of a search.
func (s shop) fits(query string) bool {
	for _, word := range strings.Fields(query) {
		if !strings.Contains(s.find, word) {
			return false
		}
	}
	return true
}

// shortened cuts a search at its longest and makes it valid text.
func shortened(query string) string {
	query = strings.TrimSpace(strings.ToValidUTF8(query, ""))
	for i := range query {
		if utf8.RuneCountInString(query[:i]) == queryMax {
			return query[:i]
		}
	}
	return query
}

// region is the shops of a part of Japan, by prefecture.
type region struct {
	key         string // in Latin letters
	prefectures []prefecture
	count       int // of shops
}

// prefecture is the shops of one.
type prefecture struct {
	names map[string]string
	shops []shop
}

// grouped puts shops, which come from north to south, under their regions and prefectures.
// Regions come in the order of their first prefecture.
func grouped(shops []shop) []region {
	var all []region
	at := map[string]int{}
	for _, s := range shops {
		i, known := at[s.region]
		if !known {
			i = len(all)
			at[s.region] = i
			all = append(all, region{key: s.region})
		}
		r := &all[i]
		r.count++
		last := len(r.prefectures) - 1
		if last < 0 || r.prefectures[last].shops[0].Prefecture != s.Prefecture {
			r.prefectures = append(r.prefectures, prefecture{names: s.names})
			last++
		}
		r.prefectures[last].shops = append(r.prefectures[last].shops, s)
	}
	return all
}
