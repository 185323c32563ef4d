#!/usr/bin/env bash
# Sees to it that what the tests need beside Go and Node.js is there: a Redis server, a
# PostgreSQL server, Chromium. Installs Debian's packages where root or sudo is at hand,
# else names what is missing and stops.
set -euo pipefail

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
[ -x /usr/bin/chromium ] || missing+=(chromium)
command -v gcc >/dev/null || missing+=(gcc libc6-dev) # go test -race needs cgo
command -v curl >/dev/null || missing+=(curl) # the administrator's guide uses it
# Chromium draws what people write: letters beyond Latin, and emoji.
fc-list 2>/dev/null | grep -qi 'noto.*emoji' || missing+=(fonts-noto-color-emoji)
fc-list 2>/dev/null | grep -qi 'liberation' || missing+=(fonts-liberation)

for tool in go node npm; do
  command -v "$tool" >/dev/null || { echo "make test needs $tool, which is not installed; see README.md" >&2; exit 1; }
done
[ ${#missing[@]} -eq 0 ] && exit 0

run=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    run=(sudo -n)
  else
    echo "make test needs these Debian packages, and neither root nor sudo is at hand to install them: ${missing[*]}" >&2
    exit 1
  fi
fi
command -v apt-get >/dev/null || { echo "make test needs these, and this is not Debian: ${missing[*]}" >&2; exit 1; }
echo "installing ${missing[*]}"
# Installing a server package must not start a server: the tests start their own.
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' | "${run[@]}" tee $policy >/dev/null
  "${run[@]}" chmod +x $policy
  made=yes
fi
trap '[ -z "$made" ] || "${run[@]}" rm -f $policy' EXIT
export DEBIAN_FRONTEND=noninteractive
"${run[@]}" apt-get update -qq
"${run[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
