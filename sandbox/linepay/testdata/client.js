// Makes one call with the public client line-pay-merchant, and prints what came of it as JSON.
//
// usage: node client.js CALL CONFIG, with BASE, CHANNEL and SECRET in the environment. CALL is a
// member of the client, CONFIG the JSON that its send takes.
'use strict'

const axios = require('axios')

// The client knows two hosts and no other.
const create = axios.create
axios.create = (config) => create({ ...config, baseURL: process.env.BASE })

const { createLinePayClient } = require('line-pay-merchant')

const client = createLinePayClient({
  channelId: process.env.CHANNEL,
  channelSecretKey: process.env.SECRET,
  env: 'development',
})

client[process.argv[2]].send(JSON.parse(process.argv[3])).then(
  ({ body }) => console.log(JSON.stringify(body)),
  (err) => console.log(JSON.stringify(err.data ?? { returnCode: 'none', error: String(err) })),
)
