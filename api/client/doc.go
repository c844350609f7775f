// Package client speaks /v1 of a network in Go, for the systems of banks and merchants. What only
// operators may do is left out: they have pages and commands.
//
// It is generated from openapi.json by oapi-codegen: a method for each operation, a type for each
// body. Connect makes a client; a method that ends in WithResponse reads the answer into a field by
// its status, such as JSON200, and a refusal into ApplicationProblemJSONDefault.
//
//	c, err := client.Connect("https://pay.example", key)
//	p, err := c.ReadPaymentWithResponse(ctx, id)
//	if err == nil {
//		err = client.Refused(p)
//	}
//
// The generated files are models.gen.go and client.gen.go; `make generate` writes them anew.
package client
