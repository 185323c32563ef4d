//go:build race

package delivery_test

const crowd, reached = 3_000, 2_300
