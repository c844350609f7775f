package site

import (
	"watari/kit/i18n"
	"watari/sandbox/park/crowd"
	"watari/visit/park/ground"
)

// Shop is one of the park's shops, a store of the network.
type Shop struct {
	Code string // of its point on the map
	MCC  string // ISO 18245
	Kind ground.Kind
	Name i18n.Text
	Zone string // of the park: south, west, north, east

	x, y float64
}

// named is a name in the five languages.
func named(en, ja, hans, hant, ko string) i18n.Text {
	return i18n.Text{i18n.English: en, i18n.Japanese: ja, i18n.SimplifiedChinese: hans,
		i18n.TraditionalChinese: hant, i18n.Korean: ko}
}

const (
	food   = "5812"
	snacks = "5814"
	sweets = "5441"
	gifts  = "5947"
	photos = "7221"
	corner = "5499"
)

// Shops returns the fifteen shops. The slice is the caller's own.
func Shops() []Shop {
	eat, buy := ground.Restaurant, ground.Shop
	return []Shop{
		{"yuge", food, eat, named("Yuge Ramen", "湯気亭らーめん", "汤气亭拉面", "湯氣亭拉麵",
			"유게테이 라멘"), "north", 312, 344},
		{"hoto", food, eat, named("Hoto Kitchen Mizuno", "ほうとう台所みずの", "水野馎饦厨房",
			"水野餺飥廚房", "호토 부엌 미즈노"), "west", 112, 238},
		{"kemuri", food, eat, named("Kemuri Curry House", "けむりカレー", "烟咖喱屋", "煙咖哩屋",
			"케무리 카레"), "east", 480, 262},
		{"sanroku", food, eat, named("Sanroku Grill", "山麓グリル", "山麓烧烤", "山麓燒烤",
			"산로쿠 그릴"), "south", 383, 92},
		{"udon", food, eat, named("Yoshida Udon Stand", "吉田うどん処", "吉田乌冬面", "吉田烏龍麵",
			"요시다 우동"), "north", 430, 384},
		{"taiyaki", snacks, eat, named("Taiyaki Window", "たい焼き窓口", "鲷鱼烧小窗",
			"鯛魚燒小窗", "붕어빵 창구"), "south", 268, 108},
		{"crepe", snacks, eat, named("Cloud Crepes", "雲クレープ", "云朵可丽饼", "雲朵可麗餅",
			"구름 크레페"), "east", 516, 228},
		{"popcorn", snacks, eat, named("Thunder Popcorn", "かみなりポップコーン", "雷神爆米花",
			"雷神爆米花", "천둥 팝콘"), "west", 150, 344},
		{"softcream", sweets, eat, named("Fuji Soft Ice", "富士ソフト", "富士软冰淇淋",
			"富士霜淇淋", "후지 소프트"), "centre", 288, 216},
		{"bakery", snacks, eat, named("Lakeside Bakery", "湖畔ベーカリー", "湖畔面包房",
			"湖畔麵包坊", "호반 베이커리"), "centre", 366, 250},
		{"gate-shop", gifts, buy, named("Gateway Gifts", "門前みやげ", "门前礼品店", "門前禮品店",
			"정문 기념품점"), "south", 262, 88},
		{"fox-shop", gifts, buy, named("Fox Lantern Goods", "狐火グッズ", "狐火周边商店",
			"狐火週邊商店", "여우불 상점"), "centre", 272, 244},
		{"coaster-shop", gifts, buy, named("Raijin Store", "雷神ストア", "雷神商店", "雷神商店",
			"라이진 스토어"), "west", 205, 110},
		{"photo", photos, buy, named("Ride Photos", "ライドフォト", "游乐照片", "遊樂照片",
			"라이드 포토"), "east", 440, 238},
		{"station-shop", corner, buy, named("Station Corner Store", "駅前よろず屋", "站前便利店",
			"站前便利商店", "역 앞 편의점"), "east", 585, 284},
	}
}

// spot is where people queue for something.
type spot struct {
	x, y       float64
	zone       string
	height     int64
	wheelchair ground.Access
}

// spots say where the places of crowd.Plan are.
var spots = map[string]spot{
	"raijin":  {118, 312, "west", 140, ground.AccessNo},
	"hayate":  {510, 318, "east", 130, ground.AccessNo},
	"tengu":   {290, 388, "north", 130, ground.AccessNo},
	"kumo":    {516, 170, "east", 120, ground.AccessLimited},
	"sengen":  {158, 246, "west", 110, ground.AccessLimited},
	"kitsune": {372, 176, "centre", 100, ground.AccessLimited},
	"yurei":   {222, 358, "north", 0, ground.AccessLimited},
	"yukimi":  {455, 138, "south", 0, ground.AccessYes},
	"koma":    {245, 172, "centre", 90, ground.AccessLimited},
	"tsuru":   {424, 336, "north", 100, ground.AccessLimited},
	"kawauso": {146, 128, "west", 100, ground.AccessLimited},
	"momiji":  {322, 150, "south", 0, ground.AccessYes},

	"counter-main":    {272, 40, "south", 0, ground.AccessYes},
	"counter-station": {636, 214, "east", 0, ground.AccessYes},
	"counter-group":   {368, 40, "south", 0, ground.AccessYes},
	"gate-main":       {320, 28, "south", 0, ground.AccessYes},
	"gate-station":    {628, 246, "east", 0, ground.AccessYes},
}

// service is a point where nobody queues that is counted.
type service struct {
	code string
	kind ground.Kind
	name i18n.Text
	x, y float64
	zone string
}

func services() []service {
	toilets := named("Toilets", "お手洗い", "洗手间", "洗手間", "화장실")
	lockers := named("Lockers", "コインロッカー", "储物柜", "置物櫃", "물품 보관함")
	return []service{
		{"wc-south", ground.Restroom, toilets, 372, 116, "south"},
		{"wc-west", ground.Restroom, toilets, 106, 262, "west"},
		{"wc-north", ground.Restroom, toilets, 236, 380, "north"},
		{"wc-centre", ground.Restroom, toilets, 352, 214, "centre"},
		{"wc-east", ground.Restroom, toilets, 560, 292, "east"},
		{"lockers-main", ground.Locker, lockers, 300, 52, "south"},
		{"lockers-station", ground.Locker, lockers, 606, 256, "east"},
		{"first-aid", ground.FirstAid, named("First aid", "救護室", "急救站", "急救站",
			"응급실"), 340, 52, "south"},
		{"info", ground.Info, named("Information", "総合案内", "服务中心", "服務中心",
			"종합 안내"), 320, 70, "south"},
		{"nursing", ground.Nursing, named("Nursing room", "授乳室", "母婴室", "哺乳室",
			"수유실"), 344, 78, "south"},
		{"strollers", ground.Stroller, named("Pushchairs to rent", "ベビーカー貸出",
			"婴儿车租赁", "嬰兒車租借", "유모차 대여"), 298, 72, "south"},
		{"prayer", ground.Prayer, named("Prayer room", "祈祷室", "祈祷室", "祈禱室",
			"기도실"), 300, 334, "north"},
		{"smoking", ground.Smoking, named("Smoking area", "喫煙所", "吸烟区", "吸菸區",
			"흡연 구역"), 470, 160, "east"},
		{"atm", ground.ATM, named("Cash machine", "ATM", "自动取款机", "自動提款機", "ATM"),
			596, 262, "east"},
		{"charging", ground.Charging, named("Phone charging", "スマホ充電", "手机充电",
			"手機充電", "휴대폰 충전"), 330, 262, "centre"},
		{"bikes", ground.BikePort, named("Bike port", "サイクルポート", "共享单车停放点",
			"共享單車停放點", "자전거 포트"), 648, 250, "east"},
	}
}

// kinds says what a place where people queue is on the map.
var kinds = map[string]ground.Kind{crowd.KindRide: ground.Ride, crowd.KindCounter: ground.Counter,
	crowd.KindEntrance: ground.Gate}

// Map returns the map of the park. storeNo gives the network's number of the store of a shop.
func Map(storeNo func(code string) int64) *ground.Map {
	m := &ground.Map{Areas: areas(), Paths: paths()}
	for _, p := range crowd.Plan() {
		s := spots[p.Code]
		m.Points = append(m.Points, ground.Point{Code: p.Code, Kind: kinds[p.Kind], Name: p.Name,
			At: at(s.x, s.y), Wheelchair: s.wheelchair, HeightMin: s.height, Queue: p.Code,
			Zone: s.zone})
	}
	for _, s := range Shops() {
		m.Points = append(m.Points, ground.Point{Code: s.Code, Kind: s.Kind, Name: s.Name,
			At: at(s.x, s.y), Wheelchair: ground.AccessYes, StoreNo: storeNo(s.Code),
			Zone: s.Zone})
	}
	for _, s := range services() {
		m.Points = append(m.Points, ground.Point{Code: s.code, Kind: s.kind, Name: s.name,
			At: at(s.x, s.y), Wheelchair: ground.AccessYes, Zone: s.zone})
	}
	return m
}
