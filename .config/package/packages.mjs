// What the packages are: their files, the services they bring and the scripts around them.
import { dirname } from 'node:path';

const AGENT = {
  name: 'ringmaster-agent',
  summary: 'Ringmaster agent: carries out jobs on a DSE or Apache Cassandra host',
  description: [
    'Takes jobs from a Ringmaster coordinator, to which it dials out, installs, configures',
    'and restarts the database node here, and streams back what it did. Brings its own Node.js.',
  ],
  /** below dist: with the packages that these import */
  programs: ['agent', 'shared'],
  files: [
    ['agent/launcher', '/usr/bin/ringmaster-agent', 0o755],
    ['agent/ringmaster-agent.service', '/usr/lib/systemd/system/ringmaster-agent.service', 0o644],
  ],
  config: ['agent/agent.yaml', '/etc/ringmaster/agent.yaml', 0o644],
  state: '/var/lib/ringmaster-agent',
  /** what jobs have left elsewhere and a purge takes along: a password, and what would keep a node from starting for ever */
  left: [
    '/etc/apt/auth.conf.d/opsc.conf',
    '/etc/systemd/system/cassandra.service.d/ringmaster-hold.conf',
    '/etc/systemd/system/dse.service.d/ringmaster-hold.conf',
  ],
  user: null,
  /** made below the state, for the operator to put something in */
  folders: [],
};

const COORDINATOR = {
  name: 'ringmaster-coordinator',
  summary: 'Ringmaster coordinator: manages the lifecycle of DSE and Apache Cassandra rings',
  description: [
    'REST API, web desk and command line for jobs on rings, carried out by the agents on',
    'their hosts. Brings its own Node.js and PostgreSQL.',
  ],
  programs: ['coordinator', 'shared', 'ui'],
  files: [
    ['coordinator/launcher', '/usr/bin/ringmaster-coordinator', 0o755],
    ['coordinator/command-line', '/usr/bin/ringmaster', 0o755],
    [
      'coordinator/ringmaster-coordinator.service',
      '/usr/lib/systemd/system/ringmaster-coordinator.service',
      0o644,
    ],
  ],
  config: ['coordinator/coordinator.yaml', '/etc/ringmaster/coordinator.yaml', 0o644],
  state: '/var/lib/ringmaster',
  /** made by the operator, for what its unit reads from there: secrets */
  left: ['/etc/ringmaster/coordinator.env'],
  user: 'ringmaster',
  folders: ['/var/lib/ringmaster/agent-packages'],
};

export const PACKAGES = { agent: AGENT, coordinator: COORDINATOR };

const userOf = ({ user, state }) =>
  user === null
    ? ''
    : `getent group ${user} >/dev/null || groupadd --system ${user}
getent passwd ${user} >/dev/null || useradd --system --gid ${user} --home-dir ${state} --no-create-home --shell /usr/sbin/nologin ${user}
`;

// By the user whose state it is: root would follow a link that this user has put there.
const foldersOf = ({ user, state, folders }) =>
  folders.length === 0
    ? ''
    : `install -d -m 0700 -o ${user} -g ${user} ${state}
runuser -u ${user} -- mkdir -p -m 0755 ${folders.join(' ')} || :
`;

// Stopped before its files change: a program of one version that loads a part of the next would be neither. That it ran is
// remembered, so that a service which the operator has stopped stays so.
const stopForUpgrade = ({ name }) => `if systemctl is-active --quiet ${name}; then
  : >/run/${name}.upgrading
  systemctl stop ${name}
fi
`;
const startAfterUpgrade = ({ name }) => `if [ -e /run/${name}.upgrading ]; then
  rm -f /run/${name}.upgrading
  systemctl start ${name} || :
fi
`;
const whenSystemd = (body) => `if [ -d /run/systemd/system ]; then
${body}fi
`;

// Where the operator has moved the state to is for no script of root's to remove: it says so while the settings still tell.
const tellMoved = (
  { name, config, state },
  alsoBy = '',
) => `moved=$(sed -n 's/^data-dir:[[:space:]]*["'\\'']\\{0,1\\}\\([^"'\\''#]*[^"'\\''#[:space:]]\\).*/\\1/p' ${config[1]} 2>/dev/null) || :
if [ -n "$moved" ] && [ "$moved" != ${state} ] && [ -d "$moved" ]; then
  echo "${name}: its state in $moved (data-dir), with its keys, is left there${alsoBy}: remove it by hand where it is not needed any more"
fi
`;

/** Scripts of dpkg, by name; see Debian Policy, chapter 6. */
export const debScripts = (made) => ({
  preinst: userOf(made),
  prerm: whenSystemd(`if [ "$1" = upgrade ]; then
${stopForUpgrade(made)}elif [ "$1" = remove ]; then
  deb-systemd-invoke stop ${made.name}.service
fi
`),
  postinst: `case "$1" in configure|abort-upgrade|abort-remove|abort-deconfigure) ;; *) exit 0 ;; esac
${foldersOf(made)}deb-systemd-helper unmask ${made.name}.service >/dev/null || :
if deb-systemd-helper --quiet was-enabled ${made.name}.service; then
  deb-systemd-helper enable ${made.name}.service >/dev/null || :
else
  deb-systemd-helper update-state ${made.name}.service >/dev/null || :
fi
${whenSystemd(`systemctl daemon-reload
${startAfterUpgrade(made)}if [ "$1" = configure ] && { [ -z "$2" ] || [ -e /run/${made.name}.removed ]; }; then
  rm -f /run/${made.name}.removed
  deb-systemd-invoke start ${made.name}.service || :
fi
`)}`,
  postrm: `if [ "$1" = remove ]; then
${tellMoved(made, ', also by a purge')}${whenSystemd(`systemctl daemon-reload
: >/run/${made.name}.removed
`)}  deb-systemd-helper mask ${made.name}.service >/dev/null || :
elif [ "$1" = purge ]; then
  deb-systemd-helper purge ${made.name}.service >/dev/null || :
  deb-systemd-helper unmask ${made.name}.service >/dev/null || :
  rm -rf ${[made.state, `/run/${made.name}.removed`, ...made.left].join(' ')}
  rmdir ${dirname(made.config[1])} 2>/dev/null || :
${whenSystemd('  systemctl daemon-reload\n')}${made.user === null ? '' : `  if getent passwd ${made.user} >/dev/null; then userdel ${made.user} >/dev/null || :; fi\n`}fi
`,
});

/** Scripts of rpm; the first argument counts the versions there will be after it. */
export const rpmScripts = (made) => ({
  pre: `${userOf(made)}if [ "$1" -gt 1 ] && [ -d /run/systemd/system ]; then
${stopForUpgrade(made)}fi
`,
  post: `${foldersOf(made)}${whenSystemd(`systemctl daemon-reload
if [ "$1" = 1 ]; then systemctl --no-reload preset ${made.name} >/dev/null 2>&1 || :; fi
${startAfterUpgrade(made)}`)}`,
  preun: `if [ "$1" = 0 ]; then
${tellMoved(made)}  systemctl --no-reload disable ${made.name} >/dev/null 2>&1 || :
${whenSystemd(`  systemctl stop ${made.name}\n`)}fi
`,
  postun: whenSystemd('systemctl daemon-reload\n'),
});
