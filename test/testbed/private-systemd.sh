#!/bin/sh
# A systemd of its own as PID 1, until the input of this script ends. To be run as root, in a mount namespace that nobody else
# needs. Prints the process id of that systemd. What it and its services write stays in memory.
#   $1  folder with all the unit files that it shall know
#   $2  the repository, to be its /usr/local/lib/virtioize
#   $3  the program that runs it, node
set -eu

mount -t cgroup2 virtioize-test /sys/fs/cgroup
group=/sys/fs/cgroup/virtioize-test-$$
mkdir "$group"

tidy() {
  echo 1 >"$group/cgroup.kill"
  wait
  # The kernel takes a moment to see that it is empty.
  while [ -d "$group" ] && ! find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; do sleep 0.1; done
}
trap tidy EXIT

# What the new PID 1 sees, and then becomes.
inside=$(
  cat <<'INSIDE'
set -eu
memory=/run/virtioize-test
mkdir "$memory"
mount -t tmpfs virtioize-test "$memory"
mkdir "$memory/libvirt"
mount --bind /var/lib/libvirt "$memory/libvirt"
for folder in /etc /usr/local /var/cache /var/lib /var/log; do
  upper=$memory/upper$folder work=$memory/work$folder
  mkdir -p "$upper" "$work"
  mount -t overlay -o "lowerdir=$folder,upperdir=$upper,workdir=$work" virtioize-test "$folder"
done
mkdir -p /var/lib/libvirt /usr/local/bin /usr/local/lib/virtioize /etc/systemd/journald.conf.d
mount --bind "$memory/libvirt" /var/lib/libvirt
mount --bind "$2" /usr/local/lib/virtioize
cp -R "$1" "$memory/units"
ln -sf ../lib/virtioize/bin/virtioize.js /usr/local/bin/virtioize
if [ "$(command -v node)" != "$3" ]; then
  : >>/usr/local/bin/node
  mount --bind "$3" /usr/local/bin/node
fi
printf '[Journal]\nStorage=volatile\nReadKMsg=no\nForwardToConsole=no\n' >/etc/systemd/journald.conf.d/test.conf
mount -t tmpfs virtioize-test /tmp
mount -t tmpfs virtioize-test /var/tmp

mount -t proc proc /proc
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount --bind /dev/null /dev/console
umount /sys/fs/cgroup
mount -t cgroup2 virtioize-test /sys/fs/cgroup
exec env -i container=virtioize-test SYSTEMD_UNIT_PATH="$memory/units" SYSTEMD_GENERATOR_PATH=/nonexistent \
  SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nonexistent /lib/systemd/systemd --system --unit=basic.target --log-target=journal
INSIDE
)
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
(
  echo 0 >"$group/cgroup.procs"
  exec unshare --cgroup --mount --propagation private --pid --fork --uts --ipc sh -c "$inside" sh "$@"
) </dev/null >&2 &
until grep -s . "$group/init.scope/cgroup.procs"; do
  kill -0 $!
  sleep 0.1
done
cat >/dev/null
