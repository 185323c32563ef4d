// Package check holds the tests of what infra/deploy is made of: the Dockerfile, the compose file, the Helm chart, and the
// names that all of them use. They read the files with the parsers of Docker, Compose, Helm and Kubernetes, which is why this is
// a module of its own: none of them is to become a dependency of Herald's.
//
// What they cannot tell: whether an image builds and a cluster takes it (there is no Docker daemon and no cluster where the
// tests run), and whether the Bicep file compiles (its compiler is no Go library). See the README beside this folder.
//
// Run them with -count=1: Go does not look at files outside a module when it takes a result from its cache.
package check
