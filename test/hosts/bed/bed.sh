# Makes the bridge of a bed, says its number, and removes all that the bed's hosts were once standard input ends:
# that is when the runner is done, or has died in whatever way. Usage: bed.sh DIRECTORY CGROUPS
set -euo pipefail
directory=$1 cgroups=$2

remove_bed() {
  local bridge=rmb$1 cgroup namespace
  for cgroup in "$cgroups/$bridge"-*; do
    [ -d "$cgroup" ] || continue
    echo 1 >"$cgroup/cgroup.kill"
    while grep -q 'populated 1' "$cgroup/cgroup.events"; do sleep 0.02; done
    find "$cgroup" -depth -type d -exec rmdir {} +
  done
  for namespace in /run/netns/"$bridge"-*; do
    [ -e "$namespace" ] && ip netns del "$(basename "$namespace")"
  done
  if ip link show "$bridge" >/dev/null 2>&1; then ip link del "$bridge"; fi
  rm -rf "${directory:?}/$bridge"
}

mkdir -p "$directory"
mine=
for ((number = 0; number < 255; number++)); do
  if [ -n "$mine" ]; then
    # Beyond the own one only what a killed bed left is of interest.
    [ -e "$directory/$number.lock" ] || continue
    exec 8>"$directory/$number.lock"
    if flock -n 8; then remove_bed "$number"; fi
    exec 8>&-
  else
    exec 9>"$directory/$number.lock"
    if flock -n 9; then
      mine=$number
      remove_bed "$number"
    fi
  fi
done
trap '' INT TERM HUP # Ctrl-C is for the runner, whose end is waited for
ip link add "rmb$mine" type bridge forward_delay 0
ip addr add "10.77.$mine.1/24" dev "rmb$mine"
ip link set "rmb$mine" up
mkdir "$directory/rmb$mine"
echo "$mine"
cat >/dev/null 9>&-
remove_bed "$mine"
