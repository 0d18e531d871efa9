#!/bin/sh
# Installs psup for this user, without root:  sh install.sh  |  sh install.sh --uninstall [--purge]
#
# PSUP_FROM    where a release is: a directory, or an https address. By default the directory of this script;
#              where that is a clone without a release, psup is built with cargo.
# PSUP_PREFIX  where to: bin/psup and share/ below it. By default ~/.local
# --uninstall  removes what was installed and the skills it wrote; --purge also what sessions have printed.
set -eu
prefix=${PSUP_PREFIX:-$HOME/.local}
here=$(cd "$(dirname "$0")" && pwd)
from=${PSUP_FROM:-$here}
die() { echo "install.sh: $*" >&2; exit 1; }

if [ "${1:-}" = --uninstall ]; then
  [ -x "$prefix/bin/psup" ] || die "there is no psup in $prefix/bin"
  for profile in default $(ls "$HOME/.local/state/psup" 2>/dev/null); do
    "$prefix/bin/psup" --quiet --profile "$profile" shutdown 2>/dev/null || [ $? = 5 ] ||
      die "sessions run: 'psup --profile $profile stop --all' ends them"
  done
  "$prefix/bin/psup" --quiet skill uninstall >/dev/null || true
  rm -f "$prefix/bin/psup" "$prefix"/share/man/man1/psup.1 "$prefix"/share/man/man1/psup-*.1
  rm -rf "$prefix/share/doc/psup" "$prefix/share/bash-completion/completions/psup" "$prefix/share/zsh/site-functions/_psup" "$prefix/share/fish/vendor_completions.d/psup.fish"
  [ "${2:-}" != --purge ] || rm -rf "$HOME/.local/state/psup" "/run/user/$(id -u)/psup" "/tmp/psup-$(id -u)"
  for dir in share/man/man1 share/doc share/bash-completion/completions share/zsh/site-functions share/fish/vendor_completions.d bin; do
    (cd "$prefix" && rmdir -p "$dir") 2>/dev/null || true
  done
  rmdir "$HOME/.local/state" "$prefix" 2>/dev/null || true
  echo "removed $prefix/bin/psup"
  exit
fi

[ "$(uname -s)" = Linux ] || die "there is no release for $(uname -s)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
get() { # FILE
  case $from in
    https://*) if command -v curl >/dev/null; then curl -fsSL "$from/$1" -o "$work/$1"; else wget -q "$from/$1" -O "$work/$1"; fi ;;
    *) [ ! -f "$from/$1" ] || cp "$from/$1" "$work/$1" ;;
  esac
}
get SHA256SUMS || die "there is no release at $from"
if [ -f "$work/SHA256SUMS" ]; then
  file=$(sed -n "s/^[0-9a-f]*  \(psup-.*-$(uname -m)-linux\.tar\.gz\)$/\1/p" "$work/SHA256SUMS")
  [ -n "$file" ] || die "the release at $from has nothing for $(uname -m)"
  get "$file"
  (cd "$work" && grep "  $file$" SHA256SUMS | sha256sum -c - >/dev/null 2>&1) || die "the checksum of $file is wrong"
  tar xzf "$work/$file" -C "$work"
  tree=$(echo "$work"/psup-*/)
elif [ -f "$from/Cargo.toml" ]; then
  binary=$("$from/scripts/release")
  tree=$work/tree && "$from/scripts/tree" "$binary" "$tree"
else
  die "there is no release in $from; PSUP_FROM says where one is"
fi
mkdir -p "$prefix/bin"
cp "$tree/bin/psup" "$prefix/bin/.psup.new" && mv "$prefix/bin/.psup.new" "$prefix/bin/psup"
cp -R "$tree/share" "$prefix/"
echo "installed $prefix/bin/psup: $("$prefix/bin/psup" --version)"
case :$PATH: in *:"$prefix/bin":*) ;; *) echo "add it to your PATH:  export PATH=\"$prefix/bin:\$PATH\"" ;; esac
