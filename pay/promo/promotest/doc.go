// Package promotest lets tests have wallets that give discounts.
package promotest
