#!/usr/bin/env bash
# Makes the root file system of a Debian host. Usage: image.sh DIRECTORY
set -euo pipefail
root=$1
mmdebstrap --quiet --variant=minbase --include=systemd,systemd-sysv,dbus,iproute2,iputils-ping,procps,ca-certificates,adduser,openssh-server,openssh-client,sudo,openjdk-17-jre-headless,rsync,less,curl \
  bookworm "$root"

# What has no meaning in a namespace, or would run by the clock.
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-kernel.socket systemd-udevd-control.socket \
  systemd-modules-load.service sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount \
  dev-mqueue.mount sys-fs-fuse-connections.mount getty.target console-getty.service systemd-timesyncd.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer systemd-remount-fs.service \
  systemd-resolved.service systemd-networkd.service systemd-logind.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
: >"$root/etc/machine-id" # each host makes its own
: >"$root/etc/resolv.conf"
# Hosts reach nothing but their bed: the only repositories are those that a test adds.
# What it was made from stays beside it: the layer for RPM has to agree with it in versions.
mv "$root/etc/apt/sources.list" "$root/usr/share/made-from.list"
