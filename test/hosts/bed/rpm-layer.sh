#!/usr/bin/env bash
# Makes what an RPM host has over a Debian one: dnf, an RPM database, no apt. Usage: rpm-layer.sh BASE DIRECTORY
# It is Debian's userland with dnf: good for what a package manager does, no proof of SELinux, chkconfig or RHEL's paths.
set -euo pipefail
export layer=$2 base=$1
mkdir -p "$layer" "$layer.work"
unshare --mount bash -euo pipefail <<'INSIDE'
root=$layer.root
mkdir -p "$root"
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$base,upperdir=$layer,workdir=$layer.work" "$root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
cat /etc/resolv.conf >"$root/etc/resolv.conf"
cp "$root/usr/share/made-from.list" "$root/etc/apt/sources.list"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
chroot "$root" apt-get update -q
DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y -q --no-install-recommends dnf rpm

# The RPM database knows nothing of the files of Debian's packages: one empty package owns up to what others ask for.
spec=$(mktemp -d)
cat >"$spec/userland.spec" <<'SPEC'
Name: userland
Version: 9
Release: 1
Summary: What the image holds without the package manager's knowledge
License: none
BuildArch: noarch
Provides: /bin/sh
Provides: /bin/bash
Provides: /usr/bin/python3
Provides: java-17-openjdk-headless = 1:17
Provides: java-headless = 1:17
Provides: system-release = 9
%description
%{summary}
%files
SPEC
rpmbuild --quiet -bb --define "_topdir $spec" "$spec/userland.spec"
cp "$spec"/RPMS/noarch/userland-*.rpm "$root/tmp/userland.rpm"
chroot "$root" rpm -i /tmp/userland.rpm
rm -rf "$spec"

cat >"$root/etc/os-release" <<'RELEASE'
NAME="Rocky Linux"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PRETTY_NAME="Rocky Linux 9.4"
RELEASE
mkdir -p "$root/etc/dnf/vars" "$root/etc/yum.repos.d"
echo 9 >"$root/etc/dnf/vars/releasever"
ln -sf dnf-3 "$root/usr/bin/yum"
ln -s /usr/bin/update-alternatives "$root/usr/sbin/alternatives"
rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/apt/sources.list" "$root"/usr/bin/apt "$root"/usr/bin/apt-* "$root/etc/debian_version" "$root/tmp/userland.rpm"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
: >"$root/etc/resolv.conf"
INSIDE
rm -rf "$layer.work" "$layer.root"
