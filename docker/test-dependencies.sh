#!/usr/bin/env bash
# Makes sure that what the tests need is on this machine: PostgreSQL with PostGIS and pgRouting, Redis, Chromium, a CJK font.
# Exit 0: all there, or now installed. Exit 10: not there, but a docker engine can run the tests in a container
# (docker/compose.test.yaml). Exit 1: says what to install. Nothing is started and no port is used.
set -euo pipefail

have() { command -v "$1" >/dev/null 2>&1; }
any() { compgen -G "$1" >/dev/null; }

missing=()
any '/usr/lib/postgresql/*/bin/initdb' || have initdb || missing+=('PostgreSQL 15 or later')
sharedirs=(/usr/share/postgresql/*/extension)
have pg_config && sharedirs+=("$(pg_config --sharedir)/extension")
extension() { for dir in "${sharedirs[@]}"; do [ -e "$dir/$1.control" ] && return 0; done; return 1; }
extension postgis || missing+=('PostGIS 3')
extension pgrouting || missing+=('pgRouting')
have redis-server || missing+=('redis-server')
have chromium || have google-chrome || missing+=('Chromium')
any '/usr/share/fonts/opentype/noto/NotoSansCJK*' || (have fc-list && [ -n "$(fc-list :lang=zh-cn family)" ]) ||
  missing+=('a CJK font (fonts-noto-cjk)')

[ ${#missing[@]} -eq 0 ] && exit 0
list=$(printf '%s, ' "${missing[@]}")
echo "tests need, and this machine lacks: ${list%, }" >&2

if [ "$(id -u)" = 0 ] && have apt-get; then
  echo 'installing with apt-get' >&2
  export DEBIAN_FRONTEND=noninteractive
  apt=(apt-get -qq -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update >&2
  # Debian names the extension packages after the server's major version, which its metapackage knows.
  version=$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\).*/\1/p' | head -n 1)
  "${apt[@]}" install -y --no-install-recommends "postgresql-$version" "postgresql-$version-postgis-3" \
    "postgresql-$version-pgrouting" redis-server chromium fonts-noto-cjk >&2 </dev/null
  exit 0
fi

if have docker && docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; then
  exit 10
fi

cat >&2 <<'HELP'
Install them (on Debian or Ubuntu, as root:
  apt-get install postgresql postgresql-15-postgis-3 postgresql-15-pgrouting redis-server chromium fonts-noto-cjk
with the version your release has), or start a docker engine with compose, and run the tests again.
HELP
exit 1
