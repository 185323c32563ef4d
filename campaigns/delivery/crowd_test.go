//go:build !race

package delivery_test

// crowd is the audience of the test of G7; reached are those of them who have the app, more than a window.
const crowd, reached = 20_000, 3_000
