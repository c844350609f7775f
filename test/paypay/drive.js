// Makes one call with PayPay's own client library and prints what it answered as the last line.
// Arguments: the name of the function, its arguments as a JSON array. The environment says where
// the wallet listens (PAYPAY_PORT) and who calls (PAYPAY_KEY, PAYPAY_SECRET, PAYPAY_MERCHANT).
"use strict";
const paypay = require("@paypayopa/paypayopa-sdk-node");

paypay.Configure({
	clientId: process.env.PAYPAY_KEY,
	clientSecret: process.env.PAYPAY_SECRET,
	merchantId: process.env.PAYPAY_MERCHANT,
	conf: new paypay.Conf({ hostName: "127.0.0.1", portNumber: Number(process.env.PAYPAY_PORT) }),
});

const [name, args] = process.argv.slice(2);
Promise.resolve(paypay[name](...JSON.parse(args))).then((answer) => {
	process.stdout.write("\n" + JSON.stringify(answer));
});
