#!/bin/sh
# Installs what the tests of mail need besides Python: Postfix (with smtp-source and smtp-sink) and swaks.
# Does nothing where they are. Needs Debian or a child of it, and root or sudo without a password. The system's own
# Postfix is neither set up nor started: the tests start one of their own.
set -eu

PATH="$PATH:/usr/sbin:/usr/local/sbin:/sbin"

missing=""
command -v postfix >/dev/null 2>&1 && command -v smtp-source >/dev/null 2>&1 || missing="postfix"
command -v swaks >/dev/null 2>&1 || missing="$missing swaks"
[ -n "$missing" ] || exit 0

complain() {
  echo "tests/install_mail_tools.sh: $1; install by hand:$(printf ' %s' $missing)" >&2
  exit 1
}

command -v apt-get >/dev/null 2>&1 || complain "there is no apt-get"
if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  complain "root or sudo without a password is needed"
fi

# shellcheck disable=SC2086  # several words on purpose
install() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}

# Postfix without a configuration does not start as a server of the system's own.
echo "postfix postfix/main_mailer_type select No configuration" | $as_root debconf-set-selections 2>/dev/null || true
install >/dev/null 2>&1 || {
  $as_root apt-get update -q >/dev/null 2>&1 || complain "apt-get update failed"
  install >/dev/null || complain "apt-get install failed"
}
