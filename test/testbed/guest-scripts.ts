/**
 * The shell scripts inside a test guest, for busybox. They load drivers as udev would: every device on every bus names the
 * driver it wants in its `modalias`, and drivers that appear bring up further buses, hence the loops.
 */

/** `/init` of the initramfs: find the root file system named on the kernel command line, or stop and say so. */
export const initramfsInit = `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1

root=
rootfstype=ext4
wait_seconds=10
for argument in $(cat /etc/cmdline.d/*.conf /proc/cmdline 2>/dev/null); do
	case $argument in
	root=*) root=\${argument#root=} ;;
	rootfstype=*) rootfstype=\${argument#rootfstype=} ;;
	rootdelay=*) wait_seconds=\${argument#rootdelay=} ;;
	esac
done

load_drivers() {
	modprobe -a -q $(cat /sys/bus/pci/devices/*/modalias /sys/bus/virtio/devices/*/modalias \\
		/sys/bus/usb/devices/*/modalias /sys/bus/scsi/devices/*/modalias 2>/dev/null | sort -u) 2>/dev/null
}

find_root() {
	case $root in
	UUID=* | LABEL=*) device=$(findfs "$root" 2>/dev/null) ;;
	*) device=$root ;;
	esac
	[ -b "$device" ]
}

# What puts disks together, as initramfs-tools has it, and what waits for them, as dracut has it.
assemble() {
	for script in /scripts/local-block/*; do [ ! -x "$script" ] || "$script"; done
}
is_all_there() {
	for hook in /usr/lib/dracut/hooks/initqueue/finished/*.sh; do [ ! -e "$hook" ] || sh "$hook" || return 1; done
}

seconds_up() {
	read -r up idle </proc/uptime
	echo "\${up%.*}"
}

modprobe -a -q crc32c_generic $rootfstype
load_drivers # however long that takes on a busy host
deadline=$(($(seconds_up) + wait_seconds))
until load_drivers; assemble; find_root && is_all_there; do
	if [ "$(seconds_up)" -ge "$deadline" ]; then
		for terminal in /dev/console /dev/tty1; do
			{
				echo "Gave up waiting for root file system device."
				echo "ALERT! $root does not exist."
				echo "ROOT NOT FOUND"
				echo "(initramfs)"
			} >$terminal
		done
		while :; do sleep 3600; done
	fi
	sleep 0.1
done

mount -t $rootfstype -o rw "$device" /root
for folder in proc sys dev; do mount --move /$folder /root/$folder; done
exec switch_root /root /sbin/init
`;

/** `/etc/inittab`: no login, nothing that starts again by itself. */
export const inittab = `::sysinit:/etc/init.d/rcS
::ctrlaltdel:/sbin/shutdown -r
`;

/** `/etc/init.d/rcS`: bring the system up as `/etc/default/testbed` says, then report on the serial console. */
export const rcS = `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
. /etc/default/testbed

mount -o remount,rw /
mount -t tmpfs -o mode=755 tmpfs /run
hostname -F /etc/hostname

load_drivers() {
	modprobe -a -q $(cat /sys/bus/pci/devices/*/modalias /sys/bus/virtio/devices/*/modalias \\
		/sys/bus/usb/devices/*/modalias /sys/bus/scsi/devices/*/modalias 2>/dev/null | sort -u) 2>/dev/null
}

# Every file system that /etc/fstab wants has its device (busybox findfs prints it).
volumes_present() {
	while read -r device folder type options rest; do
		case $device,$type,$options, in
		'#'* | ,* | *,swap,* | *,noauto,* | *,nofail,*) continue ;;
		UUID=* | LABEL=*) findfs "$device" >/dev/null 2>&1 || return 1 ;;
		/dev/*) [ -b "$device" ] || return 1 ;;
		esac
	done </etc/fstab
}

# Devices come up one after another: settled means that a round of loading drivers brought none.
settle() {
	before=
	rounds=0
	while [ $rounds -lt 100 ]; do
		load_drivers
		after=$(echo /sys/bus/*/devices/* /sys/block/*)
		[ "$before" = "$after" ] && volumes_present && return
		before=$after
		rounds=$((rounds + 1))
		sleep 0.1
	done
	echo "gave up waiting for a device in /etc/fstab"
}

modprobe -a -q $DRIVERS
settle
mount -a
date >>/var/log/boots
sync

mkdir -p /dev/virtio-ports
for port in /sys/class/virtio-ports/*; do
	[ -s "$port/name" ] && ln -sf "/dev/\${port##*/}" "/dev/virtio-ports/$(cat "$port/name")"
done
[ "$ACPID" = 1 ] && acpid -c /etc/acpi -l /run/acpid.log -p /run/acpid.pid
if [ "$AGENT" = 1 ] && [ -e /dev/virtio-ports/org.qemu.guest_agent.0 ]; then
	qemu-ga --retry-path \${AGENT_BLOCKED:+--block-rpcs=$AGENT_BLOCKED} </dev/null >/run/qemu-ga.log 2>&1 &
	# Up means that it can be asked: whoever waits for this system may do so at once.
	rounds=0
	until ls -l /proc/$!/fd 2>/dev/null | grep -q vport || [ $rounds -ge 100 ]; do
		rounds=$((rounds + 1))
		sleep 0.1
	done
fi

mount_points() {
	while read -r device folder rest; do
		case $device in /dev/$1 | /dev/$1[0-9]* | /dev/$1p[0-9]*) echo "$folder" ;; esac
	done </proc/mounts
}

for disk in /sys/block/*; do
	name=\${disk##*/}
	mounts=$(mount_points "$name")
	echo "TESTBED disk $name size=$(cat "$disk/size") mounts=$(echo $mounts | tr ' ' ,)"
done
echo "TESTBED mounted $(cut -d ' ' -f 2 /proc/mounts | sort -u | tr '\\n' ,)"
echo "TESTBED booted"
echo "$(cat /etc/hostname) is up" >/dev/tty1

if [ "$WRITER" = 1 ]; then
	while :; do
		date >/var/log/writer
		sync
		sleep 1
	done </dev/null >/dev/null 2>&1 &
fi
`;

/** `/sbin/shutdown`, which qemu-ga calls as `shutdown -h -P|-H|-r +0 <message>`: end it all at once, cleanly. */
export const shutdown = `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
action="poweroff -f"
for argument in "$@"; do
	case $argument in
	-r) action="reboot -f" ;;
	-H) action="halt -f" ;;
	esac
done
trap '' TERM
kill -TERM -1
sync
umount -a -r 2>/dev/null
$action
`;

/** `/etc/acpi/PWRF/00000080`, which busybox acpid runs when the power button is pressed. */
export const powerButton = `#!/bin/sh
exec /sbin/shutdown -P
`;
