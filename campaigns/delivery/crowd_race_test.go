//go:build race

package delivery_test

const crowd = 5_000
