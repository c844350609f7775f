package park

import (
	"fmt"
	"strings"
	"time"

	"watari/kit/i18n"
	"watari/pay/party"
	"watari/sandbox/park/crowd"
	"watari/sandbox/park/site"
	"watari/visit/park"
)

func named(en, ja, hans, hant, ko string) i18n.Text {
	return i18n.Text{i18n.English: en, i18n.Japanese: ja, i18n.SimplifiedChinese: hans,
		i18n.TraditionalChinese: hant, i18n.Korean: ko}
}

// thePark is the park, sold by a store.
func thePark(at party.Point) park.Park {
	return park.Park{Slug: Slug, AcquirerNo: at.Acquirer.No, MerchantNo: at.Merchant.No,
		StoreNo: at.Store.No, Name: site.Name(), Prefecture: "19",
		About: named("Twelve rides at the foot of Mount Fuji.", "富士山のふもとに12の乗り物。",
			"富士山脚下的十二项游乐设施。", "富士山腳下的十二項遊樂設施。",
			"후지산 기슭의 열두 가지 놀이기구."),
		Latitude: 35_487_000, Longitude: 138_780_000, OnSale: true, PerOrder: 50,
		Ages: []park.Ages{{Unit: park.Adult, From: 15, To: 64}, {Unit: park.Junior, From: 12,
			To: 14}, {Unit: park.Child, From: 4, To: 11}, {Unit: park.Senior, From: 65},
			{Unit: park.Infant, From: 0, To: 3}},
		Policy: park.Policy{Changes: 1, Steps: []park.PolicyStep{{Before: 24 * time.Hour},
			{Before: 0, FeePPM: 300_000}}}}
}

// Minutes of the day.
const (
	opens   = 5 * 60
	closes  = 29 * 60
	noon    = 12 * 60
	evening = 17 * 60
)

func pools() []park.Pool {
	return []park.Pool{
		{Code: "entry", Name: named("Entries of the day", "一日の入園", "当日入园", "當日入園",
			"당일 입장")},
		{Code: "entry-hour", Slotted: true, Name: named("Timed entries", "時間指定入園",
			"分时入园", "分時入園", "시간제 입장")},
		{Code: "raijin-first", Slotted: true, Name: named("Priority seats of Raijin",
			"雷神 優先席", "雷神优先席", "雷神優先席", "라이진 우선석")},
	}
}

func products() []park.Product {
	return []park.Product{
		{Code: "day-pass", Kind: park.DayTicket, Sort: 10, Pools: []string{"entry"},
			Reentry: park.AfterExit, Rotating: true,
			Name: named("Day pass", "1日フリーパス", "一日通票", "一日通票", "1일 자유이용권"),
			About: named("Entry and all rides for one day.", "入園とすべての乗り物が一日楽しめます。",
				"入园及全部游乐设施,当日不限次。", "入園及全部遊樂設施,當日不限次。",
				"하루 동안 입장과 모든 놀이기구 이용.")},
		{Code: "afternoon", Kind: park.Afternoon, Sort: 20, Pools: []string{"entry"},
			From: noon, Reentry: park.AfterExit, Rotating: true,
			Name: named("Afternoon pass", "午後フリーパス", "下午通票", "下午通票",
				"오후 자유이용권"),
			About: named("Entry and all rides from noon.", "正午から入園と乗り物が楽しめます。",
				"中午起入园及全部设施。", "中午起入園及全部設施。", "정오부터 입장과 놀이기구 이용.")},
		{Code: "night", Kind: park.Night, Sort: 30, Pools: []string{"entry"}, From: evening,
			Rotating: true,
			Name:     named("Night pass", "ナイトパス", "夜场票", "夜場票", "야간 자유이용권")},
		{Code: "timed-entry", Kind: park.Timed, Sort: 40, Pools: []string{"entry", "entry-hour"},
			Slots: hours(8, 20, 60), Reentry: park.AfterExit,
			Name: named("Timed entry, rides paid singly", "時間指定入園(乗り物別)",
				"分时入园(设施另付)", "分時入園(設施另付)", "시간제 입장(놀이기구 별도)")},
		{Code: "raijin-priority", Kind: park.Priority, Sort: 60, Pools: []string{"raijin-first"},
			Slots: hours(9, 20, 30), Place: "raijin", MaxCount: 6,
			Name: named("Priority ride: Raijin", "優先乗車券 雷神", "优先搭乘券·雷神",
				"優先搭乘券·雷神", "우선 탑승권: 라이진")},
		{Code: "hayate-ride", Kind: park.Ride, Sort: 70, Place: "hayate", MaxCount: 10,
			Name: named("One ride: Hayate Dive", "1回券 疾風ダイブ", "单次券·疾风俯冲",
				"單次券·疾風俯衝", "1회권: 하야테 다이브")},
		{Code: "annual", Kind: park.Annual, Sort: 80, Days: 365, Reentry: park.AnyTime,
			Rotating: true, MaxCount: 6,
			Name: named("Annual pass", "年間パス", "年票", "年票", "연간 이용권")},
		{Code: "group-day", Kind: park.Group, Sort: 90, Pools: []string{"entry"}, MinCount: 20,
			Name: named("Day pass for groups of 20 and more", "団体1日フリーパス(20名様から)",
				"团体一日通票(20人起)", "團體一日通票(20人起)", "단체 1일 자유이용권(20인부터)")},
	}
}

// hours are slots of so many minutes from one hour to another.
func hours(from, to, each int64) (out []park.Slot) {
	for m := from * 60; m < to*60; m += each {
		out = append(out, park.Slot{Code: fmt.Sprintf("%02d:%02d", m/60, m%60), From: m,
			Until: m + each})
	}
	return out
}

// pricesOf are by the type of day: A quiet, B ordinary, C weekend, D holiday.
func pricesOf() (out []park.Price) {
	classes := []park.Unit{park.Adult, park.Junior, park.Child, park.Senior, park.Infant}
	add := func(product, day string, yen ...int64) {
		for i, n := range yen {
			out = append(out, park.Price{Product: product, Unit: classes[i], DayType: day, Yen: n})
		}
	}
	add("day-pass", "A", 6000, 5500, 4400, 5000, 0)
	add("day-pass", "B", 6400, 5900, 4600, 5300, 0)
	add("day-pass", "C", 6800, 6200, 5000, 5600, 0)
	add("day-pass", "D", 7800, 7200, 5500, 6400, 0)
	add("afternoon", "", 4600, 4300, 3500, 3900, 0)
	add("night", "", 2800, 2600, 2200, 2400, 0)
	add("timed-entry", "", 1500, 1200, 900, 1200, 0)
	add("raijin-priority", "", 2000, 2000, 2000, 2000)
	add("hayate-ride", "", 1500, 1500, 1500, 1500)
	add("annual", "", 24_800, 22_800, 18_800, 19_800)
	add("group-day", "A", 6000, 5500, 4400, 5000, 0)
	add("group-day", "B", 6400, 5900, 4600, 5300, 0)
	add("group-day", "C", 6800, 6200, 5000, 5600, 0)
	add("group-day", "D", 7800, 7200, 5500, 6400, 0)
	return out
}

func discounts() []park.Discount {
	passes := []string{"day-pass", "afternoon", "night", "timed-entry"}
	return []park.Discount{
		{Rule: park.Rule{ID: "weilai-10", Kind: park.ForWallet, Issuers: []string{"weilai"},
			Products: passes, OffPPM: 100_000, WalletPPM: 500_000},
			Name: named("10% off with Weilai Pay", "Weilai Payで10%引き", "微来支付九折",
				"微來支付九折", "웨이라이 페이 10% 할인")},
		{Rule: park.Rule{ID: "lianhua-500", Kind: park.ForWallet, Issuers: []string{"lianhua"},
			Products: []string{"day-pass"}, OffYen: 500, WalletPPM: 1_000_000},
			Name: named("¥500 off with Lianhua Wallet", "Lianhua Walletで500円引き",
				"莲花钱包立减500日元", "蓮花錢包折500日圓", "롄화 월렛 500엔 할인")},
		{Rule: park.Rule{ID: "pochi-5", Kind: park.ForWallet, Issuers: []string{"pochi"},
			Products: passes, OffPPM: 50_000},
			Name: named("5% off with Pochi Pay", "ポチペイで5%引き", "Pochi Pay 95折",
				"Pochi Pay 95折", "포치 페이 5% 할인")},
		{Rule: park.Rule{ID: "yamanashi", Kind: park.ForResidents, Claim: "resident:19",
			Products: []string{"day-pass"}, OffYen: 1000},
			Name: named("Residents of Yamanashi", "山梨県民割引", "山梨县居民优惠",
				"山梨縣居民優惠", "야마나시현 주민 할인")},
		{Rule: park.Rule{ID: "club", Kind: park.ForMembers, Claim: "member", Products: passes,
			OffPPM: 50_000},
			Name: named("Members of the club", "友の会会員", "俱乐部会员", "俱樂部會員",
				"클럽 회원")},
		{Rule: park.Rule{ID: "group-15", Kind: park.ForGroups, Products: []string{"group-day"},
			OffPPM: 150_000, MinCount: 20},
			Name: named("Groups of 20 and more", "団体割引(20名様から)", "团体优惠(20人起)",
				"團體優惠(20人起)", "단체 할인(20인부터)")},
		{Rule: park.Rule{ID: "hotel-8", Kind: park.ForVoucher, Products: passes, OffPPM: 80_000},
			Name: named("Guests of the lake hotels", "湖畔の宿泊客", "湖畔酒店住客", "湖畔飯店住客",
				"호반 호텔 투숙객")},
	}
}

// hotelCode is the voucher of the hotels at the lake.
const hotelCode = "LAKEHOTEL"

// hotelVoucher is given to every guest of the hotels.
func hotelVoucher(now time.Time) park.VoucherBatch {
	return park.VoucherBatch{Count: 1, Code: hotelCode, Discount: "hotel-8",
		Label: "Hotels at the lake", Uses: 5000, From: now.AddDate(0, -1, 0)}
}

// rideName is the name of a ride by its code.
func rideName(code string) i18n.Text {
	for _, s := range crowd.Plan() {
		if s.Code == code {
			return s.Name
		}
	}
	return i18n.Text{}
}

// filled puts a name where a text has {}.
func filled(t, name i18n.Text) i18n.Text {
	out := i18n.Text{}
	for l, s := range t {
		out[l] = strings.ReplaceAll(s, "{}", name.In(l))
	}
	return out
}

// holidays are the days of type D: New Year, the Golden Week, the days of Obon.
func holiday(t time.Time) bool {
	day := t.Format("01-02")
	return day <= "01-03" || day >= "04-29" && day <= "05-05" || day >= "08-11" && day <= "08-16"
}

func dayOf(day string) park.Day {
	t := park.At(day, noon)
	d := park.Day{Day: day, Type: "A", Open: opens, Close: closes}
	switch m := t.Month(); {
	case holiday(t):
		d.Type = "D"
	case t.Weekday() == time.Saturday || t.Weekday() == time.Sunday:
		d.Type = "C"
	case m == time.July || m == time.August || m == time.October || m == time.November:
		d.Type = "B"
	}
	return d
}

func quotasOf(day string) []park.Quota {
	out := []park.Quota{{Pool: "entry", Day: day, Size: 12_000},
		{Pool: "entry", Day: day, Channel: park.ByOCTO, Size: 1500,
			Release: park.At(day, 0).Add(-48 * time.Hour)}}
	for _, s := range hours(8, 20, 60) {
		out = append(out, park.Quota{Pool: "entry-hour", Day: day, Slot: s.Code, Size: 400})
	}
	for _, s := range hours(9, 20, 30) {
		out = append(out, park.Quota{Pool: "raijin-first", Day: day, Slot: s.Code, Size: 40})
	}
	return out
}
