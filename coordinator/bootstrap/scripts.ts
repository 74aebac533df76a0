// What is run on a host as root, or by the login, to bring an agent there. Each may be run again after a crash at any line.

const IDENTITY = '/var/lib/ringmaster-agent/identity';

/** Lines of `name value`, read by readHostFacts. */
export const LOOK = `
echo "uid $(id -u)"
echo "machine $(uname -m)"
if [ -d /run/systemd/system ]; then echo "systemd yes"; fi
echo "service $(systemctl is-enabled ringmaster-agent 2>/dev/null)"
if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then echo "format deb"
elif command -v rpm >/dev/null; then echo "format rpm"; fi
# One that dpkg or rpm has half configured is none; one that neither knows was put there by hand.
case "$(dpkg-query -W -f "\\\${db:Status-Abbrev}" ringmaster-agent 2>/dev/null)" in ""|?[inc]|?[inc]" ") whole=yes ;; *) whole=no ;; esac
if rpm -q ringmaster-agent >/dev/null 2>&1 && ! ringmaster-agent version >/dev/null 2>&1; then whole=no; fi
if command -v ringmaster-agent >/dev/null; then
  if [ $whole = yes ]; then echo "agent $(ringmaster-agent version 2>/dev/null)"; fi
  ringmaster-agent status 2>/dev/null | sed -n "s/^node: /node /p"
  sed -n 's/.*"certificatePem": *"\\([^"]*\\)".*/certificate \\1/p' ${IDENTITY}/identity.json 2>/dev/null
fi
free() { df -Pk "$1" 2>/dev/null | awk "NR == 2 { print \\$4 }"; }
echo "free-usr $(free /usr)"
echo "free-upload $(free /var/tmp)"
`;

/** Of one try. Nobody else can have made it: a try has an id that nobody guesses. */
export const uploadDirectory = (tryId: string): string => `/var/tmp/ringmaster-agent.${tryId}`;

/** What a coordinator left that died, for longer than any try takes; by whoever it belongs to. */
const removeOld = (pattern: string): string =>
  `find /var/tmp -maxdepth 1 -name "${pattern}" -user "$(id -u)" -mmin +120 -exec rm -rf {} + 2>/dev/null`;

/** By the login itself: $1 is the directory of this try. */
export const MAKE_UPLOAD_DIRECTORY = `${removeOld('ringmaster-agent.*')}; umask 077; mkdir "$1"`;

/** $1: the package; $2: its SHA-256; $3: deb or rpm. The file is that of a user, so it is looked at as root, and again where it is used from. It stays: while another installs there, this is run again. */
export const INSTALL = `
${removeOld('ringmaster-agent.root.*')}
set -e
own=$(mktemp -d /var/tmp/ringmaster-agent.root.XXXXXXXX)
trap 'rm -rf "$own"' EXIT
file=$own/$(basename "$1")
cat "$1" >"$file"
if ! echo "$2  $file" | sha256sum -c - >/dev/null 2>&1; then echo "the package is not what was sent: its checksum differs"; exit 90; fi
exec 2>&1
export LC_ALL=C
if [ "$3" = deb ]; then
  # The others hook into apt: one restarts services by itself, a database among them, the other may ask.
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
  # What was cut off is brought to its end first: apt does nothing before.
  dpkg --force-confold --configure ringmaster-agent >/dev/null 2>&1 || true
  apt-get -y -q -o Dpkg::Options::=--force-confold --reinstall install "$file"
else rpm -U --replacepkgs "$file"; fi
`;

/** The bundle comes on standard input: it is a secret. Ends before its coordinator gives up: there may be many addresses to try. */
export const ENROL = 'exec 2>&1; timeout 50 ringmaster-agent enrol';

/** What the agent was doing is kept: only who it is goes. */
export const FORGET_IDENTITY = `exec 2>&1; systemctl stop ringmaster-agent; rm -rf ${IDENTITY}`;

export const START = 'exec 2>&1; systemctl daemon-reload; systemctl enable --now ringmaster-agent';

export const STATUS = 'exec 2>&1; ringmaster-agent status; systemctl is-active ringmaster-agent';
