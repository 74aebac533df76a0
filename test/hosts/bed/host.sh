# Boots one host: its own network, cgroup and namespaces around pid1.sh; ends when the host has ended.
# Usage: host.sh BRIDGE NAME ADDRESS DIRECTORY LOWER CGROUPS systemd|shell
set -euo pipefail
bridge=$1 name=$2 address=$3 directory=$4 lower=$5 cgroup=$6/$1-$2
namespace=$bridge-$(basename "$directory")
if [ ! -e "/run/netns/$namespace" ]; then # kept over a reboot
  ip netns add "$namespace"
  ip link add "$namespace" type veth peer name eth0 netns "$namespace"
  ip link set "$namespace" master "$bridge" up
  ip -n "$namespace" link set lo up
  ip -n "$namespace" addr add "$address/24" dev eth0
  ip -n "$namespace" link set eth0 up
fi
mkdir -p "$cgroup" "$directory/work" "$directory/root"
echo $$ >"$cgroup/cgroup.procs"
exec nsenter --net="/run/netns/$namespace" \
  unshare --pid --fork --mount --uts --ipc --cgroup --kill-child=KILL \
  bash "$(dirname "$0")/pid1.sh" "$name" "$directory" "$lower" "$7"
