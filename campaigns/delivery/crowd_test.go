//go:build !race

package delivery_test

// crowd is the audience of the test of G7.
const crowd = 20_000
