#!/usr/bin/env bash
# Makes dist/preamble_<version>_<arch>.deb and dist/preamble-<version>-linux-<arch>.tar.gz.
#   bash packaging/build.sh
# PROFILE=release builds faster and some larger; icons are made again by packaging/icons.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
profile="${PROFILE:-dist}"
built="${CARGO_TARGET_DIR:-target}/$profile"
version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)"
arch="$(uname -m)"
if ! cargo deb --version 2>/dev/null | grep -q '^3\.'; then
  cargo install cargo-deb --version 3.8.0 --locked --debug --quiet
fi
# A package must not tell where it was built.
export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo --remap-path-prefix=$PWD=preamble"
cargo build --locked --profile "$profile"
mkdir -p dist
cargo deb --no-build --no-strip --profile "$profile" --output dist/

# Everything in one folder: unpack anywhere and start ./preamble.
name="preamble-$version-linux-$arch"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/$name"
cp "$built/preamble" README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$folder/$name/"
cp packaging/preamble.desktop packaging/preamble.svg "$folder/$name/"
cp -r docs "$folder/$name/docs"
# The same files give the same archive, whoever packs them and when.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="$(git log -1 --format=%cI 2>/dev/null || date -Iseconds)" \
  -C "$folder" -cf - "$name" | gzip -9n >"dist/$name.tar.gz"
(cd dist && sha256sum -- *.deb *.tar.gz >SHA256SUMS && ls -l)
