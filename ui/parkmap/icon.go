package parkmap

import "watari/visit/park/ground"

// Icons of points, drawn on a square of 24 with a line of 2. They carry no text; each stands beside
// its name.
var icons = map[ground.Kind]string{
	ground.Ride:       "M3 18c3 0 3-11 7-11s3 8 6 8 2-5 5-5M3 20h18M8 12v8M16 15v5",
	ground.Show:       "M12 3l2.6 5.6 6 .7-4.5 4.1 1.3 6L12 16.3 6.6 19.4l1.3-6L3.4 9.3l6-.7Z",
	ground.Restaurant: "M4 11h16a8 6 0 0 1-16 0ZM7 20h10M9 4v4M13 3v5",
	ground.Shop:       "M5 8h14l1 13H4ZM8.5 10V7a3.5 3.5 0 0 1 7 0v3",
	ground.Counter:    "M3 7h18v3.5a1.7 1.7 0 0 0 0 3V17H3v-3.5a1.7 1.7 0 0 0 0-3ZM13 8v8",
	ground.Gate:       "M3 6c6 2 12 2 18 0M5 10h14M7 6.5V21M17 6.5V21",
	ground.Restroom:   "M8 4.5v.1M16 4.5v.1M5.5 9h5L9.5 21h-3ZM16 8v13M13 9h6l-1.5 6h-3Z",
	ground.FirstAid:   "M9.5 4h5v5.5H20v5h-5.5V20h-5v-5.5H4v-5h5.5Z",
	ground.Info:       "M12 6v.1M12 10.5V19M10 10.5h2M9.5 19h5",
	ground.Locker:     "M5 3h14v18H5ZM5 12h14M12 3v18M9 7.5v.1M16 7.5v.1M9 16.5v.1M16 16.5v.1",
	ground.ATM:        "M3 6h18v12H3ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
	ground.Stroller:   "M4 10h14a7 7 0 0 0-7-7v7M18 10l2-5h2M5 10l2 6h9l2-6M8 20v.1M15 20v.1",
	ground.Smoking:    "M3 14h13v4H3ZM19 14v4M19 10c0-3-4-2-4-5",
	ground.Prayer:     "M4 21V11c3-1 5-3 8-7 3 4 5 6 8 7v10M10 21v-5a2 2 0 0 1 4 0v5",
	ground.Nursing:    "M9 8h6l1 4v9H8v-9ZM9 8V5h6v3M10 3h4",
	ground.BikePort: "M6 19a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z" +
		"M18 19a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z" +
		"M6 15.5 10 8h5l3 7.5M9 5h3",
	ground.Charging: "M13 2 5 13.5h6L10 22l9-12.5h-6.5Z",
}

func iconOf(k ground.Kind) string { return icons[k] }
