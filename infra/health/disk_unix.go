//go:build linux || darwin

package health

import "syscall"

// freeSpace is what a user without privileges may still write, in bytes.
func freeSpace(dir string) (free uint64, known bool, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, false, err
	}
	return st.Bavail * uint64(st.Bsize), true, nil
}
