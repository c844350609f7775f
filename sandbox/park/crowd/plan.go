package crowd

import "watari/kit/i18n"

// Spot is a place where people queue.
type Spot struct {
	// Code names it in the park, Kind is ride, counter or entrance.
	Code, Kind string
	Name       i18n.Text

	// Of a ride: seats and seats in a row of a dispatch, the interval between dispatches with
	// all trains in seconds, how many trains there are, how popular it is, whether it is in the
	// open air and whether it closes in rain.
	Seats, Row, Interval int
	Trains               int
	Pull                 float64
	OpenAir, Shy         bool
	// Priority is the part of the seats that a priority lane gets.
	Priority float64

	// Of a counter and an entrance: windows, and the mean seconds that one takes for a person.
	Windows int
	Service float64

	// NumberedShare is the part of a ride that its virtual queue gets, 0 when it has none.
	NumberedShare float64
}

// The kinds of spots, as the API names them.
const (
	KindRide     = "ride"
	KindCounter  = "counter"
	KindEntrance = "entrance"
)

// Plan returns the sandbox's park: 12 rides, 3 ticket counters and 2 entrances. The slice is the
// caller's own.
func Plan() []Spot { return append(rides(), stations()...) }

// named is a name in the five languages.
func named(en, ja, hans, hant, ko string) i18n.Text {
	return i18n.Text{i18n.English: en, i18n.Japanese: ja, i18n.SimplifiedChinese: hans,
		i18n.TraditionalChinese: hant, i18n.Korean: ko}
}

func rides() []Spot {
	return []Spot{
		{Code: "raijin", Kind: KindRide, Seats: 24, Row: 2, Interval: 85, Trains: 3, Pull: 10,
			OpenAir: true, Shy: true, Priority: 0.12, NumberedShare: 0.15,
			Name: named("Raijin", "雷神", "雷神过山车", "雷神雲霄飛車", "라이진")},
		{Code: "hayate", Kind: KindRide, Seats: 16, Row: 4, Interval: 70, Trains: 2, Pull: 8,
			OpenAir: true, Shy: true, Priority: 0.10,
			Name: named("Hayate Dive", "疾風ダイブ", "疾风俯冲", "疾風俯衝", "하야테 다이브")},
		{Code: "tengu", Kind: KindRide, Seats: 20, Row: 4, Interval: 95, Trains: 2, Pull: 7,
			OpenAir: true, Priority: 0.10,
			Name: named("Tengu Leap", "天狗の跳躍", "天狗飞跃", "天狗飛躍", "덴구의 도약")},
		{Code: "kumo", Kind: KindRide, Seats: 32, Row: 4, Interval: 120, Trains: 2, Pull: 7,
			OpenAir: true, Priority: 0.08,
			Name: named("Cloud Walker", "雲わたり", "云中漫步", "雲中漫步", "구름 걷기")},
		{Code: "sengen", Kind: KindRide, Seats: 10, Row: 2, Interval: 40, Trains: 2, Pull: 5,
			OpenAir: true,
			Name:    named("Sengen Falls", "浅間の滝", "浅间瀑布", "淺間瀑布", "센겐 폭포")},
		{Code: "kitsune", Kind: KindRide, Seats: 24, Row: 3, Interval: 110, Trains: 2, Pull: 4.5,
			Name: named("Fox Wedding Train", "狐の嫁入り列車", "狐狸娶亲列车", "狐狸娶親列車",
				"여우 시집가는 열차")},
		{Code: "yurei", Kind: KindRide, Seats: 6, Row: 1, Interval: 45, Trains: 1, Pull: 5,
			Name: named("Hall of Whispers", "ささやき屋敷", "低语鬼屋", "低語鬼屋", "속삭임의 저택")},
		{Code: "yukimi", Kind: KindRide, Seats: 16, Row: 4, Interval: 75, Trains: 1, Pull: 3,
			Name: named("Snow View Wheel", "雪見観覧車", "赏雪摩天轮", "賞雪摩天輪",
				"설경 대관람차")},
		{Code: "koma", Kind: KindRide, Seats: 40, Row: 4, Interval: 210, Trains: 1, Pull: 3,
			Name: named("Spinning Tops", "独楽まわし", "旋转陀螺", "旋轉陀螺", "팽이 돌리기")},
		{Code: "tsuru", Kind: KindRide, Seats: 32, Row: 2, Interval: 200, Trains: 1, Pull: 3,
			OpenAir: true, Shy: true,
			Name: named("Flying Cranes", "舞い鶴", "飞舞仙鹤", "飛舞仙鶴", "춤추는 학")},
		{Code: "kawauso", Kind: KindRide, Seats: 8, Row: 8, Interval: 35, Trains: 1, Pull: 4.5,
			OpenAir: true,
			Name:    named("Otter River", "かわうその川下り", "水獭漂流", "水獺漂流", "수달 급류 타기")},
		{Code: "momiji", Kind: KindRide, Seats: 48, Row: 2, Interval: 240, Trains: 1, Pull: 2.5,
			Name: named("Maple Carousel", "紅葉の回転木馬", "红叶旋转木马", "紅葉旋轉木馬",
				"단풍 회전목마")},
	}
}

func stations() []Spot {
	return []Spot{
		{Code: "counter-main", Kind: KindCounter, Windows: 6, Service: 44, Name: named(
			"Main Ticket Counter", "中央券売所", "中央售票处", "中央售票處", "중앙 매표소")},
		{Code: "counter-station", Kind: KindCounter, Windows: 4, Service: 44, Name: named(
			"Station Ticket Counter", "駅前券売所", "车站售票处", "車站售票處", "역 앞 매표소")},
		{Code: "counter-group", Kind: KindCounter, Windows: 2, Service: 30, Name: named(
			"Groups and Vouchers", "団体・引換窓口", "团体及兑换窗口", "團體及兌換窗口",
			"단체·교환 창구")},
		{Code: "gate-main", Kind: KindEntrance, Windows: 4, Service: 10.5, Name: named(
			"Main Entrance", "正面入口", "正门入口", "正門入口", "정문 입구")},
		{Code: "gate-station", Kind: KindEntrance, Windows: 3, Service: 10.5, Name: named(
			"Station Entrance", "駅前入口", "车站入口", "車站入口", "역 앞 입구")},
	}
}
