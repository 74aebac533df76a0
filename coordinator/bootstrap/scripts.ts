// What is run on a host as root, or by the login, to bring an agent there. Each may be run again after a crash at any line.

/** Lines of `name value`, read by readHostFacts. */
export const LOOK = `
echo "uid $(id -u)"
echo "machine $(uname -m)"
if [ -d /run/systemd/system ]; then echo "systemd yes"; fi
if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then echo "format deb"
elif command -v rpm >/dev/null; then echo "format rpm"; fi
if command -v ringmaster-agent >/dev/null; then
  echo "agent $(ringmaster-agent version 2>/dev/null)"
  ringmaster-agent status 2>/dev/null | sed -n "s/^node: /node /p"
fi
free() { df -Pk "$1" 2>/dev/null | awk "NR == 2 { print \\$4 }"; }
echo "free-usr $(free /usr)"
echo "free-upload $(free /var/tmp)"
`;

/** By the login itself: a directory of its own. What a coordinator left that died is removed on the way. */
export const MAKE_UPLOAD_DIRECTORY =
  'rm -rf /var/tmp/ringmaster-agent.*; umask 077; mktemp -d /var/tmp/ringmaster-agent.XXXXXXXX';

/** $1: the package; $2: its SHA-256; $3: deb or rpm. The file is that of a user, so it is looked at as root, and again where it is used from. */
export const INSTALL = `
set -e
own=$(mktemp -d /var/tmp/ringmaster-agent.root.XXXXXXXX)
trap 'rm -rf "$own"' EXIT
file=$own/$(basename "$1")
cat "$1" >"$file"
if ! echo "$2  $file" | sha256sum -c - >/dev/null 2>&1; then echo "the package is not what was sent: its checksum differs"; exit 90; fi
rm -f "$1"
exec 2>&1
if [ "$3" = deb ]; then
  DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold install "$file"
else rpm -U --replacepkgs "$file"; fi
`;

/** The bundle comes on standard input: it is a secret. */
export const ENROL = 'exec 2>&1; ringmaster-agent enrol';

export const START = 'exec 2>&1; systemctl daemon-reload; systemctl enable --now ringmaster-agent';

export const STATUS = 'exec 2>&1; ringmaster-agent status; systemctl is-active ringmaster-agent';
