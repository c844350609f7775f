// Runs an OpenID Connect provider on loopback until its standard input ends. The environment says
// where browsers go back to (OIDC_REDIRECT), the client's secret (OIDC_SECRET) and who there is
// (OIDC_ACCOUNTS: a JSON object of claims by login). Any password will do. The first line on
// standard output is the issuer.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const accounts = JSON.parse(process.env.OIDC_ACCOUNTS);
const server = createServer();
server.listen(0, "127.0.0.1", () => {
	const issuer = `http://127.0.0.1:${server.address().port}`;
	const provider = new Provider(issuer, {
		clients: [{
			client_id: "watari", client_secret: process.env.OIDC_SECRET,
			redirect_uris: [process.env.OIDC_REDIRECT], application_type: "native",
		}],
		claims: { email: ["email", "email_verified"], profile: ["name"] },
		pkce: { required: () => true },
		findAccount: (ctx, id) => accounts[id] && {
			accountId: id, claims: async () => ({ sub: accounts[id].sub ?? id, ...accounts[id] }),
		},
	});
	server.on("request", provider.callback());
	process.stdout.write(issuer + "\n");
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
