# The first process of a host: mounts what systemd expects, enters the root file system, becomes systemd, or a shell that only
# buries what dies. Usage: pid1.sh NAME DIRECTORY LOWER systemd|shell; runs in the host's own namespaces.
set -euo pipefail
name=$1 directory=$2 lower=$3 init=$4
root=$directory/root
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$directory/upper,workdir=$directory/work" "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys" # the kernel is the machine's: a host must not set it
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755,size=64m tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for n in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${n%:*}" "$root/dev/${n#*:}"; done
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
while IFS=$'\t' read -r from to; do # of the machine, to be read
  if [ -d "$from" ]; then mkdir -p "$root$to"; else mkdir -p "$(dirname "$root$to")" && : >>"$root$to"; fi
  mount --bind "$from" "$root$to"
  mount -o remount,bind,ro "$root$to"
done <"$directory/shown"
: >"$root/dev/console"
mount --bind "$directory/console" "$root/dev/console"
hostname "$name"
cd "$root"
mkdir -p .old
pivot_root . .old
umount -l /.old
rmdir /.old
if [ "$init" = shell ]; then
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    /bin/sh -c 'trap "exit 0" 37; while :; do sleep 3600 & wait; done' </dev/null >/dev/console 2>&1
fi
# container= has systemd leave alone what is the machine's: its clock and modules are out of reach as well.
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=lxc LANG=C.UTF-8 \
  setpriv --bounding-set -sys_time,-sys_module,-sys_rawio /lib/systemd/systemd </dev/null >/dev/console 2>&1
